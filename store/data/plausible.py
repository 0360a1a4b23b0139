"""Bars that can be, but hardly are: a split, a tick that returns at once, a price that is stale.

Each is measured against the bars around it, so that a series whose moves are always wild has none.
Nothing is changed or refused: one line per symbol says what was seen and where.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.times import time_text

Floats = NDArray[np.float64]

AROUND = 60
"""Bars before and after a move that say what is usual."""
LEAST = 40
"""Bars around it below which nothing can be said."""
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50, 100, 3 / 2, 4 / 3, 5 / 4)
CALM = 12.0
"""A split moves the price by so many times the usual move, or more."""
NEXT = 7.0
"""And the bars right before and after it by no more than so many."""
SPIKE = 15.0
"""A bad tick leaves and comes back by so many times the usual move."""
ALONE = 5.0
"""And goes so many times further than 99 of 100 bars of the series do."""
BACK = 0.15
"""Share of a spike that may remain after it."""
STALE = 20
"""Bars in a row with the same four prices, of which one would be enough."""
STALE_SHARE = 0.2
"""Share of such bars from which the price is taken to stand still by its nature."""


def doubts(frame: pd.DataFrame) -> tuple[str, ...]:
    """Doubts about bars that keep every rule; at most one line.

    Args:
        frame: in the shape of `store.data.normalise`, oldest first.
    """
    close = frame["close"].to_numpy(np.float64)
    times = pd.DatetimeIndex(frame.index)
    if close.size < LEAST:
        return ()
    moves = np.diff(np.log(close))
    usual = _usual(np.abs(moves))
    seen = [
        *_splits(frame, moves, usual, times),
        *_spikes(frame, times),
        *_stale(frame, times),
    ]
    if not seen:
        return ()
    return (f"{'; '.join(seen)}; look at the source if that is not so",)


def _usual(sizes: Floats) -> Floats:
    """(m,) median size of the moves around each move, itself left out; never below a millionth."""
    pad = np.full(AROUND, np.nan)
    padded = np.concatenate([pad, sizes, pad])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)
    big = np.flatnonzero(sizes > 4 * max(float(np.median(sizes)), 1e-9))
    usual = np.full(sizes.size, np.inf)
    for row in big.tolist():
        around = np.delete(windows[row], AROUND)
        around = around[np.isfinite(around)]
        if around.size >= LEAST // 2:
            usual[row] = max(float(np.median(around)), 1e-6)
    return usual


def _splits(
    frame: pd.DataFrame, moves: Floats, usual: Floats, times: pd.DatetimeIndex
) -> list[str]:
    """Overnight moves to a simple fraction or multiple, with calm bars around them."""
    gaps = np.log(frame["open"].to_numpy()[1:] / frame["close"].to_numpy()[:-1])
    splits = []
    for row in np.flatnonzero(np.abs(moves) > CALM * usual).tolist():
        ratio = _split_ratio(float(gaps[row]), float(moves[row]), float(usual[row]))
        if ratio and _calm(moves, row, float(usual[row])):
            splits.append((row, ratio))
    if not splits:
        return []
    row, ratio = splits[0]
    factor = float(np.exp(moves[row]))
    more = f" (and {len(splits) - 1} more)" if len(splits) > 1 else ""
    return [
        f"on {time_text(times[row + 1])} the close goes to {factor:.4g} of the one before, between "
        f"calm bars: an unadjusted split of {ratio}?{more}"
    ]


def _split_ratio(gap: float, move: float, usual: float) -> str:
    """The split that a gap from close to open looks like; empty for none."""
    for ratio in SPLITS:
        size = float(np.log(ratio))
        near = min(6 * usual, 0.15 * size, 0.08)
        for sign, words in ((-1, "{}:1"), (1, "1:{}")):
            if abs(gap - sign * size) < near and abs(move - sign * size) < 1.5 * near:
                return words.format(f"{ratio:.3g}")
    return ""


def _calm(moves: Floats, row: int, usual: float) -> bool:
    """True when the three bars on either side of a move are as usual."""
    compared = np.concatenate([moves[max(row - 3, 0) : row], moves[row + 1 : row + 4]])
    return bool((np.abs(compared) < NEXT * usual).all())


def _spikes(frame: pd.DataFrame, times: pd.DatetimeIndex) -> list[str]:
    """Bars whose close, high or low lies far off and whose neighbours agree with each other."""
    prices = {name: np.log(frame[name].to_numpy(np.float64)) for name in ("close", "high", "low")}
    close = prices["close"]
    inner = np.arange(1, close.size - 1)
    base = (close[inner - 1] + close[inner + 1]) / 2
    rest = np.abs(close[inner + 1] - close[inner - 1])
    ranges = prices["high"] - prices["low"]
    usual = max(float(np.median(np.abs(np.diff(close)))), float(np.median(ranges)), 1e-6)
    local = _local(np.maximum(np.abs(np.diff(close))[:-1], 0), usual)
    away = np.zeros(inner.size)
    for price in prices.values():
        away = np.maximum(away, np.abs(price[inner] - base))
    least = ALONE * float(np.quantile(away, 0.99))
    rows = np.flatnonzero((away > SPIKE * local) & (away > least) & (rest < BACK * away)) + 1
    if not rows.size:
        return []
    first = int(rows[0])
    name = max(prices, key=lambda key: abs(prices[key][first] - base[first - 1]))
    ratio = float(np.exp(prices[name][first] - base[first - 1]))
    more = f" (and {rows.size - 1} more)" if rows.size > 1 else ""
    return [
        f"on {time_text(times[first])} the {name} is {ratio:.3g} times the closes on either side: "
        f"a bad tick?{more}"
    ]


def _local(sizes: Floats, usual: float) -> Floats:
    """(m,) ninetieth percentile of the moves around each one, at least what is usual over all."""
    pad = np.full(AROUND // 2, np.nan)
    padded = np.concatenate([pad, sizes, pad])[: sizes.size + 2 * (AROUND // 2)]
    blocks = pd.Series(padded).rolling(AROUND + 1, center=True, min_periods=LEAST // 2).median()
    local = blocks.to_numpy()[AROUND // 2 : AROUND // 2 + sizes.size]
    return np.maximum(np.where(np.isfinite(local), local, usual), usual)


def _stale(frame: pd.DataFrame, times: pd.DatetimeIndex) -> list[str]:
    """Long runs of bars with the very same prices in a series that otherwise moves."""
    prices = frame[["open", "high", "low", "close"]].to_numpy(np.float64)
    same = (prices[1:] == prices[:-1]).all(axis=1)
    if not same.any() or same.mean() > STALE_SHARE:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    length = int(stops[longest] - starts[longest]) + 1
    if length < STALE:
        return []
    return [
        f"{length} bars in a row from {time_text(times[int(starts[longest])])} on have the same "
        "prices: stale data?"
    ]
