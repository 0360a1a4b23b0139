"""Seeds are fixed, so the bounds (5 standard deviations of a chi-square) hold or fail for good."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.space.counter_rng import GOLDEN, LARGEST, Permutation, mix, uniforms


def chi_square_is_plausible(counts, expected):
    freedom = counts.size - 1
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return abs(statistic - freedom) < 5 * math.sqrt(2 * freedom)


@given(st.integers(1, 3000), st.integers())
def test_a_permutation_visits_everything_once(size, seed):
    out = Permutation(size, seed).at(np.arange(size))
    np.testing.assert_array_equal(np.sort(out), np.arange(size))


@given(st.integers(1, LARGEST), st.integers(0, 2**64 - 1), st.data())
def test_any_part_of_a_huge_permutation_is_within_and_distinct(size, seed, data):
    index = np.array(sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=50))))
    out = Permutation(size, seed).at(index)
    assert (out >= 0).all()
    assert (out < size).all()
    assert np.unique(out).size == index.size
    assert Permutation(size, seed).at(index[-1:]).tolist() == out[-1:].tolist()


@pytest.mark.parametrize("size", [2, 10, 24])
def test_every_place_is_as_likely_over_the_seeds(size):
    seeds = 2000
    table = np.array([Permutation(size, seed).at(np.arange(size)) for seed in range(seeds)])
    for position in range(size):
        counts = np.bincount(table[:, position], minlength=size)
        assert chi_square_is_plausible(counts, seeds / size)


def test_the_beginning_of_a_permutation_is_spread_evenly():
    out = Permutation(10**8, 7).at(np.arange(100_000))
    assert chi_square_is_plausible(np.bincount(out // 10**6, minlength=100), 1000)
    assert chi_square_is_plausible(np.bincount(out % 100, minlength=100), 1000)


def test_neighbours_in_a_permutation_are_unrelated():
    out = Permutation(10**8, 7).at(np.arange(100_001)) // (10**8 // 20)
    pairs = np.bincount(out[:-1] * 20 + out[1:], minlength=400)
    assert chi_square_is_plausible(pairs, 250)


@pytest.mark.parametrize("other", [1, 2**32, -1])
def test_a_seed_changes_every_draw(other):
    index = np.arange(10_000)
    same = Permutation(10**6, 0).at(index) == Permutation(10**6, other).at(index)
    assert same.sum() < 5
    assert not (uniforms(0, 0, 0, 10_000) == uniforms(other, 0, 0, 10_000)).any()


def test_draws_are_uniform():
    draws = uniforms(3, 0, 0, 200_000)
    assert draws.min() >= 0
    assert draws.max() < 1
    assert chi_square_is_plausible(np.bincount((draws * 200).astype(int), minlength=200), 1000)


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_streams_are_independent(lag):
    first, second = uniforms(3, 0, 0, 100_000), uniforms(3, 1, lag, 100_000 + lag)
    cells = (first * 20).astype(int) * 20 + (second * 20).astype(int)
    assert chi_square_is_plausible(np.bincount(cells, minlength=400), 250)


def test_draws_can_be_cut_anywhere():
    whole = uniforms(9, 4, 0, 1000)
    np.testing.assert_array_equal(whole[137:450], uniforms(9, 4, 137, 450))


@pytest.mark.parametrize("size", [3, 5])
def test_every_order_is_as_likely_over_the_seeds(size):
    seeds, orders = 6000, math.factorial(size)
    table = np.array([Permutation(size, seed).at(np.arange(size)) for seed in range(seeds)])
    counts = np.unique(table, axis=0, return_counts=True)[1]
    assert counts.size == orders
    assert chi_square_is_plausible(counts, seeds / orders)


def test_mix_is_that_of_splitmix64():
    """The first words of the published generator from seed 1234567."""
    words = mix(np.arange(1, 6, dtype=np.uint64) * np.uint64(GOLDEN) + np.uint64(1234567))
    assert words.tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


def test_the_draws_themselves_are_pinned():
    """Stored seeds must mean the same points in the next release."""
    assert Permutation(1000, 42).at(np.arange(4)).tolist() == [102, 170, 330, 936]
    assert Permutation(10**12, 42).at(np.array([0, 10**11])).tolist() == [
        160072555083,
        824999491327,
    ]
    assert uniforms(42, 0, 0, 1)[0].hex() == "0x1.c9494662b4780p-6"
    assert uniforms(42, 3, 10**12, 10**12 + 1)[0].hex() == "0x1.1c819503dadcap-1"
