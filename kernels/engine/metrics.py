"""Metrics of one backtest, from its equity and its tally of trades.

Definitions: returns are arithmetic, per bar, r_i = equity_i / equity_(i-1) - 1, where the equity
before the first bar is the initial capital; T bars, P periods per year, Y years that the window
lasts, F = risk-free rate / P.
"""

import math
from typing import NamedTuple

import numpy as np

from kernels.engine.daily_equity import Daily
from kernels.engine.path_metrics import PATH_METRICS, WALKED, write_path
from kernels.engine.position import (
    EXPOSED,
    LOSS,
    LOSSES,
    PROFIT,
    RETURN_LOST,
    RETURN_WON,
    TRADES,
    TURNOVER,
    WINS,
)
from kernels.engine.settings import Rules
from kernels.jit.array_types import Bytes, Floats, Ints
from kernels.jit.inner import inner
from kernels.series.range_summaries import idle, shortfall

SUMMED = (
    "total_return",  # final / initial equity - 1
    "annual_return",  # (1 + total_return) ** (1 / Y) - 1; NaN below a day
    "volatility",  # standard deviation of r, ddof 1, * sqrt(P); NaN with one bar
    "sharpe",  # (mean of r - F) / deviation of r * sqrt(P); 0 without trade or deviation
    "sharpe_daily",  # the same of the equity at each day's last bar; NaN where days are not known
    "sortino",  # (mean of r - F) * P / (root mean square of min(r - F, 0) * sqrt(P)), all T bars
    "calmar",  # annual_return / max_drawdown
    "max_drawdown",  # largest fall from a peak, the initial capital included, / that peak
    "win_rate",  # winning_trades / trades; NaN without trade
    "profit_factor",  # money won / money lost; NaN if both are 0
    "trades",  # an open position at the end counts
    "winning_trades",  # pnl > 0
    "losing_trades",  # pnl < 0
    "avg_win",  # mean return of the winning trades; NaN if none
    "avg_loss",  # mean return of the losing trades, < 0; NaN if none
    "expectancy",  # mean return of all trades; NaN if none
    "exposure",  # share of bars that close with a position
    "turnover",  # sum over fills of notional / equity, * P / T
    "final_equity",  # quote currency
    "skew",  # population skewness of r; NaN without deviation
    "kurtosis",  # population kurtosis of r, normal = 3; NaN without deviation
)
METRICS = (*SUMMED, *PATH_METRICS)
"""Names of all metrics, in the order of their values."""

BLOCKS = 64
"""Parts of a window whose sums of r and r^2 are kept: enough for CSCV, SPA and effective N."""

ROUNDING = 1e-12
"""What is smaller than this is rounding, not risk, and counts as 0: a variance as a share of the
mean square, a fall as a fraction of its peak, the root of the sum of the squared losses."""


class Sums(NamedTuple):
    """Sums over bars of their returns r."""

    s1: float  # r
    s2: float  # r^2
    s3: float  # r^3
    s4: float  # r^4
    d2: float  # min(r - F, 0)^2 less that of a bar without a position, min(-F, 0)^2


class Moments(NamedTuple):
    """Moments of a window's equity, as the metrics need them."""

    sums: Sums
    fall: float  # deepest, as a fraction of its peak
    final: float


class Parts(NamedTuple):
    """The 64 parts of a window and their sums.

    Attributes:
        start: first bar of the window.
        edges: (BLOCKS + 1,) from the window's start.
        part: (T,) which part each bar is in.
        sums: (BLOCKS, 2) of r and r^2, written here.
        free: F, the risk-free return of a bar.
    """

    start: int
    edges: Ints
    part: Bytes
    sums: Floats
    free: float


SHORTEST = 1.0 / 366.0
"""Years, a day: what a shorter window gains is not carried to a year."""


def block_edges(n_bars: int) -> Ints:
    """Edges (BLOCKS + 1,) of the parts of a window, in bars from its start; some may be empty."""
    return np.round(np.linspace(0, n_bars, BLOCKS + 1)).astype(np.int64)


@inner
def measure(equity: Floats, initial: float, parts: Parts) -> Moments:
    """Walk the equity once.

    Args:
        equity: (>= T,) at each close of the window, >= 0; after a 0 only zeros.
        initial: equity before the first bar.
        parts: of the window; its sums are zeros on entry.
    """
    s1 = s2 = s3 = s4 = d2 = fall = 0.0
    before = peak = initial
    for b in range(BLOCKS):
        p1 = p2 = 0.0
        for i in range(parts.edges[b], parts.edges[b + 1]):
            r = (equity[i] - before) / before if before > 0.0 else 0.0
            before = equity[i]
            p1 += r
            p2 += r * r
            s3 += r * r * r
            s4 += r * r * r * r
            d2 += shortfall(r, parts.free)
            peak = max(peak, before)
            fall = max(fall, 1.0 - before / peak)
        s1 += p1
        s2 += p2
        parts.sums[b, 0], parts.sums[b, 1] = p1, p2
    return Moments(Sums(s1, s2, s3, s4, d2), fall, before)


@inner
def finish(
    moments: Moments,
    daily: Daily,
    n_days: int,
    tally: Floats,
    n: int,
    years: float,
    rules: Rules,
    equity: Floats,
    out: Floats,
) -> None:
    """Write the metrics, in the order of METRICS.

    Args:
        moments: of the T = n bars.
        daily: of the same, where days are sampled.
        n_days: in the window; 0 where days are not sampled.
        tally: of `simulation.simulate`.
        n: bars in the window, >= 1.
        years: that the window lasts, > 0.
        rules: their initial capital, periods per year and risk-free rate are read.
        equity: (>= n,) at each close; read where there are PATH_METRICS.
        out: (>= len(METRICS),).
    """
    initial, periods = rules.initial_capital, rules.periods_per_year
    free = rules.risk_free / periods
    trades = tally[TRADES]
    sums = moments.sums
    mean = sums.s1 / n
    variance = central_square(sums, n)
    total = moments.final / initial - 1.0
    annual = annual_return(moments.final / initial, years)
    d2 = sums.d2 + n * idle(free)
    downside = math.sqrt(d2 / n) if d2 > ROUNDING**2 else 0.0
    fall = moments.fall if moments.fall > ROUNDING else 0.0
    out[0] = total
    out[1] = annual
    out[2] = math.sqrt(variance * n / (n - 1.0) * periods)
    out[3] = sharpe(mean - free, variance, n, periods)
    out[4] = daily_sharpe(daily, n_days, periods * n_days / n, rules.risk_free)
    out[5] = ratio((mean - free) * math.sqrt(periods), downside) if trades > 0.0 else 0.0
    out[6] = ratio(annual, fall) if annual == annual else math.nan
    out[7] = fall
    out[8] = tally[WINS] / trades
    out[9] = tally[PROFIT] / tally[LOSS]
    out[10] = trades
    out[11] = tally[WINS]
    out[12] = tally[LOSSES]
    out[13] = tally[RETURN_WON] / tally[WINS]
    out[14] = tally[RETURN_LOST] / tally[LOSSES]
    out[15] = (tally[RETURN_WON] + tally[RETURN_LOST]) / trades
    out[16] = tally[EXPOSED] / n
    out[17] = tally[TURNOVER] * periods / n
    out[18] = moments.final
    out[19], out[20] = shape(sums, variance, n)
    if WALKED:
        write_path(equity, n, rules, out[len(SUMMED) :])


@inner
def annual_return(growth: float, years: float) -> float:
    """Compound growth per year; NaN from less than a day, and where it is beyond all numbers."""
    if growth == 1.0:
        return 0.0
    if years < SHORTEST:
        return math.nan
    annual = growth ** (1.0 / years) - 1.0
    return annual if annual < math.inf else math.nan


@inner
def sharpe(excess: float, variance: float, n: int, periods: float) -> float:
    """Mean excess return over the deviation of n returns, per year; 0 without deviation."""
    if variance == 0.0:
        return 0.0
    return excess / math.sqrt(variance * n / (n - 1.0)) * math.sqrt(periods)


@inner
def daily_sharpe(daily: Daily, n_days: int, periods: float, risk_free: float) -> float:
    """Sharpe ratio of the daily returns, `periods` of them a year; NaN with less than two."""
    if n_days < 2:
        return math.nan
    variance = central_square(Sums(daily.s1, daily.s2, 0.0, 0.0, 0.0), n_days)
    return sharpe(daily.s1 / n_days - risk_free / periods, variance, n_days, periods)


@inner
def shape(sums: Sums, variance: float, n: int) -> tuple[float, float]:
    """Population skewness and kurtosis (normal = 3) of the returns, NaN without deviation."""
    if variance == 0.0:
        return math.nan, math.nan
    mean, m2, m3, m4 = sums.s1 / n, sums.s2 / n, sums.s3 / n, sums.s4 / n
    third = m3 - 3.0 * mean * m2 + 2.0 * mean**3
    fourth = m4 - 4.0 * mean * m3 + 6.0 * mean**2 * m2 - 3.0 * mean**4
    return third / variance**1.5, fourth / variance**2


@inner
def central_square(sums: Sums, n: int) -> float:
    """Population variance of the returns, 0 where rounding is all that is left of it."""
    square = sums.s2 / n
    variance = square - (sums.s1 / n) ** 2
    return variance if variance > ROUNDING * square and sums.s2 > ROUNDING**2 else 0.0


@inner
def ratio(reward: float, risk: float) -> float:
    """Reward per risk; without risk +inf for a gain, 0 for nothing."""
    if risk > 0.0:
        return reward / risk
    return math.inf if reward > ROUNDING else 0.0
