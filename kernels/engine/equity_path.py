"""The path of an account's equity: its returns summed up and its deepest fall, by stretches."""

from typing import NamedTuple

from kernels.engine.metrics import Moments, Parts, Sums
from kernels.engine.position import Account, worth
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.series.range_summaries import (
    D2,
    FALL,
    HIGH,
    LOW,
    S1,
    S2,
    S3,
    S4,
    SHIFT,
    SIZE,
    Spans,
    shortfall,
)
from kernels.series.simd import return_sums

CANCELLED = 1e-3
"""A difference of two sums that is smaller than this share of them has lost too many digits."""


class Path(NamedTuple):
    """Running state of the equity path."""

    sums: Sums
    fall: float  # deepest, a fraction of its peak
    peak: float
    equity: float  # at the last close told


@inner
def begin(capital: float) -> Path:
    """A path that has not begun to move."""
    return Path(Sums(0.0, 0.0, 0.0, 0.0, 0.0), 0.0, capital, capital)


@inner
def moments(path: Path) -> Moments:
    """Moments of the path, as the metrics need them."""
    return Moments(path.sums, path.fall, path.equity)


@inner
def add(a: Sums, b: Sums) -> Sums:
    """Sums over both."""
    return Sums(a.s1 + b.s1, a.s2 + b.s2, a.s3 + b.s3, a.s4 + b.s4, a.d2 + b.d2)


@inner
def subtract(a: Sums, b: Sums) -> Sums:
    """Sums over what is in a and not in b."""
    return Sums(a.s1 - b.s1, a.s2 - b.s2, a.s3 - b.s3, a.s4 - b.s4, a.d2 - b.d2)


@inner
def of_return(r: float, free: float) -> Sums:
    """Sums over one bar."""
    return Sums(r, r * r, r * r * r, r * r * r * r, shortfall(r, free))


@inner
def of_row(table: Floats, k: int) -> Sums:
    """Sums over the stretch whose summary is row k."""
    return Sums(table[k, S1], table[k, S2], table[k, S3], table[k, S4], table[k, D2])


@inner
def of_bars(spans: Spans, cash: float, shares: float, a: int, stop: int, free: float) -> Sums:
    """Sums over bars a..stop-1 of the returns of cash and shares."""
    s1, s2, s3, s4, d2 = return_sums(spans.close, cash, shares, a, stop, free)
    return Sums(s1, s2, s3, s4, d2)


@inner
def see(fall: float, peak: float, equity: float) -> tuple[float, float]:
    """(deepest fall, peak) after the equity of one more close."""
    if equity > peak:
        return fall, equity
    if equity < peak * (1.0 - fall):
        return 1.0 - equity / peak, peak
    return fall, peak


@inner
def tell(path: Path, i: int, equity: float, parts: Parts) -> Path:
    """Go on by one bar, i, that closes with this equity."""
    r = (equity - path.equity) / path.equity
    k = parts.part[i - parts.start]
    parts.sums[k, 0] += r
    parts.sums[k, 1] += r * r
    fall, peak = see(path.fall, path.peak, equity)
    return Path(add(path.sums, of_return(r, parts.free)), fall, peak, equity)


@inner
def ride(path: Path, account: Account, a: int, b: int, spans: Spans, parts: Parts) -> Path:
    """Go on by bars a..b, b included, with all the equity in shares: the returns are the bars'.

    The position was entered before bar a, whose block may be the same.
    """
    first, last = a >> SHIFT, b >> SHIFT
    sums, fall = path.sums, path.fall
    peak = path.peak / account.size  # as a price
    if first == last:
        sums = add(sums, within(a, b, spans, parts.free))
        fall, peak = see_within(fall, peak, a, b, spans)
    else:
        sums = add(sums, of_row(spans.tails, a))
        fall, peak = see_stretch(fall, peak, spans.tails, a)
        for block in range(first + 1, last):
            sums = add(sums, of_row(spans.blocks, block))
            fall, peak = see_stretch(fall, peak, spans.blocks, block)
        sums = add(sums, of_row(spans.heads, b))
        fall, peak = see_stretch(fall, peak, spans.heads, b)
    part_sums(a, b, spans, parts)
    return Path(sums, fall, max(path.peak, peak * account.size), account.size * spans.close[b])


@inner
def within(a: int, b: int, spans: Spans, free: float) -> Sums:
    """Sums of the bars' own returns over a..b, b included, which are in one block."""
    sums = of_row(spans.heads, b)
    if a & (SIZE - 1) == 0:
        return sums
    rest = subtract(sums, of_row(spans.heads, a - 1))
    if rest.s4 < CANCELLED * sums.s4:  # calm bars after a crash: add up what is left of them
        return of_bars(spans, 0.0, 1.0, a, b + 1, free)
    return rest


@inner
def see_within(fall: float, peak: float, a: int, b: int, spans: Spans) -> tuple[float, float]:
    """(deepest fall, peak), as prices, after bars a..b of one block.

    They are looked at one by one only if the whole block leaves room for a peak or a deeper fall.
    """
    block = a >> SHIFT
    low, high = spans.blocks[block, LOW], spans.blocks[block, HIGH]
    if high > peak or low < peak * (1.0 - fall):
        for i in range(a, b + 1):
            fall, peak = see(fall, peak, spans.close[i])
    return fall, peak


@inner
def see_stretch(fall: float, peak: float, table: Floats, k: int) -> tuple[float, float]:
    """(deepest fall, peak) after a stretch whose summary is row k."""
    if table[k, LOW] < peak * (1.0 - fall):
        fall = 1.0 - table[k, LOW] / peak
    return max(fall, table[k, FALL]), max(peak, table[k, HIGH])


@inner
def part_sums(a: int, b: int, spans: Spans, parts: Parts) -> None:
    """Add the bars' own returns over a..b, b included, to the parts they are in."""
    k, last = parts.part[a - parts.start], parts.part[b - parts.start]
    running = spans.running
    while k < last:
        edge = parts.start + parts.edges[k + 1]
        parts.sums[k, 0] += running[edge, 0] - running[a, 0]
        parts.sums[k, 1] += running[edge, 1] - running[a, 1]
        a = edge
        k += 1
    parts.sums[k, 0] += running[b + 1, 0] - running[a, 0]
    parts.sums[k, 1] += running[b + 1, 1] - running[a, 1]


@inner
def carry(
    path: Path, account: Account, a: int, b: int, spans: Spans, parts: Parts
) -> tuple[Path, int]:
    """Go on by bars a..b, b included, with a short or a position next to cash.

    Returns:
        The path, and the bar that has ruined the account, where the path ends; or -1.
    """
    cash, shares = account.cash, account.side * account.size
    fall, peak, ruined = see_carried(path.fall, path.peak, account, a, b, spans)
    stop = b + 1 if ruined < 0 else ruined
    sums = path.sums
    while a < stop:
        k = parts.part[a - parts.start]
        edge = min(stop, parts.start + parts.edges[k + 1])
        piece = of_bars(spans, cash, shares, a, edge, parts.free)
        parts.sums[k, 0] += piece.s1
        parts.sums[k, 1] += piece.s2
        sums = add(sums, piece)
        a = edge
    path = Path(sums, fall, peak, cash + shares * spans.close[stop - 1])
    if ruined >= 0:
        path = tell(path, ruined, 0.0, parts)
    return path, ruined


@inner
def see_carried(
    fall: float, peak: float, account: Account, a: int, b: int, spans: Spans
) -> tuple[float, float, int]:
    """(deepest fall, peak, bar of ruin or -1) after bars a..b, which the position lives through.

    Single bars are looked at only where the summary of their stretch leaves room for a deeper
    fall, or its highest high for the ruin of a short.
    """
    cash, shares = account.cash, account.side * account.size
    while a <= b:
        last = min(b, a | (SIZE - 1))
        low, high, exact = extremes(cash, shares, a, last, spans)
        calm = low >= max(peak, high) * (1.0 - fall) and (exact or high <= peak)
        if calm and cash + shares * spans.tops[a >> SHIFT] > 0.0:
            peak = max(peak, high)
        else:
            for i in range(a, last + 1):
                equity = cash + shares * spans.close[i]
                if equity <= 0.0 or fatal(account, spans, i):
                    return fall, peak, i
                fall, peak = see(fall, peak, equity)
        a = last + 1
    return fall, peak, -1


@inner
def fatal(account: Account, spans: Spans, i: int) -> bool:
    """The high of bar i, which the position lives through, takes all the equity of a short."""
    return account.side < 0 and worth(account, spans.high[i]) <= 0.0


@inner
def extremes(cash: float, shares: float, a: int, b: int, spans: Spans) -> tuple[float, float, bool]:
    """Lowest and highest equity over bars a..b of one block; False if a wider range bounds it."""
    exact = True
    if a & (SIZE - 1) == 0:
        x, y = spans.heads[b, LOW], spans.heads[b, HIGH]
    elif b & (SIZE - 1) == SIZE - 1:
        x, y = spans.tails[a, LOW], spans.tails[a, HIGH]
    else:
        x, y = spans.blocks[a >> SHIFT, LOW], spans.blocks[a >> SHIFT, HIGH]
        exact = False
    x, y = cash + shares * x, cash + shares * y
    return min(x, y), max(x, y), exact
