"""Seeded randomness by number: draw k costs the same whichever came before, or none.

Both tools hash a counter with the finaliser of SplitMix64, so nothing is kept between calls and
any worker can compute any stretch.

Sources: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014
(SplitMix64); Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002 (the
generalized Feistel network on Z_a x Z_b and cycle walking).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeper.space.axes import Floats, Ints

Words = NDArray[np.uint64]

LARGEST = 2**62
"""Most positions a `Permutation` can have."""

GOLDEN = 0x9E3779B97F4A7C15
"""The step of SplitMix64's counter: 2^64 over the golden ratio, odd."""

_WORD = 2**64 - 1
_ROUNDS = 12  # with 8 the 120 orders of 5 things are not equally likely over the seeds


def mix(words: Words) -> Words:
    """Scramble 64-bit words: a bijection; products wrap."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _keys(seed: int, streams: range) -> Words:
    """One key per stream, all unlike each other and unlike those of every other seed."""
    root = int(mix(np.array([seed & _WORD], np.uint64))[0])
    counters = [(root + (stream + 1) * GOLDEN) & _WORD for stream in streams]
    return mix(mix(np.array(counters, np.uint64)))


def uniforms(seed: int, stream: int, start: int, stop: int) -> Floats:
    """Draws start..stop-1 of one stream: uniform on the multiples of 2^-53 in [0, 1).

    Args:
        seed: any whole number, taken modulo 2^64.
        stream: draws of different streams are independent.
        start: number of the first draw.
        stop: one past the last.
    """
    counters = np.arange(start, stop, dtype=np.uint64) * np.uint64(GOLDEN)
    words = mix(counters + _keys(seed, range(stream, stream + 1)))
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


@dataclass(frozen=True)
class Permutation:
    """A seeded shuffle of 0..size-1 of which any part can be computed by itself.

    Attributes:
        size: 1..2^62.
        seed: any whole number, taken modulo 2^64.
    """

    size: int
    seed: int

    def __post_init__(self) -> None:
        assert 1 <= self.size <= LARGEST

    def at(self, index: Ints) -> Ints:
        """Values at the positions `index`, (m,) in 0..size-1; distinct for distinct ones."""
        out = self._scramble(index.astype(np.uint64))
        outside = np.flatnonzero(out >= self.size)
        while outside.size:  # cycle walking: the network covers a few numbers more than size
            out[outside] = self._scramble(out[outside])
            outside = outside[out[outside] >= self.size]
        return out.astype(np.int64)

    def position(self, values: Ints) -> Ints:
        """Where `values`, (m,) in 0..size-1, stand: the inverse of `at`."""
        out = self._unscramble(values.astype(np.uint64))
        outside = np.flatnonzero(out >= self.size)
        while outside.size:  # the walk of `at`, backwards
            out[outside] = self._unscramble(out[outside])
            outside = outside[out[outside] >= self.size]
        return out.astype(np.int64)

    def _scramble(self, index: Words) -> Words:
        """A bijection of 0..a*b-1, where a = ceil(sqrt(size)) and b = ceil(size/a)."""
        a = math.isqrt(self.size - 1) + 1
        b = -(-self.size // a)
        left, right = np.divmod(index, np.uint64(b))
        keys = _keys(self.seed, range(_ROUNDS))
        for even, odd in zip(keys[::2], keys[1::2], strict=True):
            left = _add(left, right, even, a)
            right = _add(right, left, odd, b)
        return left * np.uint64(b) + right

    def _unscramble(self, values: Words) -> Words:
        """The inverse of `_scramble`."""
        a = math.isqrt(self.size - 1) + 1
        b = -(-self.size // a)
        left, right = np.divmod(values, np.uint64(b))
        keys = _keys(self.seed, range(_ROUNDS))[::-1]
        for odd, even in zip(keys[::2], keys[1::2], strict=True):
            right = _take(right, left, odd, b)
            left = _take(left, right, even, a)
        return left * np.uint64(b) + right


def _take(target: Words, source: Words, key: np.uint64, modulus: int) -> Words:
    """Give target - hash(source) modulo `modulus`: the inverse of `_add`."""
    taken = _hashed(source, key, modulus)
    return np.where(target < taken, target + (np.uint64(modulus) - taken), target - taken)


def _hashed(source: Words, key: np.uint64, modulus: int) -> Words:
    """A hash of source in 0..modulus-1; `modulus` is at most 2^31."""
    high = mix(source * np.uint64(GOLDEN) + key) >> np.uint64(32)
    return (high * np.uint64(modulus)) >> np.uint64(32)


def _add(target: Words, source: Words, key: np.uint64, modulus: int) -> Words:
    """Give target + hash(source) modulo `modulus` (at most 2^31); target is below it."""
    total = target + _hashed(source, key, modulus)
    return np.where(total >= modulus, total - np.uint64(modulus), total)
