"""The path of an account's equity: its returns summed up and its deepest fall, by stretches."""

from typing import NamedTuple

from kernels.account import Account
from kernels.arrays import Floats
from kernels.jit import inner
from kernels.metrics import Moments, Parts
from kernels.spans import D2, FALL, HIGH, LOW, S1, S2, S3, S4, SHIFT, SIZE, Spans
from kernels.vector import return_sums

CANCELLED = 1e-3
"""A difference of two sums that is smaller than this share of them has lost too many digits."""


class Path(NamedTuple):
    """Moments so far, and where the equity stands."""

    s1: float
    s2: float
    s3: float
    s4: float
    d2: float
    fall: float  # deepest so far, a fraction of its peak
    peak: float
    equity: float  # at the last close told


@inner
def begin(capital: float) -> Path:
    """A path that has not begun to move."""
    return Path(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, capital, capital)


@inner
def moments(path: Path) -> Moments:
    """What the metrics need of it."""
    return Moments(path.s1, path.s2, path.s3, path.s4, path.d2, path.fall, path.equity)


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
    down = r * r if r < 0.0 else 0.0
    fall, peak = see(path.fall, path.peak, equity)
    k = parts.part[i - parts.start]
    parts.sums[k, 0] += r
    parts.sums[k, 1] += r * r
    return Path(
        path.s1 + r,
        path.s2 + r * r,
        path.s3 + r * r * r,
        path.s4 + r * r * r * r,
        path.d2 + down,
        fall,
        peak,
        equity,
    )


@inner
def ride(path: Path, account: Account, a: int, b: int, spans: Spans, parts: Parts) -> Path:
    """Go on by bars a..b, b included, with all the equity in shares: the returns are the bars'.

    The position was entered before bar a, whose block may be the same.
    """
    low, high = a >> SHIFT, b >> SHIFT
    s1, s2, s3 = path.s1, path.s2, path.s3
    s4, d2, fall = path.s4, path.d2, path.fall
    peak = path.peak / account.size  # as a price
    heads, tails, blocks = spans.heads, spans.tails, spans.blocks
    if low == high:
        p1, p2, p3, p4, q2 = within(a, b, spans)
        s1, s2, s3, s4, d2 = s1 + p1, s2 + p2, s3 + p3, s4 + p4, d2 + q2
        calm = blocks[low, HIGH] <= peak and blocks[low, FALL] <= fall
        if not (calm and blocks[low, LOW] >= peak * (1.0 - fall)):
            for i in range(a, b + 1):
                fall, peak = see(fall, peak, spans.close[i])
    else:
        s1, s2, s3 = s1 + tails[a, S1], s2 + tails[a, S2], s3 + tails[a, S3]
        s4, d2 = s4 + tails[a, S4], d2 + tails[a, D2]
        fall, peak = see_stretch(fall, peak, tails, a)
        for block in range(low + 1, high):
            s1, s2, s3 = s1 + blocks[block, S1], s2 + blocks[block, S2], s3 + blocks[block, S3]
            s4, d2 = s4 + blocks[block, S4], d2 + blocks[block, D2]
            fall, peak = see_stretch(fall, peak, blocks, block)
        s1, s2, s3 = s1 + heads[b, S1], s2 + heads[b, S2], s3 + heads[b, S3]
        s4, d2 = s4 + heads[b, S4], d2 + heads[b, D2]
        fall, peak = see_stretch(fall, peak, heads, b)
    part_sums(a, b, spans, parts)
    top = max(path.peak, peak * account.size)
    return Path(s1, s2, s3, s4, d2, fall, top, account.size * spans.close[b])


@inner
def within(a: int, b: int, spans: Spans) -> tuple[float, float, float, float, float]:
    """Sums of the bars' returns over a..b, b included, which are in one block."""
    heads = spans.heads
    if a & (SIZE - 1) == 0:
        return heads[b, S1], heads[b, S2], heads[b, S3], heads[b, S4], heads[b, D2]
    before = a - 1
    p4 = heads[b, S4] - heads[before, S4]
    if p4 < CANCELLED * heads[b, S4]:  # calm bars after a crash: add up what is left of them
        return return_sums(spans.close, 0.0, 1.0, a, b + 1)
    p1, p2 = heads[b, S1] - heads[before, S1], heads[b, S2] - heads[before, S2]
    p3, q2 = heads[b, S3] - heads[before, S3], heads[b, D2] - heads[before, D2]
    return p1, p2, p3, p4, q2


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
    """Go on by bars a..b, b included, with a short or a position beside cash.

    Returns:
        The path, and the bar whose close has ruined the account, where the path ends; or -1.
    """
    cash, shares = account.cash, account.side * account.size
    s1, s2, s3 = path.s1, path.s2, path.s3
    s4, d2, fall, peak = path.s4, path.d2, path.fall, path.peak
    while a <= b:
        block = a >> SHIFT
        k = parts.part[a - parts.start]
        end = min(b + 1, (block + 1) << SHIFT, parts.start + parts.edges[k + 1])
        x = cash + shares * spans.blocks[block, LOW]
        y = cash + shares * spans.blocks[block, HIGH]
        low, high = min(x, y), max(x, y)
        ruined = -1
        if not (high <= peak and low > 0.0 and low >= peak * (1.0 - fall)):
            for i in range(a, end):
                equity = cash + shares * spans.close[i]
                if equity <= 0.0:
                    ruined, end = i, i
                    break
                fall, peak = see(fall, peak, equity)
        p1, p2, p3, p4, q2 = return_sums(spans.close, cash, shares, a, end)
        s1, s2, s3 = s1 + p1, s2 + p2, s3 + p3
        s4, d2 = s4 + p4, d2 + q2
        parts.sums[k, 0] += p1
        parts.sums[k, 1] += p2
        if ruined >= 0:
            at = cash + shares * spans.close[ruined - 1]
            path = Path(s1, s2, s3, s4, d2, fall, peak, at)
            return tell(path, ruined, 0.0, parts), ruined
        a = end
    return Path(s1, s2, s3, s4, d2, fall, peak, cash + shares * spans.close[b]), -1
