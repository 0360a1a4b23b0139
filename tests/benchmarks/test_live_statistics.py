"""Figures of live returns and fills, reproduced in small: the statistics are what they claim."""

import numpy as np
import pytest

from benchmarks.rollout import YEAR, bands, limits, paths
from operate.rollout.null_rollout import stopped_at
from operate.statistics.betting import SHOWN, e_process
from operate.statistics.detector import detector
from operate.statistics.horizon import years_to_tell
from operate.statistics.shortfall import crosses, line_constant


@pytest.mark.parametrize(
    ("a", "b", "years"),
    [(3, 0, 0.7), (2, 0, 1.5), (1, 0, 6.2), (2, 1, 6.2), (1, 0.5, 24.7), (2.1, 1.5, 17.2)],
)
def test_years_until_returns_tell(a, b, years):
    assert round(years_to_tell(a, b), 1) == years


@pytest.mark.parametrize(("correlation", "years"), [(0, 49), (0.5, 25), (0.8, 9.9), (0.95, 2.5)])
def test_years_until_a_paired_difference_tells(correlation, years):
    found = years_to_tell(1.5, 1.0, correlation, paired=True)
    assert found == pytest.approx(years, rel=0.03)


@pytest.mark.parametrize(("excess", "fills"), [(5, 48), (10, 23)])
def test_fills_until_an_excess_is_shown(excess, fills):
    random = np.random.default_rng(1)
    found = [
        int((e_process(random.normal(excess / 10, 1, 400)) >= SHOWN).argmax()) + 1
        for _ in range(400)
    ]
    assert np.median(found) == pytest.approx(fills, rel=0.15)


def test_the_betting_process_keeps_villes_bound():
    random = np.random.default_rng(2)
    shown = [(e_process(random.standard_t(5, 1_000) / 1.29) >= SHOWN).any() for _ in range(800)]
    assert np.mean(shown) < 0.05


def test_the_betting_process_by_hand():
    """One value of 2: the mean over the bets 0.05, 0.12 and 0.24 of 1 + 2 l is 1 + 0.82 / 3."""
    assert e_process(np.array([2.0]))[0] == pytest.approx(1 + 0.82 / 3)
    assert e_process(np.array([9.0]))[0] == pytest.approx(1 + 1.64 / 3)


def test_the_detector_by_hand():
    """M_1 = 1 + l, M_2 = (M_1 + 1)(1 + l) for a return one deviation below the mean."""
    bets = np.array([0.02, 0.04, 0.08, 0.12])
    found = detector(np.array([-1.0, -1.0]), 0.0)
    expected = [(1 + bets).mean(), ((2 + bets) * (1 + bets)).mean()]
    np.testing.assert_allclose(found, expected)


def test_independent_returns_have_the_constant_of_the_reflection_principle():
    """2 Phi(-c) = 0.05 at c = 1.96, a little less in discrete time."""
    returns = np.random.default_rng(3).standard_normal(4_000)
    assert line_constant(returns, 252, 0.05, 1.0) == pytest.approx(1.92, abs=0.08)


def test_the_line_is_renewed():
    returns = np.r_[np.full(10, -0.01), np.full(10, 0.02), np.full(10, -0.03)]
    assert crosses(0.0, returns, 0.2, 10) == 26
    assert crosses(0.0, returns, 0.5, 10) is None


def test_the_standard_plan_stops_few_real_edges_and_most_bad_ones():
    mean, line, fall = limits(1.0, n=2_000)
    real = stopped_at(paths(1_000, 1.0, 11), mean, line, fall, YEAR)
    bad = stopped_at(paths(1_000, -1.0, 12), mean, line, fall, YEAR)
    assert (real <= YEAR).mean() <= 0.055
    assert (bad <= 3 * YEAR).mean() >= 0.85
    assert 0.35 <= (bands(paths(1_000, 1.0, 13)) <= 21).mean() <= 0.47
