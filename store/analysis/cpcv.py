"""Combinatorial purged cross-validation on block sums: nothing is backtested again.

The window is cut into N groups of blocks. Each of the C(N, k) choices of k test groups is a split:
choose the configuration with the best Sharpe ratio on the other groups, purged and embargoed round
the test groups, then take its returns on the test groups. Each group is tested in
C(N - 1, k - 1) = C(N, k) k / N splits, so the tests recombine to that many paths through the whole
window, each of them out of sample. How their Sharpe ratios spread is what a search like this one
can expect. Of a single configuration nothing is chosen, and every path is its own record: for it
we give the Sharpe ratios on each split's test groups instead.

Source: Lopez de Prado, M. (2018), Advances in Financial Machine Learning, chapter 12, with the
purge and embargo of section 7.4. Two differences: both are whole blocks, and a position that is
open where a group begins is part of the one backtest that the blocks are cut from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.analysis.block_sharpe import Floats, Ints, block_bars, sharpe

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Scheme:
    """Splits and paths over b blocks.

    Attributes:
        tested: (splits, k) the groups that each split tests, ascending.
        group: (b,) the group of each block.
        train: (splits, b) blocks to choose on.
        test: (splits, b) blocks to look at.
    """

    tested: Ints
    group: Ints
    train: Bools
    test: Bools

    @classmethod
    def of(cls, config: Mapping[str, Any], n_bars: int, blocks: int) -> "Scheme":
        """The scheme of a config group `split`; its purge and embargo, in bars, are rounded up."""
        shortest = int(block_bars(n_bars, blocks).min())
        purge, embargo = (-(-int(config[name]) // shortest) for name in ("purge", "embargo"))
        return cls.cut(int(config["groups"]), int(config["test_groups"]), blocks, purge, embargo)

    @classmethod
    def cut(cls, groups: int, k: int, blocks: int, purge: int = 0, embargo: int = 0) -> "Scheme":
        """Groups of equal length, up to a block; purge and embargo in blocks."""
        group = np.repeat(np.arange(groups), block_bars(blocks, groups))
        tested = np.array(list(combinations(range(groups), k)), np.int64)
        test = (group[None, :, None] == tested[:, None, :]).any(axis=2)
        near = test.copy()
        for step in range(1, purge + 1):
            near[:, :-step] |= test[:, step:]
        for step in range(1, embargo + 1):
            near[:, step:] |= test[:, :-step]
        return cls(tested, group, ~near, test)

    def trains(self, n_bars: int) -> bool:
        """True when every split has the two bars to train on that a Sharpe ratio needs."""
        return bool((self.train @ block_bars(n_bars, self.group.size) >= 2).all())

    def paths(self) -> Ints:
        """(paths, groups) the split whose test a path has in each group.

        Path j has, in every group, the j-th of the splits that test this group.
        """
        groups = int(self.group.max()) + 1
        splits = [np.flatnonzero((self.tested == g).any(axis=1)) for g in range(groups)]
        return np.stack(splits, axis=1)


def split_sharpes(sums: Floats, squares: Floats, bars: Ints, used: Bools) -> Floats:
    """Sharpe ratios per bar of n runs on each split's blocks.

    Args:
        sums: (n, b) block sums of r.
        squares: (n, b) of r^2.
        bars: (b,) in each block.
        used: (splits, b), such as `Scheme.train`.

    Returns:
        (n, splits).
    """
    weights = used.T.astype(np.float64)
    return sharpe(sums @ weights, squares @ weights, bars @ weights)


def path_sharpes(sums: Floats, squares: Floats, bars: Ints, scheme: Scheme) -> Floats:
    """Sharpe ratios per bar of the paths, each out of sample from end to end.

    Args:
        sums: (splits, b) block sums of the run that each split chose.
        squares: the same.
        bars: (b,) in each block.
        scheme: of the splits.

    Returns:
        (paths,).
    """
    source = scheme.paths()[:, scheme.group]  # (paths, b): the split that each block is from
    place = np.arange(scheme.group.size)
    return sharpe(
        sums[source, place].sum(axis=1), squares[source, place].sum(axis=1), int(bars.sum())
    )
