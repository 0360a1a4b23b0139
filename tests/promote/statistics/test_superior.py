"""SPA and StepM, against slow versions, against arch, and under a null hypothesis that is true."""

import numpy as np
import pytest
from arch.bootstrap import SPA, optimal_block_length
from hypothesis import given, settings
from hypothesis import strategies as st

from promote.statistics import (
    bootstrap,
    bootstrap_maxima,
    dependence,
    mean_optimal_block,
    optimal_block,
    spa,
    spa_blocks,
    stationary_counts,
    stationary_index,
    stepm,
    superior_ability_blocks,
)
from promote.statistics.long_run_variance import bootstrap_variance
from tests.promote import slow_statistics as slow


def noise(n, k, seed=1):
    return np.random.default_rng(seed).normal(0, 0.01, (n, k))


def autoregression(n, memory, seed):
    shocks = np.random.default_rng(seed).standard_normal(n)
    x = shocks.copy()
    for i in range(1, n):
        x[i] = memory * x[i - 1] + shocks[i]
    return x


def three(found):
    return [found.p_lower, found.p_consistent, found.p_upper]


def test_blocks_of_a_resample_are_geometric_and_wrap():
    index = stationary_index(20_000, 8.0, np.random.default_rng(2))
    follows = (index[:-1] + 1) % 20_000 == index[1:]
    assert (~follows).mean() == pytest.approx(1 / 8, rel=0.05)
    assert stationary_index(50, 1e9, np.random.default_rng(2)).tolist() == [
        (k + start) % 50
        for start in [stationary_index(50, 1e9, np.random.default_rng(2))[0]]
        for k in range(50)
    ]
    steps = np.diff(stationary_index(3_000, 1.0, np.random.default_rng(3)))
    assert (steps == 1).mean() < 0.01, "blocks of one bar are drawn independently"


def test_counts_are_those_of_the_resamples():
    counts = stationary_counts(30, 3.0, 5, np.random.default_rng(7))
    random = np.random.default_rng(7)
    for row in counts:
        index = stationary_index(30, 3.0, random)
        assert row.tolist() == np.bincount(index, minlength=30).tolist()


@pytest.mark.parametrize("block", [1, 1.7, 6, 50, 1e6])
def test_the_variance_is_that_of_the_paper(block):
    x = np.stack([autoregression(80, memory, 4) for memory in (-0.5, 0, 0.9)], axis=1)
    for function in (bootstrap_variance, bootstrap_variance.py_func):
        out = np.empty(3)
        function(x - x.mean(axis=0), block, out)
        expected = [max(slow.long_run_variance(column, block), 0) for column in x.T]
        np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_the_block_length_is_that_of_arch(seed):
    random = np.random.default_rng(seed)
    x = autoregression(int(random.integers(40, 3_000)), random.uniform(-0.5, 0.95), seed)
    theirs = float(optimal_block_length(x)["stationary"].iloc[0])
    assert optimal_block(x) == pytest.approx(max(theirs, 1), rel=1e-9)


def test_what_never_forgets_has_the_longest_blocks():
    wave = np.cos(2 * np.pi * np.arange(900) / 40)
    assert optimal_block(wave) == 90 == optimal_block_length(wave)["stationary"].iloc[0]


def test_the_block_length_of_what_does_not_vary_is_one():
    assert optimal_block(np.full(100, 0.1)) == 1
    assert optimal_block(0.3 + np.r_[np.zeros(50), np.full(50, 1e-16)]) == 1
    assert optimal_block(np.random.default_rng(1).standard_normal(9)) >= 1


def test_one_block_length_serves_all_columns():
    table = np.stack([autoregression(300, 0.8, seed) for seed in range(3)], axis=1)
    expected = np.mean([optimal_block(column) for column in table.T])
    assert mean_optimal_block(table) == pytest.approx(expected)
    assert spa(table, 100).block == pytest.approx(expected)


@pytest.fixture
def in_small_pieces(monkeypatch):
    monkeypatch.setattr(bootstrap_maxima, "COLUMNS", 3)
    monkeypatch.setattr(bootstrap, "COUNTS", 1_500)
    monkeypatch.setattr(superior_ability_blocks, "COLUMNS", 3)


def mixed(n=120):
    """Columns that are good, poor, and so poor that the consistent test leaves them out."""
    table = noise(n, 8, seed=5)
    table[:, 1] += 0.003
    table[:, 2] += 0.0025
    table[:, 5] -= 0.002
    table[:, 6] -= 0.006
    return table


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("shift", [0.0, -0.001, -0.002, -0.02])
def test_spa_as_resample_by_resample(shift):
    table = mixed() + shift
    expected = slow.spa(table, 200, 4.0, seed=3)
    found = spa(table, 200, block=4.0, seed=3)
    np.testing.assert_allclose(three(found), expected, atol=1e-12)
    assert found.p_lower <= found.p_consistent <= found.p_upper


def in_blocks(table, bars):
    """Sums of returns and of their squares, and the bars of each block."""
    parts = table.reshape(-1, bars, table.shape[1])
    return parts.sum(axis=1), (parts**2).sum(axis=1), np.full(len(parts), bars)


@pytest.mark.usefixtures("in_small_pieces")
@pytest.mark.parametrize("memory", [1.0, 1.7])
@pytest.mark.parametrize("shift", [0.0, -0.001, -0.002, -0.02])
def test_spa_of_blocks_as_resample_by_resample(shift, memory):
    edges = np.round(np.linspace(0, 640, 33)).astype(int)
    returns = mixed(640) * 3 + shift
    sums, squares = (np.add.reduceat(part, edges[:-1]) for part in (returns, returns**2))
    expected = slow.spa_blocks(sums, squares, np.diff(edges), memory, 200, seed=3)
    found = spa_blocks(sums, squares, np.diff(edges), memory, 200, seed=3)
    np.testing.assert_allclose(three(found), expected, atol=1e-12)
    assert found.block == 20


def test_spa_of_blocks_as_spa_of_bars():
    """They agree as two runs of either do, whose p-values vary by resampling."""
    random = np.random.default_rng(6)
    violent = np.exp(np.cumsum(random.normal(0, 0.03, 1_280)))[:, None]
    found = []
    for gain in np.linspace(0, 0.1, 12):
        table = random.standard_t(4, (1_280, 1)) + random.standard_t(4, (1_280, 40))
        table = violent * table + gain * violent.mean()
        blocks = spa_blocks(*in_blocks(table, 20), 1.0, 400).p_consistent
        found.append((blocks, spa(table, 400, block=1).p_consistent))
    one, other = np.array(found).T
    assert np.abs(one - other).max() < 0.12
    assert np.ptp(one) > 0.5


@pytest.mark.parametrize("memory", [-0.4, 0.0, 0.3])
def test_dependence_as_the_paper_has_it(memory):
    table = np.stack([autoregression(400, memory, seed) for seed in range(5)], axis=1)
    found = dependence(table)
    assert found == pytest.approx(slow.dependence(table), rel=1e-9)
    # of an autoregression (1 + memory) / (1 - memory), less what short blocks do not see
    assert (found > 1.3) == (memory > 0)
    assert found >= 1


def test_what_does_not_vary_says_nothing_of_dependence():
    table = np.stack([autoregression(400, 0.6, 1), np.full(400, 0.01), np.zeros(400)], axis=1)
    alone = dependence(table[:, :1])
    assert dependence(table) == pytest.approx(alone, rel=1e-9)
    assert alone > 1.3
    assert dependence(table[:, 1:]) == 1


@pytest.mark.usefixtures("in_small_pieces")
def test_stepm_as_step_by_step():
    table = mixed(400)
    expected = slow.stepm(table, 0.05, 300, 3.0, seed=2)
    assert stepm(table, 0.05, 300, 3.0, seed=2).tolist() == expected
    assert {1, 2} <= set(expected)
    assert stepm(noise(200, 6), resamples=200).tolist() == []


@pytest.mark.parametrize("gain", [0.0, 0.0008, 0.0012])
def test_spa_as_arch_has_it_when_all_vary_alike(gain):
    """arch compares plain means; with equal variances that is the same test."""
    table = noise(800, 20, seed=9)
    table = 0.01 * (table - table.mean(axis=0)) / table.std(axis=0)
    table += 0.0002 * np.random.default_rng(1).standard_normal(20)
    table[:, 3] += gain
    theirs = SPA(np.zeros(800), -table, block_size=5, reps=1000, seed=1)
    theirs.compute()
    found = spa(table, 1000, block=5, seed=1)
    np.testing.assert_allclose(three(found), theirs.pvalues.to_numpy(), atol=0.05)


def share_below(p_values, level):
    return float(np.mean(np.array(p_values) <= level))


def test_p_values_are_right_under_a_true_null_hypothesis():
    """At most as many rejections as the level says, give or take what 300 draws vary."""
    tables = [noise(150, 10, seed) for seed in range(300)]
    bars = [spa(table, 200, block=1, seed=k).p_consistent for k, table in enumerate(tables)]
    blocks = [
        spa_blocks(*in_blocks(table, 3), 1.0, 200, seed=k).p_consistent
        for k, table in enumerate(tables)
    ]
    for found in (bars, blocks):
        assert share_below(found, 0.05) <= 0.09
        assert share_below(found, 0.2) == pytest.approx(0.2, abs=0.07)
        assert share_below(found, 0.5) == pytest.approx(0.5, abs=0.09)


def test_the_best_of_very_many_is_no_evidence_with_few_blocks():
    """2,000 independent configurations on 64 blocks, whose sums alone tell errors too badly."""
    found = [
        spa_blocks(*in_blocks(noise(640, 2_000, s), 10), 1.0, 100, seed=s).p_consistent
        for s in range(40)
    ]
    assert share_below(found, 0.05) <= 0.15


def test_a_configuration_that_hardly_ever_trades_does_not_hide_the_others():
    """Of 64 blocks a resample may hold the few in which it traded again and again."""
    table = noise(640, 400, seed=3)
    seldom = np.random.default_rng(4).random((64, 200)) < 0.05
    table[:, 200:] *= np.repeat(seldom, 10, axis=0)
    table[:, 0] += 0.0025
    assert spa_blocks(*in_blocks(table, 10), 1.0, 300).p_consistent < 0.02


def test_skill_is_found_and_named():
    table = noise(1_000, 50)
    table[:, 17] += 0.002
    assert spa(table).p_consistent == pytest.approx(1 / 1001)
    assert spa(table).best == 17
    assert stepm(table).tolist() == [17]
    assert spa_blocks(*in_blocks(table, 20)).best == 17


@settings(max_examples=20)
@given(st.integers(0, 100), st.floats(1e-4, 1e4))
def test_units_do_not_matter(seed, unit):
    table = mixed() - 0.001
    first, again = spa(table, 100, seed=seed), spa(table * unit, 100, seed=seed)
    assert three(first) == pytest.approx(three(again), abs=0.011)
    one, other = (spa_blocks(*in_blocks(part, 6), 1.0, 100, seed) for part in (table, table * unit))
    assert three(one) == pytest.approx(three(other), abs=0.011)


def test_each_column_has_a_unit_of_its_own():
    """Studentized: a wild configuration does not drown the others, as with White's test."""
    table = noise(500, 10)
    table[:, 2] += 0.002
    loud = table.copy()
    loud[:, 9] *= 1_000
    assert spa(loud, 300).p_consistent == pytest.approx(spa(table, 300).p_consistent, abs=0.02)


def test_nothing_better_or_nothing_at_all_is_no_evidence():
    for table in (noise(100, 3) - 0.05, np.zeros((100, 3)), np.full((100, 3), 0.01)):
        for found in (spa(table, 100), spa_blocks(*in_blocks(table, 5), 1.0, 100)):
            assert three(found) == [1, 1, 1]
            assert found.statistic == 0
    assert stepm(np.zeros((100, 3)), resamples=100).tolist() == []


def test_columns_that_never_trade_change_nothing():
    table = mixed()
    wider = np.hstack([table, np.zeros((120, 2))])
    assert three(spa(wider, 200, block=3)) == three(spa(table, 200, block=3))
    one, other = (spa_blocks(*in_blocks(part, 5), 1.0, 200) for part in (wider, table))
    assert three(one) == three(other)


GOOD = np.ones((20, 2))
BAD = np.zeros((20, 2))
BAD[3, 1] = np.nan


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (spa, (BAD,), "excess: must be finite, 1 of 40 values are not"),
        (spa, (np.zeros(20),), r"excess: need shape \(T, k\), got \(20,\)"),
        (spa, (np.zeros((20, 0)),), "excess: need shape"),
        (spa, (np.zeros((15, 2)),), "excess: need 16 observations or more, got 15"),
        (spa, (np.zeros((20, 2)), 99), "resamples: must be 100 or more"),
        (spa, (np.zeros((20, 2)), 100, 0.5), "block: must be 1 or more"),
        (spa, (np.zeros((20, 2)), 100, np.nan), "block: must be finite"),
        (stepm, (BAD,), "excess: must be finite"),
        (stepm, (np.zeros((20, 2)), 0), "level: must be above 0 and below 1"),
        (stepm, (np.zeros((20, 2)), 0.05, 100, 0), "block: must be 1 or more"),
        (spa_blocks, (BAD, GOOD, np.ones(20)), "block_sum: must be finite"),
        (spa_blocks, (GOOD, BAD, np.ones(20)), "block_sumsq: must be finite"),
        (spa_blocks, (np.zeros(20), GOOD, np.ones(20)), r"block_sum: need shape .* got \(20,\)"),
        (spa_blocks, (np.zeros((20, 0)), GOOD, np.ones(20)), "block_sum: need shape"),
        (
            spa_blocks,
            (GOOD, GOOD[:, :1], np.ones(20)),
            "block_sumsq: need the shape",
        ),
        (spa_blocks, (GOOD, GOOD, np.ones(19)), "block_n: need 20"),
        (spa_blocks, (GOOD[:15], GOOD[:15], np.ones(15)), "need 16 observations"),
        (spa_blocks, (GOOD, GOOD, np.ones(20), 0.9), "dependence: must be 1 or more"),
        (spa_blocks, (GOOD, GOOD, np.ones(20), 1, 99), "resamples: must be 100 or more"),
        (dependence, (BAD,), "returns: must be finite"),
        (dependence, (np.zeros(20),), r"returns: need shape \(T, k\)"),
        (dependence, (np.eye(8),), "need one dimension of 9 or more"),
        (stationary_index, (10, 0.9, None), "block: must be 1 or more"),
        (optimal_block, (np.ones(8),), "series: need one dimension of 9 or more"),
        (optimal_block, (np.full(20, np.nan),), "series: must be finite"),
    ],
)
def test_bad_input_is_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
