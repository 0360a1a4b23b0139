"""Bars that are too few for a search are said before it runs."""

import math

import pytest

from store.analysis.enough_bars import independent_tries, too_few
from store.analysis.expected_max_sharpe import noise_sharpe
from store.luck.record import Luck


def luck(q90, bests=(0.5, 0.8, 1.2, 1.5)):
    counts = {"configurations": 752, "sample": 752, "small": 500, "histories": 4, "closer": 4}
    return Luck(**counts, mean=1.1, se=0.05, sd=0.4, q90=q90, bests=bests)


def test_where_luck_is_below_the_hurdle_nothing_is_said():
    assert too_few(luck(0.99), 2520, 252.0) == ""
    assert too_few(luck(math.nan), 2520, 252.0) == ""


def test_the_bars_that_would_do_grow_with_the_square_of_luck():
    """q90 of 1.5 on 756 bars: 756 x 2.25 = 1,701 bars; 2 of 4 histories show 1: 3 in 5."""
    note = too_few(luck(1.5), 756, 252.0)
    assert "1,701 bars would keep that below 10 %, 945 more than there are" in note
    assert "a Sharpe ratio of 1.00 in 60 % of histories" in note
    assert note.startswith("756 bars are few for the best of these 752, worth about ")


@pytest.mark.parametrize("tries", [2, 12, 752, 100_000])
def test_independent_tries_are_the_inverse_of_the_expected_best(tries):
    mean = noise_sharpe(tries, 756, 252.0)
    assert independent_tries(mean, 756, 252.0) == pytest.approx(tries, rel=0.01)


def test_more_than_any_number_of_tries_shows_is_none():
    assert independent_tries(9.0, 756, 252.0) is None
