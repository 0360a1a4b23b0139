"""Which configuration and window a run number stands for.

Runs are numbered by group, point and window: a group with w windows has run
`first_run + point * w + window`. What the search may look at is told by a window's role.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.records.group import GroupRecord, by_first_run, is_test

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def development_bars(n_bars: int, holdout: float) -> int:
    """Number of the oldest bars that a sweep may read; not the newest `holdout` fraction."""
    return n_bars - round(n_bars * holdout)


@dataclass(frozen=True, eq=False)
class Layout:
    """Numbering of one experiment's runs; arrays of g groups, ascending by their first run.

    Attributes:
        firsts: (g,) first run.
        widths: (g,) windows of a configuration.
        ranked: (g, most windows) whether the search may look at the window.
    """

    firsts: Ints
    widths: Ints
    ranked: Bools

    @classmethod
    def of(cls, groups: Sequence[GroupRecord]) -> "Layout":
        """The layout of `Experiment.groups`; without any, each run is its own configuration."""
        ordered = by_first_run(groups)
        roles = [[window.role for window in group.windows] for group in ordered] or [["dev"]]
        ranked = np.zeros((len(roles), max(map(len, roles))), np.bool_)
        for group, names in enumerate(roles):
            ranked[group, : len(names)] = [not is_test(name) for name in names]
        firsts = [group.first_run for group in ordered] or [0]
        return cls(np.array(firsts), np.array([len(names) for names in roles]), ranked)

    @property
    def single(self) -> bool:
        """True when a run is a configuration: there is one window."""
        return bool((self.widths == 1).all())

    def group(self, runs: Ints) -> Ints:
        """(n,) places in the arrays of the runs' groups."""
        return np.searchsorted(self.firsts, runs, "right") - 1

    def window(self, runs: Ints) -> Ints:
        """(n,) places of the runs' windows in their groups."""
        if self.single:
            return np.zeros(np.shape(runs), np.int64)
        group = self.group(runs)
        return (runs - self.firsts[group]) % self.widths[group]

    def configuration(self, runs: Ints) -> Ints:
        """(n,) what the runs of one configuration have in common: its first run number."""
        return runs - self.window(runs)

    def trains(self, runs: Ints) -> Bools:
        """(n,) whether the search may look at the run."""
        return np.asarray(self.ranked[self.group(runs), self.window(runs)])

    def first_trains(self, runs: Ints) -> Bools:
        """(n,) whether the run is its configuration's first that the search may look at."""
        return np.asarray(self.window(runs) == self.ranked.argmax(axis=1)[self.group(runs)])

    def n_trains(self, runs: Ints) -> Ints:
        """(n,) how many windows of the runs' configurations the search may look at."""
        return np.asarray(self.ranked.sum(axis=1)[self.group(runs)])

    def means(self, runs: Ints, values: Floats) -> Floats:
        """(n,) the mean of a number over the train windows of each run's configuration.

        Args:
            runs: (n,) run numbers.
            values: (n,) NaN where a run has none.

        Returns:
            NaN when one of the windows is missing or NaN.
        """
        if self.single:
            return values
        _, place = np.unique(self.configuration(runs), return_inverse=True)
        train = self.trains(runs)
        count = np.bincount(place[train], minlength=place.max(initial=-1) + 1)
        with np.errstate(invalid="ignore", divide="ignore"):  # inf - inf, 0 / 0: both NaN
            mean = np.bincount(place[train], values[train], count.size) / count
        means: Floats = np.where(count[place] == self.n_trains(runs), mean[place], np.nan)
        return means
