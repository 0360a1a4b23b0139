"""The largest weighted sums: those of a plain product, and the same bits at any place."""

import numpy as np
import pytest

from promote.statistics.weighted_maxima import weighted_maxima


def drawn(seed, resamples=20, blocks=33, columns=700):
    random = np.random.default_rng(seed)
    tables = (
        random.random((resamples, blocks)),
        random.normal(size=(blocks, columns)),
        random.normal(size=(3, columns)),
    )
    return [table.astype(np.float32) for table in tables]


@pytest.mark.parametrize(("blocks", "columns"), [(1, 1), (4, 511), (33, 512), (70, 1300)])
def test_they_are_those_of_a_matrix_product(blocks, columns):
    weights, table, shifts = drawn(1, blocks=blocks, columns=columns)
    product = weights.astype(float) @ table.astype(float)
    expected = np.stack([(product + shift).max(axis=1) for shift in shifts], axis=1)
    assert weighted_maxima(weights, table, shifts) == pytest.approx(expected, abs=1e-5)


def test_a_column_has_the_same_bits_wherever_it_stands():
    weights, table, shifts = drawn(2)
    alone = [weighted_maxima(weights, table[:, [c]], shifts[:, [c]]) for c in range(700)]
    assert np.array_equal(weighted_maxima(weights, table, shifts), np.max(alone, axis=0))
    order = np.random.default_rng(3).permutation(700)
    shuffled = weighted_maxima(weights, table[:, order], shifts[:, order])
    assert np.array_equal(shuffled, weighted_maxima(weights, table, shifts))


def test_what_is_left_out_has_no_part():
    weights, table, shifts = drawn(4)
    shifts[:, :600] = -np.inf
    assert np.array_equal(
        weighted_maxima(weights, table, shifts),
        weighted_maxima(weights, table[:, 600:], shifts[:, 600:]),
    )
    assert np.all(weighted_maxima(weights, table[:, :0], shifts[:, :0]) == -np.inf)
