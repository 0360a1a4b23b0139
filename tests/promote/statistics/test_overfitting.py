"""Cross-validation by halves, against the same thing done return by return."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promote.statistics import cscv, merge_blocks, overfitting
from promote.statistics import cscv_scan as scans
from promote.statistics.cscv_splits import half_splits, revolving_door
from promote.statistics.overfitting import _dominance
from tests.promote import slow_statistics as slow


def sums(returns, blocks):
    parts = returns.reshape(blocks, -1, returns.shape[1])
    return parts.sum(axis=1), (parts**2).sum(axis=1), np.full(blocks, parts.shape[1])


def noise(bars, n, seed=3):
    return np.random.default_rng(seed).normal(0, 0.01, (bars, n))


@pytest.mark.parametrize(("n", "k"), [(1, 0), (4, 4), (5, 2), (6, 3), (10, 5)])
def test_every_choice_comes_once_and_neighbours_differ_by_one(n, k):
    rows = revolving_door(n, k)
    chosen = {tuple(np.flatnonzero(row)) for row in rows}
    assert len(rows) == math.comb(n, k)
    assert chosen == set(combinations(range(n), k))
    assert ((rows[1:] ^ rows[:-1]).sum(axis=1) == 2).all()


def test_one_block_comes_in_and_one_goes_out():
    splits = half_splits(6)
    held = set(np.flatnonzero(splits.inside[0]))
    steps = zip(splits.enters, splits.leaves, splits.inside[1:], strict=True)
    for comes, goes, inside in steps:
        held = held - {goes} | {comes}
        assert held == set(np.flatnonzero(inside))


@pytest.fixture(params=["compiled", "interpreted, 3 configurations at a time"])
def scanned(request, monkeypatch):
    if request.param != "compiled":
        monkeypatch.setattr(scans, "CONFIGURATIONS", 3)
        monkeypatch.setattr(overfitting, "choose", scans.choose.py_func)
        monkeypatch.setattr(overfitting, "rank", scans.rank.py_func)


@pytest.mark.usefixtures("scanned")
@pytest.mark.parametrize(("blocks", "n"), [(2, 2), (4, 9), (8, 30)])
def test_as_return_by_return(blocks, n):
    returns = noise(blocks * 15, n)
    returns[:, 0] += 0.002
    pbo, loss, slope, logits = slow.cscv(returns, blocks)
    found = cscv(*sums(returns, blocks))
    np.testing.assert_allclose(np.sort(found.logits), logits, atol=1e-12)
    assert (found.pbo, found.prob_loss) == (pbo, loss)
    assert found.slope == pytest.approx(slope)


def test_equal_configurations_share_their_rank():
    """The same four columns twice: the chosen one is the first, its rank between the two."""
    returns = np.tile(noise(160, 4), 2)
    _, _, _, logits = slow.cscv(returns, 8)
    found = cscv(*sums(returns, 8))
    np.testing.assert_allclose(np.sort(found.logits), logits, atol=1e-12)
    assert found.chosen.max() < 4


def test_blocks_of_unequal_lengths_and_the_sharpe_ratios_themselves():
    returns = noise(70, 5)
    edges = [0, 10, 40, 55, 70]
    table = np.add.reduceat(returns, edges[:-1]), np.add.reduceat(returns**2, edges[:-1])
    found = cscv(*table, np.diff(edges))
    first = np.flatnonzero(half_splits(4).inside[0]).tolist()
    parts = np.split(returns, edges[1:-1])
    train = slow.sharpe(np.concatenate([parts[b] for b in first]))
    test = slow.sharpe(np.concatenate([parts[b] for b in range(4) if b not in first]))
    assert found.chosen[0] == train.argmax()
    assert found.in_sample[0] == pytest.approx(train.max())
    assert found.out_of_sample[0] == pytest.approx(test[train.argmax()])
    assert found.average[0] == pytest.approx(test.mean())


def test_skill_is_told_from_noise():
    skilled = noise(1600, 40, seed=8)
    skilled[:, 7] += 0.002
    found = cscv(*sums(skilled, 8))
    assert found.pbo < 0.01
    assert found.prob_loss < 0.01
    assert found.dominance == "first"
    assert (found.chosen == 7).mean() > 0.95
    luck = [cscv(*sums(noise(160, 40, seed), 8)) for seed in range(40)]
    assert np.mean([one.pbo for one in luck]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([one.prob_loss for one in luck]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([one.slope for one in luck]) < 0


@settings(max_examples=25)
@given(st.integers(0, 1000), st.floats(1e-3, 1e3), st.integers(1, 3))
def test_neither_units_nor_the_order_of_blocks_matter(seed, unit, roll):
    returns = noise(48, 6, seed)
    first, again = cscv(*sums(returns, 4)), cscv(*sums(np.roll(returns, 12 * roll, 0) * unit, 4))
    assert (first.pbo, first.prob_loss) == (again.pbo, again.prob_loss)
    assert first.slope == pytest.approx(again.slope)


def test_what_never_trades_has_a_sharpe_ratio_of_zero():
    returns = noise(80, 3) - 0.01
    returns[:, 1] = 0
    found = cscv(*sums(returns, 4))
    assert (found.chosen == 1).all()
    assert (found.pbo, found.prob_loss) == (0, 0)
    assert math.isnan(found.slope)


@pytest.mark.parametrize(
    ("chosen", "average", "order"),
    [
        ([3, 1, 2], [2, 0, 1], "first"),
        ([1, 2, 3], [1, 2, 3], "none"),
        ([2, 2, 2], [1, 2, 3], "second"),
        ([1, 2, 3], [2, 2, 2], "none"),
        ([0, 5, 5], [1, 1, 1], "none"),
    ],
)
def test_dominance_by_hand(chosen, average, order):
    assert _dominance(np.array(chosen, float), np.array(average, float)) == order


def test_blocks_are_merged_side_by_side():
    table = np.arange(128, dtype=np.float32).reshape(64, 2)
    merged = merge_blocks(table, table**2, np.full(64, 3), 10)
    lengths = (merged.bars / 3).astype(int).tolist()
    assert sum(lengths) == 64
    assert set(lengths) == {6, 7}
    assert merged.sums[0, 0] == sum(range(0, 2 * lengths[0], 2))
    np.testing.assert_allclose(merged.sums.sum(axis=0), table.sum(axis=0))
    np.testing.assert_allclose(merged.squares.sum(axis=0), (table**2).sum(axis=0))


GOOD = (np.ones((4, 3)), np.ones((4, 3)), np.full(4, 9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0: np.full((4, 3), np.nan)}, "block_sum: must be finite, 12 of 12"),
        ({1: np.full((4, 3), np.inf)}, "block_sumsq: must be finite"),
        ({0: np.ones(4)}, r"block_sum: need shape \(blocks, configurations\), got \(4,\)"),
        ({0: np.ones((4, 0))}, "block_sum: need shape"),
        ({1: np.ones((4, 2))}, r"block_sumsq: need the shape of block_sum, \(4, 3\), got \(4, 2\)"),
        ({2: np.full(3, 9)}, "block_n: need 4 as block_sum has rows, got 3"),
        ({2: np.array([9, 0, 9, 9])}, "block_n: every block needs a bar"),
        ({2: np.array([np.nan, 1, 1, 1])}, "block_n: must be finite"),
        ({0: np.ones((4, 1)), 1: np.ones((4, 1))}, "need 2 configurations or more"),
        (dict(enumerate((np.ones((3, 3)),) * 2 + (np.ones(3),))), "even number of blocks.* got 3"),
        (dict(enumerate((np.ones((22, 3)),) * 2 + (np.ones(22),))), "merge_blocks makes fewer"),
        (dict(enumerate((np.ones((2, 3)),) * 2 + (np.ones(2),))), "each half needs 2 bars, got 1"),
    ],
)
def test_bad_blocks_are_refused(change, message):
    arguments = [change.get(k, value) for k, value in enumerate(GOOD)]
    with pytest.raises(ValueError, match=message):
        cscv(*arguments)


@pytest.mark.parametrize("parts", [0, 5])
def test_merging_into_too_many_parts_is_refused(parts):
    with pytest.raises(ValueError, match="parts: need 1 to 4 as there are blocks"):
        merge_blocks(*GOOD, parts)
