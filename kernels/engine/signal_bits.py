"""Codes as bits, 64 bars to a word, and finding the next bar that matters among them."""

from typing import NamedTuple

import numpy as np
from numba import types

from kernels.engine.settings import Rules
from kernels.jit.array_types import Codes
from kernels.jit.inner import inner
from kernels.series.simd import equal64, lowest_bit

Words = np.ndarray[tuple[int], np.dtype[np.uint64]]


class Signals(NamedTuple):
    """One bit per bar: where the code is 1, 0 and -1, after the direction; none set = HOLD."""

    long: Words
    flat: Words
    short: Words


SIGNALS = types.NamedUniTuple(types.uint64[::1], 3, Signals)  # type: ignore[no-untyped-call]


@inner
def to_bits(codes: Codes, rules: Rules, out: Signals) -> None:
    """Write the bits of codes, which are padded to whole words with HOLD."""
    for word in range(out.long.size):
        i = word << 6
        long, short = equal64(codes, i, np.int8(1)), equal64(codes, i, np.int8(-1))
        flat = equal64(codes, i, np.int8(0))
        if not rules.long:
            flat, long = flat | long, np.uint64(0)
        if not rules.short:
            flat, short = flat | short, np.uint64(0)
        out.long[word], out.flat[word], out.short[word] = long, flat, short


@inner
def code_at(signals: Signals, i: int) -> int:
    """The code of a bar where one is set."""
    word, bit = i >> 6, np.uint64(i & 63)
    if (signals.long[word] >> bit) & np.uint64(1):
        return 1
    return -1 if (signals.short[word] >> bit) & np.uint64(1) else 0


@inner
def next_set(a: Words, b: Words, i: int, stop: int) -> int:
    """First bar from i on, before stop, with a bit set in a or b; stop if there is none."""
    if i >= stop:
        return stop
    word, last = i >> 6, (stop - 1) >> 6
    bits = (a[word] | b[word]) & (~np.uint64(0) << np.uint64(i & 63))
    while bits == np.uint64(0):
        if word == last:
            return stop
        word += 1
        bits = a[word] | b[word]
    return min(stop, (word << 6) + lowest_bit(bits))


@inner
def next_change(signals: Signals, code: int, i: int, stop: int) -> int:
    """First bar from i on, before stop, whose code is another than this; stop if none."""
    if code > 0:
        return next_set(signals.flat, signals.short, i, stop)
    if code < 0:
        return next_set(signals.long, signals.flat, i, stop)
    return next_set(signals.long, signals.short, i, stop)


@inner
def next_entry(signals: Signals, i: int, stop: int) -> int:
    """Bar i if its code asks for a position, else the first after it that does; stop if none."""
    if i < stop and code_at(signals, i) == 0:
        return next_change(signals, 0, i + 1, stop)
    return i


@inner
def first_entry(signals: Signals, arm: bool, start: int, stop: int) -> int:
    """The first bar whose code is acted upon by entering; with `arm` the first code is not."""
    i = next_change(signals, 0, start, stop)
    if not arm or i >= stop:
        return i
    if next_set(signals.flat, signals.flat, start, i) < i:  # the first code of all was flat
        return i
    return next_entry(signals, next_change(signals, code_at(signals, i), i + 1, stop), stop)
