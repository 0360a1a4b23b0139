"""How exact a median of alike configurations is: limits by hand, and medians of drawn estimates."""

import math

import numpy as np
import pytest

from promote.statistics import deflated_sharpe, effective_number, median_bars, variance_across
from store.analysis.neighbourhoods import neighbours, plateau
from tests.promote.statistics.test_effective import orthogonal

BARS = np.full(64, 10)
N = 640


def test_copies_are_as_exact_as_one():
    one = orthogonal(1)
    assert median_bars(np.hstack([one, 3 * one, one + 5]), BARS) == pytest.approx(N)
    assert median_bars(one, BARS) == N


def test_independent_ones_by_hand():
    """The variance of the median of 9 is pi / 18 of that of one, or less."""
    assert median_bars(orthogonal(9), BARS) == pytest.approx(1 + (N - 1) * 18 / math.pi)


def test_two_correlated_by_hand():
    """Correlation 0.6: 0.6 + 0.4 pi / 4 = 0.914."""
    x, y = orthogonal(2).T
    pair = np.stack([x, 0.6 * x + 0.8 * y], axis=1)
    assert median_bars(pair, BARS) == pytest.approx(1 + (N - 1) / (0.6 + 0.1 * math.pi))


def test_what_never_trades_is_left_out():
    pair = orthogonal(2)
    wider = np.hstack([pair, np.zeros((64, 3))])
    assert median_bars(wider, BARS) == pytest.approx(median_bars(pair, BARS))
    assert median_bars(np.zeros((64, 3)), BARS) == N


def test_opposites_are_no_more_than_they_are():
    x, _ = orthogonal(2).T
    found = median_bars(np.stack([x, -x], axis=1), BARS)
    assert N < found < math.inf


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("k", [2, 4, 6, 9, 49])
def test_no_median_is_less_exact_than_it_says(k, correlation):
    random = np.random.default_rng(k)
    shared, own = random.standard_normal((20_000, 1)), random.standard_normal((20_000, k))
    estimates = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * own
    true = np.median(estimates, axis=1).var()
    said = correlation + (1 - correlation) * math.pi / 2 / k
    assert true <= min(1.0, said) * 1.03, "the error of the draws is 1 %"
    assert k < 49 or true == pytest.approx(said, rel=0.05)


def test_the_mean_correlation_is_that_of_the_whole_matrix():
    random = np.random.default_rng(1)
    table = random.standard_normal((64, 3)) @ random.standard_normal((3, 8))
    table += random.standard_normal((64, 8))
    matrix = np.corrcoef(table.T)
    mean = (matrix.sum() - 8) / 56
    expected = 1 + (N - 1) / (mean + math.pi / 16 * (1 - mean))
    assert median_bars(table, BARS) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("sums", "bars", "line"),
    [
        (np.ones(64), BARS, "block_sum: need"),
        (np.full((64, 2), np.nan), BARS, "block_sum: must be finite"),
        (np.ones((64, 2)), BARS[1:], "block_n: need 64"),
    ],
)
def test_bad_input_is_refused(sums, bars, line):
    with pytest.raises(ValueError, match=line):
        median_bars(sums, bars)


def test_the_best_of_skill_free_plateaus_passes_no_more_often_than_it_says():
    """A grid of 15 x 15 rules, each as its neighbours are: returns of a mean of 0 at every draw."""
    random = np.random.default_rng(5)
    x, y = (one.ravel().astype(float) for one in np.meshgrid(np.arange(15), np.arange(15)))
    apart = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    weights = np.linalg.cholesky(np.exp(-apart / 60) + 0.05 * np.eye(225)).T
    weights /= np.linalg.norm(weights, axis=0)
    passed = sum(assured(random.standard_normal((N, 225)) @ weights, x, y) for _ in range(300))
    assert 1 <= passed <= 15, "of 300 at a confidence of 95 %"


def assured(returns, x, y):
    """Whether the best plateau of (N, n) returns is above the luck of plateaus, as in the gate."""
    ratios = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    sums, axes = returns.reshape(64, 10, -1).sum(axis=1), {"x": x, "y": y}
    found = plateau(axes, ratios)
    near = neighbours(axes, ratios, np.arange(x.size))
    mine = near[found.best][near[found.best] >= 0]
    held = np.stack([sums[:, row[row >= 0]].mean(axis=1) for row in near], axis=1)
    bars = median_bars(sums[:, mine], BARS)
    variance = variance_across(found.median, bars)
    number = effective_number(held, BARS)
    return deflated_sharpe(found.median[found.best], bars, 0.0, 3.0, number, variance) >= 0.95
