"""Stitching and efficiency on numbers small enough to check by hand."""

import math

import numpy as np
import pytest

from store.analysis.walk_forward import best_of, efficiency, stitch


def test_two_folds_by_hand():
    """Returns .1 -.1 .2 and then .0 .1, as blocks of two and one bar, and of one and one."""
    sums = np.array([[0.0, 0.2], [0.0, 0.1]])
    squares = np.array([[0.02, 0.04], [0.0, 0.01]])
    total = np.array([1.1 * 0.9 * 1.2 - 1, 0.1])
    found = stitch(sums, squares, np.array([3, 2]), total, periods_per_year=4.0)
    returns = [0.1, -0.1, 0.2, 0.0, 0.1]
    mean = 0.06
    deviation = math.sqrt(sum((r - mean) ** 2 for r in returns) / 4)
    assert found.bars == 5
    assert found.sharpe == pytest.approx(mean / deviation * 2)
    assert found.total_return == pytest.approx(1.1 * 0.9 * 1.2 * 1.1 - 1)
    assert found.annual_return == pytest.approx((1 + found.total_return) ** (4 / 5) - 1)


def test_a_lost_account_stays_lost():
    found = stitch(np.zeros((2, 2)), np.ones((2, 2)), np.array([2, 2]), np.array([-1.0, 0.5]), 252)
    assert (found.total_return, found.annual_return) == (-1.0, -1.0)


def test_efficiency_is_what_test_keeps_of_train():
    assert efficiency(np.array([1.0, 3.0]), np.array([2.0, -1.0])) == 0.25
    assert efficiency(np.array([1.0, 1.0]), np.array([-2.0, 1.0])) == -0.5


@pytest.mark.parametrize(
    ("inside", "outside"),
    [([-1.0, 1.0], [1.0, 1.0]), ([-2.0], [1.0]), ([math.inf], [1.0]), ([1.0], [math.nan])],
)
def test_no_efficiency_without_a_gain_on_train(inside, outside):
    assert efficiency(np.array(inside), np.array(outside)) is None


def test_the_best_is_the_first_of_equals_and_never_nan():
    scores = np.array([math.nan, 1.0, 3.0, 3.0, -2.0])
    assert best_of(scores, descending=True) == 2
    assert best_of(scores, descending=False) == 4
    assert best_of(np.full(3, math.nan), descending=True) is None
    assert best_of(np.array([]), descending=True) is None
