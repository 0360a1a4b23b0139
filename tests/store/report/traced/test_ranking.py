"""The section of a report on a ranking."""

import numpy as np
import pytest

from store.report.figures.ranking import coefficients_figure, holdings_figure, quantiles_figure
from store.report.traced.ranking import coefficients, quantile_returns
from store.report.traced.ranking_view import Ranking

nan = np.nan


def test_a_coefficient_is_the_correlation_of_the_symbols_that_have_both():
    scores = np.array([[1.0, 2, 3, nan, 5], [1, 1, 1, 1, 1], [1, 2, nan, nan, nan]])
    returns = np.array([[0.1, 0.3, 0.2, 0.9, nan], [0.1, 0.2, 0.3, 0.4, 0.5], [0.1, 0.2, 0, 0, 0]])
    assert coefficients(scores, returns) == [pytest.approx(0.5), None, None]


def test_quantile_returns_are_means_by_rank_over_the_periods_with_enough_symbols():
    scores = np.array([[4.0, 3, 2, 1, nan], [1, 2, 3, 4, nan], [1, nan, nan, nan, nan]])
    returns = np.array([[0.4, 0.3, 0.2, 0.1, 9], [0.2, 0.2, 0.4, 0.6, 9], [9, 9, 9, 9, 9]])
    np.testing.assert_allclose(quantile_returns(scores, returns, 2), [0.175, 0.425])
    assert np.isnan(quantile_returns(scores[2:], returns[2:], 2)).all()


def test_the_figures_have_a_place_for_each_rebalance():
    ranking = Ranking(
        "Run 1", ("2024-01-01", "2024-02-01"), (0.1, None), (0.01, 0.02), ("A", "B"),
        ((0.5, 0.0), (0.5, -1.0)), (1.0, 0.7), "",
    )  # fmt: skip
    assert coefficients_figure(ranking)["data"][1]["y"] == [0.1, 0.1]
    assert quantiles_figure(ranking)["data"][0]["x"] == ["lowest scores", "highest scores"]
    drawn = holdings_figure(ranking)["data"][0]
    assert drawn["z"] == [[0.5, 0.0], [0.5, -1.0]]
    assert (drawn["zmin"], drawn["zmax"]) == (-1.0, 1.0)
