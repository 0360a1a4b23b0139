"""Cross-validation from block sums, against the same thing done return by return."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from kernels.engine.metrics import BLOCKS, block_edges
from store.analysis.block_sharpe import block_bars, sharpe
from store.analysis.cpcv import Scheme, path_sharpes, split_sharpes


@pytest.mark.parametrize(("groups", "k"), [(2, 1), (4, 2), (6, 2), (7, 3), (10, 8), (64, 1)])
def test_every_test_of_every_split_is_in_exactly_one_path(groups, k):
    scheme = Scheme.cut(groups, k, BLOCKS)
    paths = scheme.paths()
    assert paths.shape == (comb(groups, k) * k // groups, groups)
    used = [(int(split), group) for path in paths for group, split in enumerate(path)]
    tested = {(s, g) for s, c in enumerate(combinations(range(groups), k)) for g in c}
    assert sorted(used) == sorted(tested)


def test_the_example_of_the_book():
    """N = 6, k = 2: 15 splits, 5 paths; path 1 as figure 12.2 has it."""
    paths = Scheme.cut(6, 2, 6).paths()
    assert paths.shape == (5, 6)
    assert (paths[0] + 1).tolist() == [1, 1, 2, 3, 4, 5]


def test_train_is_purged_before_and_embargoed_after_each_test():
    scheme = Scheme.cut(4, 2, 12, purge=1, embargo=2)
    split = [tuple(groups) for groups in scheme.tested.tolist()].index((1, 3))
    assert scheme.test[split].nonzero()[0].tolist() == [3, 4, 5, 9, 10, 11]
    assert scheme.train[split].nonzero()[0].tolist() == [0, 1]
    assert not (scheme.train & scheme.test).any()


def test_bars_of_purge_and_embargo_are_rounded_up_to_blocks():
    config = {"groups": 4, "test_groups": 1, "purge": 1, "embargo": 11}
    scheme = Scheme.of(config, 640, BLOCKS)
    assert scheme.train[1].nonzero()[0].tolist() == [*range(15), *range(34, 64)]


def test_blocks_are_those_of_the_kernels():
    for bars in (64, 100, 251, 4025):
        assert block_bars(bars, BLOCKS).tolist() == np.diff(block_edges(bars)).tolist()


def test_sharpe_of_sums_is_that_of_the_returns():
    returns = np.random.default_rng(1).normal(0.001, 0.01, 100)
    expected = returns.mean() / returns.std(ddof=1)
    assert sharpe(returns.sum(), (returns**2).sum(), 100) == pytest.approx(expected, rel=1e-12)
    assert sharpe(0.0, 0.0, 50) == 0
    constant = np.full(40, np.float32(0.01), np.float32)
    assert sharpe(constant.sum(), (constant**2).sum(), 40) == 0, "float32 rounding is no risk"
    assert np.isnan(sharpe(0.1, 0.01, 1))


def test_a_search_is_chosen_and_tested_as_return_by_return():
    """Paths built the slow way: choose on the train returns, append the test returns."""
    groups, k, bars = 5, 2, 641
    returns = np.random.default_rng(7).normal(0.0005, 0.01, (9, bars))
    edges = block_edges(bars)
    sums = np.add.reduceat(returns, edges[:-1], axis=1)
    squares = np.add.reduceat(returns**2, edges[:-1], axis=1)
    per_block = np.diff(edges)
    scheme = Scheme.cut(groups, k, BLOCKS, purge=1, embargo=1)
    train = split_sharpes(sums, squares, per_block, scheme.train)
    chosen = train.argmax(axis=0)

    block_group = np.digitize(np.arange(BLOCKS), np.round(np.linspace(0, 64, groups + 1))[1:-1])
    bar_block = np.repeat(np.arange(BLOCKS), per_block)
    pieces = {group: [] for group in range(groups)}
    for split, tested in enumerate(combinations(range(groups), k)):
        blocks = {b for b in range(BLOCKS) if block_group[b] in tested}
        near = blocks | {b - 1 for b in blocks} | {b + 1 for b in blocks}
        inside = returns[:, [b not in near for b in bar_block]]
        slow = inside.mean(axis=1) / inside.std(axis=1, ddof=1)
        np.testing.assert_allclose(train[:, split], slow, rtol=1e-9)
        assert chosen[split] == slow.argmax()
        for group in tested:
            pieces[group].append(returns[slow.argmax(), block_group[bar_block] == group])
    paths = [np.concatenate([pieces[g][j] for g in range(groups)]) for j in range(4)]
    expected = [path.mean() / path.std(ddof=1) for path in paths]
    found = path_sharpes(sums[chosen], squares[chosen], per_block, scheme)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.ptp(found) > 0


def test_without_a_choice_every_path_is_the_record_itself():
    sums = np.random.default_rng(2).normal(0, 0.01, BLOCKS)
    squares = np.full(BLOCKS, 0.001)
    scheme, bars = Scheme.cut(6, 2, BLOCKS), block_bars(640, BLOCKS)
    splits = len(scheme.test)
    paths = path_sharpes(np.tile(sums, (splits, 1)), np.tile(squares, (splits, 1)), bars, scheme)
    np.testing.assert_allclose(paths, sharpe(sums.sum(), squares.sum(), 640), rtol=1e-12)
