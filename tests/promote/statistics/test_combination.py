"""One p-value of two windows: against a slow integral, by hand, and on columns of noise."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from promote.statistics import (
    after_looks,
    evidence,
    history_needed,
    kin,
    max_t_blocks,
    next_level,
    of_many,
    tail_chance,
)
from promote.statistics.combination import FIRST, FLOOR
from promote.statistics.kin import spread
from promote.statistics.sharpe_gap import Record
from promote.statistics.superior_ability_blocks import SMALLEST
from tests.promote import slow_statistics as slow


def in_blocks(table, blocks=64):
    """Sums of returns and of their squares, and the bars of each block."""
    parts = table.reshape(blocks, -1, table.shape[1])
    return parts.sum(axis=1), (parts**2).sum(axis=1), np.full(blocks, parts.shape[1])


# The combination


@pytest.mark.parametrize("weight", [0.1, 0.2, 0.35])
@pytest.mark.parametrize(("p_first", "z_second"), [(0.19, 2.0), (0.02, 1.0), (0.001, -0.2)])
def test_the_chance_is_that_of_the_double_integral(p_first, z_second, weight):
    expected = slow.evidence(p_first, z_second, weight)
    assert evidence(p_first, z_second, weight) == pytest.approx(expected, rel=0.02, abs=1e-5)


@pytest.mark.parametrize(("limit", "strength"), [(0.03, 1.836), (0.025, 1.921), (0.01, 2.304)])
def test_the_limits_on_the_weighted_sum(limit, strength):
    """With a holdout of a fifth; at z2 = 0 the sum is sqrt(0.8) z1."""
    p_first = float(norm.sf(strength / math.sqrt(0.8)))
    assert evidence(p_first, 0.0, 0.2) == pytest.approx(limit, rel=2e-3)


def test_below_a_floor_nothing_makes_up_for_it():
    assert evidence(0.2001, 9.0, 0.2) == 1
    assert evidence(1.0, 9.0, 0.2) == 1
    assert evidence(1e-9, FLOOR - 1e-9, 0.2) == 1
    assert evidence(1e-9, FLOOR, 0.2) < 1e-3


CHANCES = st.floats(1e-9, 0.2)
SECOND = st.floats(FLOOR, 6)


@settings(max_examples=60, deadline=None)
@given(CHANCES, CHANCES, SECOND, SECOND, st.floats(0.02, 0.6))
def test_more_of_either_is_never_less_evidence(p, q, y, z, weight):
    low, high = sorted((p, q))
    assert evidence(low, y, weight) <= evidence(high, y, weight) + 1e-12
    below, above = sorted((y, z))
    assert evidence(p, above, weight) <= evidence(p, below, weight) + 1e-12


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-9, 0.99), st.floats(1, 50), st.floats(1, 50), st.integers(1, 9), SECOND)
def test_what_was_tried_and_looked_at_besides_only_raises_the_chance(p, m, n, looks, z):
    fewer, more = sorted((m, n))
    assert p <= of_many(p, fewer) * (1 + 1e-12) <= of_many(p, more) * (1 + 1e-9)
    assert after_looks(z, looks + 1) < after_looks(z, looks) <= z


def test_many_choices_by_hand():
    assert of_many(0.1, 2) == pytest.approx(1 - 0.9**2)
    assert of_many(0.01, 1) == pytest.approx(0.01)
    assert of_many(1.0, 7) == 1
    assert after_looks(1.2, 1) == 1.2
    assert norm.sf(after_looks(1.175, 2)) == pytest.approx(1 - (1 - norm.sf(1.175)) ** 2)
    assert -40 < after_looks(-12.0, 5) < after_looks(40.0, 5) < 40


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_refused(bad):
    for call in (
        lambda: evidence(bad, 1.0, 0.2),
        lambda: evidence(0.1, bad, 0.2),
        lambda: evidence(0.1, 1.0, bad),
        lambda: of_many(0.1, bad),
        lambda: after_looks(bad, 1),
    ):
        with pytest.raises(ValueError, match="must be"):
            call()


def test_the_history_that_is_missing():
    assert history_needed(0.001, 2.0, 0.2, 0.025) == 1
    times = history_needed(0.1, 0.5, 0.2, 0.025)
    assert 1 < times < 10
    more, less = (float(norm.sf(norm.isf(0.1) * math.sqrt(times * k))) for k in (1.0, 0.97))
    assert evidence(more, 0.5 * math.sqrt(times), 0.2) <= 0.025
    assert evidence(less, 0.5 * math.sqrt(0.97 * times), 0.2) > 0.025
    assert math.isinf(history_needed(0.1, -0.2, 0.2, 1e-9))
    assert math.isinf(history_needed(1.0, 3.0, 0.2, 0.025))
    assert math.isinf(history_needed(0.6, -0.01, 0.2, 0.025))


def test_a_budget_over_a_stream_of_tests_by_hand():
    """Of a budget of 0.1, and 6 / pi^2 = 0.6079: 0.0304 first, then a quarter and a ninth of it."""
    first = 0.05 * 6 / math.pi**2
    assert next_level((), 0.1) == pytest.approx(first)
    assert next_level((False,), 0.1) == pytest.approx(first / 4)
    assert next_level((False, False), 0.1) == pytest.approx(first / 9)
    assert next_level((True,), 0.1) == pytest.approx(first / 4 + first)
    assert next_level((True, True), 0.1) == pytest.approx(first / 9 + first / 4 + 2 * first)


# Kin


def test_kin_by_hand():
    """Four blocks of one bar; correlations with the first: 1, 1, 0, -1, 0.707, none."""
    own = np.array([1.0, -1.0, 1.0, -1.0])
    other = np.array([1.0, 1.0, -1.0, -1.0])
    sums = np.column_stack([own, 3 * own + 1, other, -own, own + other, np.zeros(4)])
    every = np.ones(6, np.bool_)
    assert kin(sums, np.ones(4), 0, every).tolist() == [0, 1, 4]
    assert kin(sums, np.ones(4), 5, every).tolist() == [5], "what never trades has no kin"
    assert kin(sums, np.ones(4), 0, np.zeros(6, np.bool_)).tolist() == [0], "itself always"


def test_kin_at_equal_distances_has_the_candidate_among_it():
    sharpes = np.arange(200) / 100
    for place in (0, 57, 199):
        some = spread(np.arange(200), sharpes, place, 64)
        assert place in some
        assert 60 <= some.size <= 64
        assert np.diff(some).max() <= 7
    assert spread(np.arange(9), sharpes, 3, 64).tolist() == list(range(9))


# The adjusted p-value


def test_the_largest_of_a_family_as_resample_by_resample():
    table = np.random.default_rng(3).normal(0, 0.01, (640, 12))
    table[:, 4] += 0.0006
    blocks, family = in_blocks(table), np.array([4, 7])
    found = max_t_blocks(*blocks, family, 1.3, 300, seed=5)
    statistic, maxima = slow.max_t_blocks(*blocks, family, 1.3, 300, 5)
    assert found.statistic == pytest.approx(statistic)
    assert found.p == pytest.approx(tail_chance(statistic, maxima), rel=1e-4)


def test_those_that_did_not_compete_are_as_not_there():
    table = np.random.default_rng(4).normal(0, 0.01, (640, 12))
    table[:, 1] += 0.01  # the best by far
    competing, family = np.array([0, 2, 4, 7, 11]), np.array([4, 7])
    found = max_t_blocks(*in_blocks(table), family, 1.3, 300, competing=competing)
    alone = max_t_blocks(*in_blocks(table[:, competing]), np.array([2, 3]), 1.3, 300)
    assert found.statistic == pytest.approx(alone.statistic)
    assert found.p == pytest.approx(alone.p)


def test_the_tail_goes_on_where_counting_ends():
    """Of exponential maxima the tail is exact: P[max >= t] = exp(-t)."""
    maxima = -np.log((np.arange(10_000) + 0.5) / 10_000)
    assert tail_chance(1.0, maxima) == pytest.approx(math.exp(-1), rel=1e-3)
    for t in (3.5, 6.0, 12.0):
        assert tail_chance(t, maxima) == pytest.approx(math.exp(-t), rel=0.06)
    assert tail_chance(1e6, maxima) == SMALLEST
    assert tail_chance(0.0, np.zeros(100)) == 1
    assert tail_chance(5.0, np.zeros(100)) == pytest.approx(1 / 101)


def test_clones_change_no_digit():
    """Of any configuration, or of each: the largest of copies is the largest of the originals."""
    table = np.random.default_rng(8).normal(0, 0.01, (640, 30))
    table[:, 3] += 0.0008
    alone = max_t_blocks(*in_blocks(table), np.array([3])).p
    for copies in ([17] * 300, [3] * 40, list(range(30)) * 3):
        wider = np.hstack([table, table[:, copies]])
        twins = np.flatnonzero(np.array([3, *copies]) == 3)
        family = np.array([3, *(29 + twins[1:])]) if 3 in copies else np.array([3])
        assert max_t_blocks(*in_blocks(wider), family).p == alone


def test_sure_losers_do_not_hide_an_edge_and_junk_does():
    random = np.random.default_rng(9)
    table = random.normal(0, 0.01, (2560, 40))
    table[:, 3] += 0.0006
    alone = max_t_blocks(*in_blocks(table), np.array([3])).p
    losers = random.normal(-0.004, 0.01, (2560, 800))
    beside = max_t_blocks(*in_blocks(np.hstack([table, losers])), np.array([3])).p
    junk = random.normal(0, 0.01, (2560, 800))
    among = max_t_blocks(*in_blocks(np.hstack([table, junk])), np.array([3])).p
    assert beside == pytest.approx(alone, rel=0.1)
    assert among > 5 * alone


def test_a_junk_run_does_not_pass_for_the_sound_family_beside_it():
    random = np.random.default_rng(4)
    family = random.normal(0.0009, 0.01, (2560, 1)) + random.normal(0, 0.002, (2560, 20))
    table = np.hstack([family, random.normal(0, 0.01, (2560, 20))])
    blocks, every = in_blocks(table), np.ones(40, np.bool_)
    sound, junk = (kin(blocks[0], blocks[2], place, every) for place in (2, 30))
    assert sound.tolist() == list(range(20))
    assert junk.tolist() == [30]
    assert max_t_blocks(*blocks, sound).p < 0.005
    assert max_t_blocks(*blocks, junk).p > 0.2


def test_a_sweep_that_is_split_pays_for_all_of_its_parts():
    """Forty columns of noise in 4 parts: of four choices, and each look after the first counted.

    Then one of them passes about as often as the whole sweep; uncounted, about twice as often.
    """
    random, counted, uncounted, whole = np.random.default_rng(8), 0, 0, 0
    for draw in range(200):
        table = random.normal(0, 1, (800, 40))
        parts = [one_part(table[:, k : k + 10], draw) for k in range(0, 40, 10)]
        paid = [(of_many(p, 4), z) for p, z in parts]
        looking = [(p, z) for p, z in paid if p <= FIRST]
        counted += any(
            evidence(p, after_looks(z, look), 0.2) <= 0.025
            for look, (p, z) in enumerate(looking, start=1)
        )
        uncounted += any(evidence(p, z, 0.2) <= 0.025 for p, z in parts)
        p, z = one_part(table, draw)
        whole += evidence(p, z, 0.2) <= 0.025
    assert abs(counted - whole) <= 8
    assert uncounted >= 1.4 * counted


def one_part(table, seed):
    """p of the best of some columns before the holdout, and z of its kin in it."""
    sums, squares, bars = in_blocks(table[:640])
    best = int((sums.sum(axis=0) / np.sqrt(squares.sum(axis=0))).argmax())
    family = kin(sums, bars, best, np.ones(table.shape[1], np.bool_))
    p = max_t_blocks(sums, squares, bars, family, 1.0, 200, seed=seed).p
    return p, Record.of(table[640:, family].mean(axis=1)).z


@pytest.mark.parametrize("n", [1, 20, 200])
@pytest.mark.parametrize("tails", ["normal", "t4"])
def test_pure_noise_seldom_passes(n, tails):
    """Nominal 2.5 % without any costs: of 250 draws at most 13 (1 in 200 by chance at 3 %)."""
    random, passed = np.random.default_rng(n), 0
    for draw in range(250):
        table = random.standard_t(4, (800, n)) if tails == "t4" else random.normal(0, 1, (800, n))
        p, z = one_part(table, draw)
        passed += evidence(p, z, 0.2) <= 0.025
    assert passed <= 13


def test_a_record_of_returns():
    returns = np.array([0.02, -0.01, 0.01, 0.0])
    found = Record.of(returns)
    assert found.sharpe == pytest.approx(returns.mean() / returns.std(ddof=1))
    z = (returns - returns.mean()) / returns.std()
    assert (found.skew, found.kurtosis) == pytest.approx(((z**3).mean(), (z**4).mean()))
    assert found.n == 4
    variance = 1 - found.skew * found.sharpe + (found.kurtosis - 1) / 4 * found.sharpe**2
    assert found.z == pytest.approx(found.sharpe * math.sqrt(3 / variance))
    with pytest.raises(ValueError, match="nothing was traded"):
        Record.of(np.zeros(9))
