"""Bars without anything to find, made from real ones; or with an edge of known size in them.

The closes follow a stationary bootstrap (Politis and Romano 1994) of the returns, whose mean is
taken out; open, high, low, volume and features come along with the return of their bar, relative to
its close. So the distribution of returns, gaps and ranges is that of the real bars, and within a
block their clustering too; the next return cannot be foreseen, but for what the blocks keep.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.jit.array_types import Floats, Ints
from store.resampling.block_length import optimal_block
from store.resampling.bootstrap import stationary_index
from store.resampling.numbers import at_least, finite

Bools = NDArray[np.bool_]

PRICES = ["open", "high", "low", "close"]
MIN_BARS = 16


class Edge(NamedTuple):
    """A drift that is planted in the returns.

    Attributes:
        sharpe: annual Sharpe ratio, before costs, of holding the asset all the time; with a
            persistence, of being long whenever the drift is up and short whenever it is down.
        periods_per_year: bars in a year.
        persistence: None: the drift is the same all the time. Otherwise it wanders about 0 and is
            forgotten within this many bars, so that rules which follow trends can use it, and
            holding the asset earns nothing.
        half_life: None: a drift is planted as above. Otherwise a part of the price that reverts,
            half of it gone within so many bars (Summers 1986), for rules that bet against moves.
    """

    sharpe: float
    periods_per_year: float
    persistence: float | None = None
    half_life: float | None = None


def null_bars(
    bars: pd.DataFrame,
    seed: int | Sequence[int],
    *,
    block: float | None = None,
    mirrored: bool = False,
    edge: Edge | None = None,
) -> pd.DataFrame:
    """Draw bars in which no rule has an edge, other than the one that is planted.

    Args:
        bars: open, high, low, close, and any further columns; oldest first, at least 16.
        seed: of the draw, such as (seed, number).
        block: mean length of the resampled blocks, in bars; None: `optimal_block` of the returns,
            or of their squares when they are mirrored.
        mirrored: turn every bar upside down at even odds. Then nothing at all is left to foresee,
            whatever the blocks' length: without it, what the returns owe to those before them
            stays within a block. Skew is lost; how violent times cluster is kept.
        edge: what is planted, or None.

    Returns:
        As many bars, with the same times and columns, the same first close, low <= open,
        close <= high. The simple return of each bar after the first has the expectation 0, or the
        planted one: a skill-free rule has an expected Sharpe ratio of 0 before costs.

    Raises:
        ValueError: too few bars, or a price that is not finite and above 0.
    """
    prices = _prices(bars)
    returns = np.diff(np.log(prices[:, 3]))
    returns -= returns.mean()
    random = np.random.default_rng(seed)
    if block is None:
        block = optimal_block(returns**2 if mirrored else returns)
    drawn = stationary_index(returns.size, block, random)
    upside_down = random.random(returns.size) < (0.5 if mirrored else 0.0)
    steps = np.where(upside_down, -returns[drawn], returns[drawn]) - fair_growth(returns, mirrored)
    if edge is not None:
        steps += _planted(edge, float(np.expm1(returns).std()), returns.size, random)
    return _rebuilt(bars, prices, np.r_[0, 1 + drawn], np.r_[False, upside_down], steps)


def _prices(bars: pd.DataFrame) -> Floats:
    if len(bars) < MIN_BARS:
        raise ValueError(f"bars: need {MIN_BARS} or more to draw from, got {len(bars)}")
    prices = bars[PRICES].to_numpy(np.float64)
    if not ((prices > 0) & np.isfinite(prices)).all():
        raise ValueError("bars: prices must be finite and above 0")
    return prices


def fair_growth(returns: Floats, mirrored: bool) -> float:
    """Log growth to take off log returns for a mean simple return of 0."""
    growth = np.cosh(returns) if mirrored else np.exp(returns)
    return math.log(growth.mean())


def _planted(edge: Edge, deviation: float, n: int, random: np.random.Generator) -> Floats:
    """(n,) log of 1 + the planted drift, for returns of a standard deviation."""
    if edge.half_life is not None:
        return _reverting(edge, deviation, n, random)
    drift = _drift(edge, deviation, n, random)
    if not (drift > -1).all():
        raise ValueError(
            f"edge.sharpe: {edge.sharpe:g} makes a return of -1 or less; plant a smaller one"
        )
    return np.log1p(drift)


def _reverting(edge: Edge, deviation: float, n: int, random: np.random.Generator) -> Floats:
    """(n,) log steps of a stationary part of the price, an autoregression of order 1.

    Source: Summers, L. H. (1986), "Does the stock market rationally reflect fundamental values?",
    Journal of Finance 41(3), 591-601.
    """
    year = at_least("edge.periods_per_year", edge.periods_per_year, np.finfo(float).tiny)
    half = at_least("edge.half_life", edge.half_life or 0.0, 1)
    size = finite("edge.sharpe", edge.sharpe) / math.sqrt(year) * deviation * math.sqrt(half)
    keep = 0.5 ** (1 / half)
    level = np.empty(n + 1)
    level[0] = random.standard_normal() / math.sqrt(1 - keep**2)
    for i, shock in enumerate(random.standard_normal(n)):
        level[i + 1] = keep * level[i] + shock
    steps: Floats = size * np.diff(level)
    return steps


def spliced(before: pd.DataFrame, after: pd.DataFrame, stop: int) -> pd.DataFrame:
    """Bars of one frame up to bar `stop`, then the moves of another one at the same times.

    Args:
        before: open, high, low, close, and any further columns.
        after: the same columns, as many bars.
        stop: bars [0, stop) are of `before`; 1 or more.
    """
    joined = pd.concat([before.iloc[:stop], after.iloc[stop:]])
    step = float(before["close"].iloc[stop - 1] / after["close"].iloc[stop - 1])
    later = after[PRICES].to_numpy(np.float64)[stop:] * step
    joined[PRICES] = np.concatenate([before[PRICES].to_numpy(np.float64)[:stop], later])
    return joined


def _drift(edge: Edge, deviation: float, n: int, random: np.random.Generator) -> Floats:
    """(n,) expected simple returns; with a persistence, an autoregression of order 1."""
    year = at_least("edge.periods_per_year", edge.periods_per_year, np.finfo(float).tiny)
    size = finite("edge.sharpe", edge.sharpe) / math.sqrt(year) * deviation
    if edge.persistence is None:
        return np.full(n, size)
    keep = math.exp(-1 / at_least("edge.persistence", edge.persistence, 1))
    noise = random.standard_normal(n)
    noise[1:] *= math.sqrt(1 - keep**2)
    drift = np.empty(n)
    state = 0.0
    for i, shock in enumerate(noise):
        state = keep * state + shock
        drift[i] = state
    return drift * (size * math.sqrt(math.pi / 2))  # E|z| = sqrt(2 / pi): who knows the sign


def _rebuilt(
    bars: pd.DataFrame, prices: Floats, source: Ints, upside_down: Bools, steps: Floats
) -> pd.DataFrame:
    """Bars round new closes, each shaped as the bar it comes from."""
    drawn = bars.iloc[source].set_axis(bars.index)
    drawn[PRICES] = rebuilt_prices(prices, source, upside_down, steps)
    return drawn


def rebuilt_prices(prices: Floats, source: Ints, upside_down: Bools, steps: Floats) -> Floats:
    """Prices round new closes, each bar shaped as the one it comes from.

    Args:
        prices: (n, 4) open, high, low, close.
        source: (n,) bar that each takes its shape from.
        upside_down: (n,) bars whose shape is turned: the old low makes the new high.
        steps: (n - 1,) log returns from close to close; the first close is the old one.

    Returns:
        (n, 4), low <= open, close <= high wherever it was so.
    """
    close = prices[0, 3] * np.exp(np.r_[0.0, np.cumsum(steps)])
    # One division, one product: both keep the order of what they are applied to, rounded or not.
    shape = prices[source] / prices[source, 3:]
    turned = prices[source, 3:] / prices[source][:, [0, 2, 1, 3]]
    rebuilt: Floats = np.where(upside_down[:, None], turned, shape) * close[:, None]
    return rebuilt


def null_bars_together(
    frames: Sequence[pd.DataFrame], seed: Sequence[int], *, edge: Edge | None = None
) -> list[pd.DataFrame]:
    """Draw several symbols mirrored by the same dates: what moves them together is kept.

    Each date is drawn, and turned upside down, for all symbols at once; a symbol takes its bar at
    the drawn date, or its last one before. Where it has none it goes through its own in order.

    Args:
        frames: as of `null_bars`, with ascending times as their index.
        seed: of the draw.
        edge: what is planted in each, its drift apart from the others'; or None.
    """
    prices = [_prices(frame) for frame in frames]
    returns = [np.diff(np.log(own[:, 3])) for own in prices]
    returns = [own - own.mean() for own in returns]
    times = [pd.DatetimeIndex(frame.index).to_numpy("datetime64[ns]")[1:] for frame in frames]
    dates = np.unique(np.concatenate(times))
    random = np.random.default_rng(seed)
    block = float(np.mean([optimal_block(own**2) for own in returns]))
    index = stationary_index(dates.size, block, random)
    upside_down = random.random(dates.size) < 0.5
    drawn = []
    for frame, own, steps, at in zip(frames, prices, returns, times, strict=True):
        places = np.searchsorted(dates, at)
        source, turned = places_at(at, dates)[index[places]], upside_down[places]
        moves = np.where(turned, -steps[source], steps[source]) - fair_growth(steps, mirrored=True)
        if edge is not None:
            moves += _planted(edge, float(np.expm1(steps).std()), steps.size, random)
        drawn.append(_rebuilt(frame, own, np.r_[0, 1 + source], np.r_[False, turned], moves))
    return drawn


def places_at(own: NDArray[np.datetime64], dates: NDArray[np.datetime64]) -> Ints:
    """(dates,) which of its (n,) returns a series has at each date.

    Between its own dates it has its last one. Before its first and after its last date it has none:
    there it goes through its own again, in order.
    """
    at = np.searchsorted(own, dates, side="right") - 1
    for missing in (dates < own[0], dates > own[-1]):
        at[missing] = np.arange(np.count_nonzero(missing)) % own.size
    return at


def planted_steps(edge: Edge, deviations: Floats, n: int, random: np.random.Generator) -> Floats:
    """(N, n) log of 1 + the drift of each of N symbols, apart from each other's.

    Args:
        edge: what is planted.
        deviations: (N,) standard deviations of the symbols' simple returns.
        n: steps.
        random: source of the drifts.
    """
    return np.stack([_planted(edge, float(own), n, random) for own in deviations])
