"""Live fills against the shadow's on the same bars: each one explained, or a fault by its cause.

A fill is named by its bar and side: all buys of a bar are one, as are all sells.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats, Ints

LATE = 3
"""Bars by which a fill may be late and still be the same one."""
OUTAGE = 3
"""Fills missed in a row that are an outage."""
SIZE_TOLERANCE = 0.05
PRICE_TOLERANCE = 0.001
"""Beyond the bar's range and the slippage that the profile allows for."""


@dataclass(frozen=True)
class Pair:
    """A live fill and the shadow's.

    Attributes:
        bar: of the shadow's fill.
        side: 1 bought, -1 sold.
        quantity: live, and `shadow` the shadow's own.
        price: live, and `shadow_price`.
        fee: live, quote currency; NaN where the statement has none.
        late: bars.
    """

    bar: int
    side: int
    quantity: float
    shadow: float
    price: float
    shadow_price: float
    fee: float
    late: int = 0


@dataclass(frozen=True)
class Fault:
    """A fill that is not explained.

    Attributes:
        cause: missing, outage, late, extra, side, size or price.
        bar: number of the bar.
        side: 1 bought, -1 sold.
        detail: in words.
        quantity: live for an extra one, the shadow's for a missing one.
        price: of the same fill.
    """

    cause: str
    bar: int
    side: int
    detail: str
    quantity: float = 0.0
    price: float = 0.0


@dataclass(frozen=True)
class Matched:
    """All fills of a stretch of bars.

    Attributes:
        pairs: fills of both.
        faults: what is not explained.
        joined: live fills that catch up with a position open already, or with another stage.
        scale: live quantity per shadow quantity, the median over the pairs; NaN without any.
    """

    pairs: list[Pair] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    joined: list[Fault] = field(default_factory=list)
    scale: float = np.nan


def match(
    shadow: pd.DataFrame,
    live: pd.DataFrame,
    bars: pd.DataFrame,
    *,
    first: int,
    last: int,
    slippage: float,
    position: Ints,
    changes: tuple[int, ...] = (),
    groups: Ints | None = None,
) -> Matched:
    """Match fills of bars first..last, both included.

    Args:
        shadow: bar, side, quantity, price of each fill of the shadow.
        live: the same with fee.
        bars: (n,) of the shadow, with high and low.
        first: first bar that is judged.
        last: last bar that the live records cover.
        slippage: that the profile allows for, a fraction.
        position: (n,) side that the shadow holds at each close.
        changes: bars at which the capital changed, where a position may be scaled.
        groups: (n,) stage of each bar: sizes are compared within one.
    """
    ours = _by_bar(shadow, first, last)
    theirs = _by_bar(live, first, last)
    pairs, missing, used = _paired(ours, theirs, live)
    faults = [*_missing(missing, live, ours), *_late(pairs)]
    left = [key for key in theirs if key not in used]
    joined: list[Fault] = []
    for key in left:
        report = _extra(key, theirs[key], ours, position, first, changes)
        (joined if report.cause == "joined" else faults).append(report)
    ratios = np.array([pair.quantity / pair.shadow for pair in pairs])
    faults += _sizes(pairs, ratios, np.zeros(len(bars), np.int64) if groups is None else groups)
    faults += _prices(pairs, bars, slippage)
    scale = float(np.median(ratios)) if ratios.size else np.nan
    return Matched(pairs, sorted(faults, key=lambda each: each.bar), joined, scale)


Key = tuple[int, int]
Sum = tuple[float, float, float]
"""Quantity, mean price, fee."""


def _by_bar(fills: pd.DataFrame, first: int, last: int) -> dict[Key, Sum]:
    result: dict[Key, Sum] = {}
    chosen = fills[(fills["bar"] >= first) & (fills["bar"] <= last)]
    for key, group in chosen.groupby(["bar", "side"], sort=True):
        bar, side = (int(each) for each in np.asarray(key))
        quantity = group["quantity"].to_numpy(float)
        price = float(np.average(group["price"].to_numpy(float), weights=quantity))
        fee = float(group["fee"].sum(min_count=1)) if "fee" in group else np.nan
        result[bar, side] = (float(quantity.sum()), price, fee)
    return result


def _paired(
    ours: dict[Key, Sum], theirs: dict[Key, Sum], live: pd.DataFrame
) -> tuple[list[Pair], dict[Key, Sum], set[Key]]:
    """Fills of both, exact ones before late ones; missing ones; live ones that are used."""
    used = {key for key in ours if key in theirs}
    late: dict[Key, Key] = {}
    for key in sorted(set(ours) - used):
        for bar in range(key[0] + 1, key[0] + 1 + LATE):
            other = (bar, key[1])
            if other in theirs and other not in used and other not in ours:
                late[key] = other
                used.add(other)
                break
    pairs = []
    for key in sorted(set(ours) & set(theirs) | set(late)):
        other = late.get(key, key)
        (size, price, _), (quantity, paid, fee) = ours[key], theirs[other]
        pairs.append(Pair(key[0], key[1], quantity, size, paid, price, fee, other[0] - key[0]))
    missing = {key: ours[key] for key in ours if key not in theirs and key not in late}
    return pairs, missing, used


def _missing(missing: dict[Key, Sum], live: pd.DataFrame, ours: dict[Key, Sum]) -> list[Fault]:
    """Missing fills; OUTAGE or more in a row of the shadow's fills are an outage."""
    order = sorted(ours)
    runs: list[list[Key]] = []
    for place, key in enumerate(order):
        if key not in missing:
            continue
        if runs and order.index(runs[-1][-1]) == place - 1:
            runs[-1].append(key)
        else:
            runs.append([key])
    faults = []
    for run in runs:
        cause = "outage" if len(run) >= OUTAGE else "missing"
        for bar, side in run:
            quantity, price, _ = missing[bar, side]
            what = f"{_word(side)} of {quantity:.6g} at {price:.6g} has no live fill"
            more = f", nor have {len(run) - 1} next to it" if cause == "outage" else ""
            faults.append(Fault(cause, bar, side, what + more, quantity, price))
    return faults


def _late(pairs: list[Pair]) -> list[Fault]:
    return [
        Fault(
            "late",
            each.bar,
            each.side,
            f"{_word(each.side)} was filled {each.late} bar{'s' * (each.late > 1)} late",
            each.quantity,
            each.price,
        )
        for each in pairs
        if each.late
    ]


def _extra(
    key: Key,
    fill: Sum,
    ours: dict[Key, Sum],
    position: Ints,
    first: int,
    changes: tuple[int, ...],
) -> Fault:
    """A live fill that the shadow does not have: why."""
    bar, side = key
    quantity, price, _ = fill
    scaled = any(change <= bar <= change + LATE for change in (first, *changes))
    if scaled and position[bar] != 0:
        return Fault("joined", bar, side, f"{_word(side)} to reach the position", quantity, price)
    if (bar, -side) in ours:
        what = f"{_word(side)} where the shadow has a {_word(-side)}"
        return Fault("side", bar, side, what, quantity, price)
    what = f"{_word(side)} of {quantity:.6g} at {price:.6g} that the shadow does not make"
    return Fault("extra", bar, side, what, quantity, price)


def _sizes(pairs: list[Pair], ratios: Floats, groups: Ints) -> list[Fault]:
    """Sizes that are not in proportion to the shadow's, within a stage of three fills or more."""
    stages = np.array([groups[pair.bar] for pair in pairs], np.int64)
    faults = []
    for stage in np.unique(stages):
        chosen = np.flatnonzero(stages == stage)
        if chosen.size < 3:
            continue
        usual = float(np.median(ratios[chosen]))
        for k in chosen[np.abs(ratios[chosen] / usual - 1) > SIZE_TOLERANCE]:
            pair = pairs[k]
            what = f"{_word(pair.side)} of {pair.quantity:.6g}, {usual * pair.shadow:.6g} expected"
            faults.append(Fault("size", pair.bar, pair.side, what, pair.quantity, pair.price))
    return faults


def _prices(pairs: list[Pair], bars: pd.DataFrame, slippage: float) -> list[Fault]:
    """Prices that the bar did not trade at."""
    high, low = bars["high"].to_numpy(), bars["low"].to_numpy()
    edge = slippage + PRICE_TOLERANCE
    faults = []
    for pair in pairs:
        at = min(pair.bar + pair.late, high.size - 1)
        if not low[at] * (1 - edge) <= pair.price <= high[at] * (1 + edge):
            what = f"at {pair.price:.6g}, the bar traded {low[at]:.6g} to {high[at]:.6g}"
            faults.append(Fault("price", pair.bar, pair.side, what, pair.quantity, pair.price))
    return faults


def _word(side: int) -> str:
    return "buy" if side > 0 else "sale"
