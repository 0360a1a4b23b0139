"""The vector functions against one-line loops."""

import math

import numpy as np
import pytest
from numba import njit

from kernels.engine.signal_bits import Signals, first_entry, next_set
from kernels.series.simd import equal64, lowest_bit, reach8, return_sums


@njit
def call_equal64(codes, i, code):
    return equal64(codes, i, np.int8(code))


@njit
def call_lowest_bit(word):
    return lowest_bit(word)


@njit
def call_reach8(low, high, i, floor, ceiling):
    return reach8(low, high, i, floor, ceiling)


@njit
def call_return_sums(close, cash, shares, a, b, free):
    return return_sums(close, cash, shares, a, b, free)


RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("i", [0, 1, 63])
def test_equal64(i):
    codes = RANDOM.integers(-1, 3, 128).astype(np.int8)
    for code in (-1, 0, 1, 2):
        expected = sum(1 << k for k in range(64) if codes[i + k] == code)
        assert int(call_equal64(codes, i, code)) % 2**64 == expected


def test_lowest_bit():
    for k in range(64):
        assert call_lowest_bit(np.uint64(1 << k)) == k
        assert call_lowest_bit(np.uint64((1 << k) | (1 << 63))) == k


def test_reach8():
    low, high = RANDOM.normal(0, 1, 40), RANDOM.normal(1, 1, 40)
    low[3], high[5] = -0.5, 1.5
    for i in range(33):
        for floor, ceiling in ((-0.5, 1.5), (np.nan, 1.5), (-0.5, np.nan), (np.nan, np.nan)):
            hit = [low[i + k] <= floor or high[i + k] >= ceiling for k in range(8)]
            assert call_reach8(low, high, i, floor, ceiling) == sum(
                1 << k for k in range(8) if hit[k]
            )


@pytest.mark.parametrize(("cash", "shares"), [(0.0, 1.0), (500.0, 3.0), (500.0, -2.0)])
@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 40])
@pytest.mark.parametrize("free", [0.0, 0.004, -0.004])
def test_return_sums(cash, shares, n, free):
    close = RANDOM.uniform(90, 110, 60)
    equity = cash + shares * close
    r = [equity[i] / equity[i - 1] - 1 for i in range(3, 3 + n)]
    expected = [math.fsum(x**k for x in r) for k in (1, 2, 3, 4)]
    expected.append(math.fsum(min(x - free, 0.0) ** 2 - min(-free, 0.0) ** 2 for x in r))
    got = call_return_sums(close, cash, shares, 3, 3 + n, free)
    assert got == pytest.approx(expected, abs=1e-14)


def words(*bars):
    out = np.zeros(3, np.uint64)
    for i in bars:
        out[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
    return out


def test_next_set_at_the_edges_of_words():
    a, b = words(5, 63, 128), words(64)
    found = [next_set(a, b, i, 192) for i in (0, 5, 6, 63, 64, 65, 128, 129, 192)]
    assert found == [5, 5, 63, 63, 64, 128, 128, 192, 192]
    assert [next_set(a, b, 6, stop) for stop in (7, 63, 64, 65)] == [7, 63, 63, 63]


@pytest.mark.parametrize(
    ("long", "flat", "short", "plain", "armed"),
    [
        ([70], [], [], 70, 192),  # one code only: with arm never a change
        ([70], [80], [], 70, 192),
        ([70, 90], [80], [], 70, 90),
        ([70], [], [80], 70, 80),  # a reversal is a change
        ([70], [60], [], 70, 70),  # flat came first: long is a change
        ([], [60], [], 192, 192),
    ],
)
def test_first_entry(long, flat, short, plain, armed):
    signals = Signals(words(*long), words(*flat), words(*short))
    assert first_entry(signals, False, 3, 192) == plain
    assert first_entry(signals, True, 3, 192) == armed
