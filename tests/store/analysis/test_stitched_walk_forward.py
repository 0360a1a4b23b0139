"""Test windows in one account, on numbers small enough to check by hand."""

import dataclasses
import math

import numpy as np
import pytest

from store.analysis.stitched_walk_forward import chained, deepest_fall
from store.analysis.walk_forward import stitch
from store.report.figures.curves import equity_figure
from store.report.html import render
from store.report.markdown import summary
from store.report.view_model import Curve, Equity, Record
from store.terminal.window_tables import stitched_text
from tests.store.report.test_report_page import Page
from tests.store.views import VIEW, WALK


def test_windows_compound_and_gaps_are_flat():
    """Bars 10 and 11, no choice for 12 and 13, bars 14 to 16."""
    pieces = [np.array([1.1, 0.9]), np.array([1.0, 1.5, 1.2])]
    growth = chained(pieces, [(10, 12), (14, 17)])
    assert growth.tolist() == [1.1, 0.9, 0.9, 0.9, 0.9, pytest.approx(1.35), pytest.approx(1.08)]


def test_the_deepest_fall_counts_the_beginning():
    assert deepest_fall(np.array([0.8, 0.9, 1.2, 1.0])) == pytest.approx(0.2)
    assert deepest_fall(np.array([1.2, 0.9])) == pytest.approx(0.25)
    assert deepest_fall(np.array([1.0, 1.1])) == 0.0


def test_flat_bars_and_elapsed_years_count():
    """Returns .1, then a bar without a window, then -.05; two years by the calendar."""
    found = stitch(
        np.array([[0.1], [-0.05]]), np.array([[0.01], [0.0025]]), np.array([1, 1]),
        np.array([0.1, -0.05]), 4.0, flat=1, years=2.0,
    )  # fmt: skip
    returns = [0.1, 0.0, -0.05]
    assert found.bars == 3
    assert found.sharpe == pytest.approx(np.mean(returns) / np.std(returns, ddof=1) * 2)
    assert found.annual_return == pytest.approx(math.sqrt(1.1 * 0.95) - 1)


def test_cash_is_taken_off_the_mean():
    """A rate of 4 % over 4 bars a year is 1 % a bar."""
    returns = np.array([0.1, -0.05, 0.02, 0.0])
    found = stitch(
        returns[None, :], returns[None, :] ** 2, np.array([4]), np.array([0.07]), 4.0,
        risk_free=0.04,
    )  # fmt: skip
    excess = returns - 0.01
    assert found.sharpe == pytest.approx(excess.mean() / excess.std(ddof=1) * 2)


def test_less_than_a_day_is_not_carried_to_a_year():
    ones = np.ones((1, 1))
    found = stitch(ones, ones, np.array([2]), np.array([0.1]), 252.0, years=1 / 1000)
    assert math.isnan(found.annual_return)


CURVES = Equity(
    "Out of sample",
    (Curve("best", "out of sample", ("2005-01-03", "2005-01-04"), (1.0, 1.1)),),
    marks=("2005-01-03", "2005-01-04"),
    records=(
        Record("best", "out of sample", {"sharpe": 0.3, "max_drawdown": 0.21}),
        Record(
            "hold",
            "buy and hold",
            {"sharpe": 0.47, "annual_return": 0.0812, "max_drawdown": 0.55},
        ),
    ),
)


def test_a_page_names_what_is_out_of_sample():
    view = dataclasses.replace(VIEW, walk=WALK, equity=CURVES)
    page = Page(render(view))
    for text in ("Sharpe out of sample", "Sharpe of the best on train", "test windows in a row"):
        assert text in page.text
        assert text not in Page(render(VIEW)).text
    figure = equity_figure(CURVES)
    assert [line["x0"] for line in figure["layout"]["shapes"]] == ["2005-01-03", "2005-01-04"]


def test_a_summary_tells_the_record():
    text = summary(dataclasses.replace(VIEW, walk=WALK, equity=CURVES))
    assert "Stitched out of sample, NASDAQ 2005" in text
    held = "Buy and hold over the same bars: Sharpe 0.47, return p.a. 8.1 %, max drawdown 55.0 %."
    assert held in text
    gone = Equity("x", problem="No equity is drawn.")
    assert "Buy and hold over" not in summary(dataclasses.replace(VIEW, walk=WALK, equity=gone))


def test_words_of_the_fall():
    def told(**more):
        return stitched_text(WALK | {"stitched": WALK["stitched"] | more})

    assert "4.0 % a year.\n" in told()
    assert "4.0 % a year, max drawdown 21.0 %.\n" in told(max_drawdown=0.21)
    assert "a year; no drawdown: The bars are gone.\n" in told(
        max_drawdown=None, problem="The bars are gone."
    )
