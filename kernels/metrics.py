"""Metrics of one backtest, from its equity and its tally of trades.

Definitions: returns are arithmetic, per bar, r_i = equity_i / equity_(i-1) - 1, where the equity
before the first bar is the initial capital; T bars, P periods per year, risk-free rate 0.
"""

import math
from typing import NamedTuple

import numpy as np

from kernels.account import (
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
from kernels.arrays import Bytes, Floats, Ints
from kernels.jit import inner

METRICS = (
    "total_return",  # final / initial equity - 1
    "annual_return",  # (1 + total_return) ** (P / T) - 1
    "volatility",  # standard deviation of r, ddof 1, * sqrt(P); NaN with one bar
    "sharpe",  # mean / standard deviation of r * sqrt(P); 0 without trade or deviation
    "sortino",  # mean * P / (root mean square of min(r, 0) * sqrt(P)), over all T bars
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
    d2: float  # min(r, 0)^2


class Moments(NamedTuple):
    """What the metrics need of the equity of a window."""

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
    """

    start: int
    edges: Ints
    part: Bytes
    sums: Floats


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
            d2 += r * r if r < 0.0 else 0.0
            peak = max(peak, before)
            fall = max(fall, 1.0 - before / peak)
        s1 += p1
        s2 += p2
        parts.sums[b, 0], parts.sums[b, 1] = p1, p2
    return Moments(Sums(s1, s2, s3, s4, d2), fall, before)


@inner
def finish(
    moments: Moments, tally: Floats, n: int, initial: float, periods: float, out: Floats
) -> None:
    """Write the metrics, in the order of METRICS.

    Args:
        moments: of the T = n bars.
        tally: of `simulation.simulate`.
        n: bars in the window, >= 1.
        initial: initial capital, > 0.
        periods: bars in a year.
        out: (len(METRICS),).
    """
    trades = tally[TRADES]
    sums = moments.sums
    mean = sums.s1 / n
    variance = central_square(sums, n)
    total = moments.final / initial - 1.0
    annual = (moments.final / initial) ** (periods / n) - 1.0
    downside = math.sqrt(sums.d2 / n) if sums.d2 > ROUNDING**2 else 0.0
    fall = moments.fall if moments.fall > ROUNDING else 0.0
    out[0] = total
    out[1] = annual
    out[2] = math.sqrt(variance * n / (n - 1.0) * periods)
    out[3] = mean / math.sqrt(variance * n / (n - 1.0)) * math.sqrt(periods)
    if variance == 0.0:
        out[3] = 0.0
    out[4] = ratio(mean * math.sqrt(periods), downside)
    out[5] = ratio(annual, fall)
    out[6] = fall
    out[7] = tally[WINS] / trades
    out[8] = tally[PROFIT] / tally[LOSS]
    out[9] = trades
    out[10] = tally[WINS]
    out[11] = tally[LOSSES]
    out[12] = tally[RETURN_WON] / tally[WINS]
    out[13] = tally[RETURN_LOST] / tally[LOSSES]
    out[14] = (tally[RETURN_WON] + tally[RETURN_LOST]) / trades
    out[15] = tally[EXPOSED] / n
    out[16] = tally[TURNOVER] * periods / n
    out[17] = moments.final
    out[18], out[19] = shape(sums, variance, n)


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
