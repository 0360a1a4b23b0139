"""Promise: the mean return per bar that a live run is held to, and the limits that go with it.

A lower bound, never the winner's mean: the smaller of the backtest's mean, deflated by the Sharpe
ratio that luck gives the best of the independent configurations tried, and of the holdout's mean.
Worked out once per version and kept in `promise.json`.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.records import json_file
from operate.records.clock import utc
from operate.records.paths import version_folder
from operate.shadow.state import Shadow, table_of
from operate.statistics.detector import threshold
from operate.statistics.resampled import block_of
from operate.statistics.shortfall import line_constant
from promote.profiles.profile import Profile
from promote.statistics import expected_max_sharpe
from store.resampling.futures import futures

SCHEMA = 1
LINE_ERROR, LOSS_ERROR = 0.025, 0.025
"""A year: the line's and the loss budget's; together 5 %."""
RUN_LENGTH = 20
"""Years between two false alarms of the decay monitor, on average."""
DRAWS = 2_000


@dataclass(frozen=True)
class Promise:
    """Promise that a live run is held to; returns per bar, fractions.

    Attributes:
        mean: the promise; 0 or less: nothing can be refuted.
        source: `deflated backtest` or `holdout`.
        backtest: mean of the backtest's window.
        deflated: the same, less what luck gives the best of `independent` configurations.
        holdout: mean of the bars between the window and the promotion; None without any.
        sigma: standard deviation on the window.
        independent: configurations that the gate counted as independent.
        block: mean length of the bootstrap's blocks, bars.
        horizon: bars of a year, after which line and loss budget are renewed.
        constant: c of the shortfall line.
        drawdown: that 2.5 % of years exceed, a fraction.
        alarm: threshold of the decay monitor.
        standardised: mean of the winsorised returns in units of sigma.
    """

    mean: float
    source: str
    backtest: float
    deflated: float
    holdout: float | None
    sigma: float
    independent: float
    block: float
    horizon: int
    constant: float
    drawdown: float
    alarm: float
    standardised: float

    @property
    def limit(self) -> float:
        """Shortfall at which the line is crossed, a fraction of the capital."""
        return self.constant * self.sigma * math.sqrt(self.horizon)


def promise_of(root: Path, profile: Profile, shadow: Shadow) -> Promise:
    """The promise of a version; worked out and kept when it is first asked for."""
    path = version_folder(root, profile.profile, profile.version) / "promise.json"
    kept = json_file.load(path, Promise, SCHEMA)
    if kept is None:
        kept = _worked_out(profile, shadow, table_of(root, shadow))
        json_file.save(path, kept, SCHEMA)
    return kept


def returns_of(equity: Floats, capital: float) -> Floats:
    """(n,) return per bar; the first against the initial capital."""
    before = np.concatenate([[capital], equity[:-1]])
    ratio: Floats = np.divide(equity, before, out=np.ones_like(equity), where=before > 0)
    return ratio - 1.0


def _worked_out(profile: Profile, shadow: Shadow, table: pd.DataFrame) -> Promise:
    kept = table["equity"].dropna()
    returns = returns_of(kept.to_numpy(float), profile.number("initial_capital"))
    window = int((kept.index <= utc(profile.window["last"])).sum())
    recorded = int((kept.index <= utc(shadow.fresh_from)).sum())
    return make_promise(
        returns[:window],
        returns[window:recorded],
        float(profile.tried.get("independent") or profile.tried.get("compared") or 1),
        max(2, round(shadow.periods_per_year)),
    )


def make_promise(window: Floats, later: Floats, independent: float, horizon: int) -> Promise:
    """The promise of returns on the judged window and on the holdout.

    Args:
        window: (n,) per bar, n at least 9.
        later: (m,) of the holdout; empty without one.
        independent: configurations that luck had a try with.
        horizon: bars of a year.
    """
    sigma, backtest = float(window.std(ddof=1)), float(window.mean())
    luck = expected_max_sharpe(independent, 1 / window.size) if independent > 1 else 0.0
    deflated = backtest - float(luck) * sigma
    holdout = float(later.mean()) if later.size else None
    mean = deflated if holdout is None else min(deflated, holdout)
    block = block_of(window)
    standardised = float(np.clip(window / sigma, -4, 4).mean()) if sigma > 0 else 0.0
    worst = futures(window, horizon, DRAWS, block, 0).drawdown
    return Promise(
        mean=mean,
        source="deflated backtest" if mean == deflated else "holdout",
        backtest=backtest,
        deflated=deflated,
        holdout=holdout,
        sigma=sigma,
        independent=float(independent),
        block=block,
        horizon=horizon,
        constant=line_constant(window, horizon, LINE_ERROR, block) if sigma > 0 else math.inf,
        drawdown=float(np.quantile(worst, 1 - LOSS_ERROR, method="higher")),
        alarm=threshold(window, RUN_LENGTH * horizon, block)
        if horizon <= 400
        else float(RUN_LENGTH * horizon),
        standardised=standardised + (mean - backtest) / sigma if sigma > 0 else 0.0,
    )
