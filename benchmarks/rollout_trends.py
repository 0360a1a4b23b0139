"""Rollout policies on trend rules whose edge comes and goes: lines from one backtest each.

A moving-average rule (10/40, both sides, stop 5 %) on bars drawn from the NASDAQ index with a drift
that is forgotten in 60 bars: good and bad quarters, although the promise holds on average. Each of
several ten-year backtests gives its own line and loss budget, by the stationary bootstrap that
`operate` uses; all of them judge the same fresh three-year paths.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from kernels import Settings
from kernels.evaluate import equity_paths
from kernels.jit.array_types import Floats
from kernels.registry import load as load_strategy
from kernels.series.bars import prepare
from operate.rollout.null_rollout import stopped_at
from operate.statistics.resampled import block_of
from operate.statistics.shortfall import line_constant
from store.data import DataSpec, load
from store.replay.replay import returns_of
from store.resampling.futures import futures
from store.resampling.null_bars import Edge, null_bars

YEAR, WARM_UP, PERSISTENCE = 252, 300, 60.0
SHARPES = (1.0, 2.4, 4.8)
RULE = np.array([[10.0, 40.0]])
SETTINGS = Settings(direction="both", stop_loss=0.05)
ERROR, DRAWS = 0.025, 2_000


class Limits(NamedTuple):
    """Line and loss budget that one backtest gives."""

    line: float
    drawdown: float


def runs(edge: Edge | None, n: int, years: int, seed: int) -> Floats:
    """(n, bars) returns per bar of the rule on fresh histories."""
    (data,) = load(DataSpec(source="nasdaq", symbols=("NASDAQ",)))
    length = WARM_UP + years * YEAR
    base, strategy = data.frame.iloc[-length:], load_strategy("sma")
    found = np.empty((n, years * YEAR))
    for number in range(n):
        drawn = prepare(null_bars(base, (seed, number), edge=edge, block=20.0, mirrored=True))
        paths = equity_paths(drawn, strategy, RULE, SETTINGS, (WARM_UP, length))
        found[number] = returns_of(paths[0], float(SETTINGS.initial_capital))
    return found


def ratio_of(returns: Floats) -> float:
    """Annual Sharpe ratio over all paths together."""
    return float(returns.mean() / returns.std() * np.sqrt(YEAR))


def edge_of(sharpe: float, seed: int, n: int = 60) -> Edge:
    """The drift with which the rule has a true Sharpe ratio, costs included, on average."""

    def missing(size: float) -> float:
        return ratio_of(runs(Edge(size, YEAR, PERSISTENCE), n, 3, seed)) - sharpe

    size = brentq(missing, 0.5, 6 * sharpe + 3, xtol=0.02 * sharpe, maxiter=12, disp=False)
    return Edge(float(size), YEAR, PERSISTENCE)


def limits_of(backtest: Floats) -> Limits:
    """What `operate` would hold a live run to, from the returns of one backtest."""
    block = block_of(backtest)
    constant = line_constant(backtest, YEAR, ERROR, block)
    falls = futures(backtest, YEAR, DRAWS, block, 0).drawdown
    line = constant * backtest.std(ddof=1) * np.sqrt(YEAR)
    return Limits(float(line), float(np.quantile(falls, 1 - ERROR, method="higher")))


def shares(returns: Floats, mean: float, limits: Sequence[Limits], years: int) -> Floats:
    """(limits,) share of the paths that each backtest's limits stop within so many years."""
    stops = [stopped_at(returns, mean, one.line, one.drawdown, YEAR) for one in limits]
    return np.array([(each <= years * YEAR).mean() for each in stops])


def row(sharpe: float, backtests: int, n: int, seed: int) -> str:
    """One line of the table."""
    from benchmarks.rollout import bands

    edge = edge_of(sharpe, seed)
    limits = [limits_of(one) for one in runs(edge, backtests, 10, seed + 1)]
    held, none = runs(edge, n, 3, seed + 2), runs(None, n, 3, seed + 3)
    mean = float(held.mean())
    cells = [f"{shares(held, mean, limits, years).mean():.1%}" for years in (1, 3)]
    worst = float(np.quantile(shares(held, mean, limits, 1), 0.9))
    cells.insert(1, f"{worst:.1%}")
    cells += [f"{shares(none, mean, limits, years).mean():.1%}" for years in (1, 3)]
    cells.append(f"{(bands(held) <= 21).mean():.1%}")
    return f"| {ratio_of(held):.1f} | " + " | ".join(cells) + " |"


def table(backtests: int = 20, n: int = 300, seed: int = 20_261_130) -> list[str]:
    """Rows of the table in docs/benchmarks.md."""
    heads = (
        "| Sharpe ratio of the rule | promise holds: 1 year | worst tenth of backtests | 3 years | "
        "no edge: 1 year | 3 years | bands, promise holds: 1 month |"
    )
    rows = [row(sharpe, backtests, n, seed + 10 * k) for k, sharpe in enumerate(SHARPES)]
    return [heads, "|---|---|---|---|---|---|---|", *rows]
