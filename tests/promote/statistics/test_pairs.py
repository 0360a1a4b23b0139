"""Uplift of a pair, and the permutation test of a whole search."""

import math

import numpy as np
import pytest

from promote.statistics import (
    bootstrap,
    permutation_test,
    shuffled,
    stationary_index,
    uplift,
)


def returns(n=500, seed=1, mean=0.0005):
    return np.random.default_rng(seed).normal(mean, 0.01, n)


def annual(r, year=252):
    sharpe = r.mean() / r.std(ddof=1) * math.sqrt(year)
    return np.array([sharpe, np.prod(1 + r) ** (year / r.size) - 1])


def test_uplift_as_resample_by_resample(monkeypatch):
    monkeypatch.setattr(bootstrap, "COUNTS", 6_000)
    ours, theirs = returns(), returns(seed=2)
    found = uplift(ours, theirs, 252, resamples=150, block=3.0, seed=4, confidence=0.9)
    random = np.random.default_rng(4)
    picks = [stationary_index(500, 3.0, random) for _ in range(150)]
    drawn = np.array([annual(ours[pick]) - annual(theirs[pick]) for pick in picks])
    seen = annual(ours) - annual(theirs)
    for k, one in enumerate((found.sharpe, found.annual_return)):
        assert one.value == pytest.approx(seen[k])
        assert one.p_value == (1 + (drawn[:, k] >= 2 * seen[k]).sum()) / 151
        expected = np.quantile(drawn[:, k], [0.05, 0.95])
        np.testing.assert_allclose([one.low, one.high], expected)
    assert found.block == 3


def test_what_moves_both_cancels_out():
    """0.2 of annual Sharpe is noise between two strangers, and certain between near twins."""
    market = returns(1_000)
    twin = market + 0.0002 + returns(1_000, seed=3, mean=0) * 0.02
    found = uplift(twin, market, 252).sharpe
    assert found.value == pytest.approx(0.32, abs=0.1)
    assert found.p_value < 0.01
    assert found.low > 0
    stranger = uplift(returns(1_000, seed=5), returns(1_000, seed=6), 252).sharpe
    assert stranger.high - stranger.low > 5 * (found.high - found.low)


def test_the_same_twice_is_no_uplift():
    found = uplift(returns(), returns(), 252, resamples=200)
    for one in (found.sharpe, found.annual_return):
        assert (one.value, one.p_value, one.low, one.high) == (0, 1, 0, 0)


def test_uplift_p_values_are_right_under_a_true_null_hypothesis():
    found = [
        uplift(returns(150, 2 * s), returns(150, 2 * s + 1), 252, 150, block=1, seed=s).sharpe
        for s in range(200)
    ]
    p_values = np.array([one.p_value for one in found])
    assert (p_values <= 0.1).mean() == pytest.approx(0.1, abs=0.06)
    assert (p_values <= 0.5).mean() == pytest.approx(0.5, abs=0.1)
    covered = [one.low <= 0 <= one.high for one in found]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.05)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baseline": returns(499)}, "baseline: need the 500 bars of the candidate, got 499"),
        ({"candidate": np.r_[returns(499), np.nan]}, "candidate: must be finite"),
        ({"candidate": np.r_[returns(499), -1.0]}, "must be above -1; one was ruined"),
        ({"candidate": np.ones((500, 1))}, "candidate: need one dimension"),
        ({"candidate": returns(9), "baseline": returns(9)}, "need 16 observations"),
        ({"resamples": 99}, "resamples: must be 100"),
        ({"periods_per_year": 0}, "periods_per_year: must be"),
        ({"periods_per_year": np.nan}, "periods_per_year"),
        ({"confidence": 1.0}, "confidence: must be above 0 and below 1"),
        ({"block": 0.0}, "block: must be 1"),
    ],
)
def test_what_does_not_pair_is_refused(change, message):
    given = {"candidate": returns(), "baseline": returns(seed=2), "periods_per_year": 252}
    with pytest.raises(ValueError, match=message):
        uplift(**given | change)


def momentum(r):
    """Best of two rules: go with the last return, or against it."""
    kept = r[1:] * np.sign(r[:-1])
    return float(abs(kept.mean()) / kept.std())


def test_a_search_that_finds_something_beats_its_permutations():
    noise = returns(400)
    trending = noise.copy()
    trending[1:] += 0.6 * noise[:-1]
    found = permutation_test(momentum, trending, shuffled, draws=99)
    assert found.p_value == 0.01
    assert found.score > found.chance.max()
    assert found.score == momentum(trending)


def test_permutation_p_values_are_uniform_under_the_null_hypothesis():
    found = [
        permutation_test(momentum, returns(60, s), shuffled, 39, s).p_value for s in range(300)
    ]
    for level in (0.05, 0.25, 0.5):
        assert np.mean(np.array(found) <= level) == pytest.approx(level, abs=0.07)


def test_the_order_goes_and_the_drift_stays():
    pair = np.stack([returns(50), returns(50)], axis=1)
    mixed = shuffled(pair, np.random.default_rng(1))
    assert (mixed[:, 0] == mixed[:, 1]).all(), "what belongs to one bar stays together"
    assert np.sort(mixed[:, 0]).tolist() == np.sort(pair[:, 0]).tolist()
    assert mixed[:, 0].tolist() != pair[:, 0].tolist()


def test_a_draw_depends_on_its_number_alone():
    few, more = (permutation_test(momentum, returns(60), shuffled, n).chance for n in (19, 40))
    assert few.tolist() == more[:19].tolist()


def test_by_hand_and_ties_count_against_it():
    scores = iter([2.0, *[1.0] * 10, *[2.0] * 5, *[3.0] * 4])
    found = permutation_test(lambda _: next(scores), None, lambda data, _: data, draws=19)
    assert found.p_value == (1 + 9) / 20


def test_a_search_without_a_score_is_refused():
    scores = iter([1.0, math.nan])
    with pytest.raises(ValueError, match="NaN as the score of draw 0"):
        permutation_test(lambda _: next(scores), None, lambda data, _: data, draws=19)
    with pytest.raises(ValueError, match="NaN as the score of the data"):
        permutation_test(lambda _: math.nan, None, lambda data, _: data)
    with pytest.raises(ValueError, match="draws: must be 19 or more"):
        permutation_test(lambda _: 1.0, None, lambda data, _: data, draws=18)
