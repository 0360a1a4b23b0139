"""Which configurations compete: those that were run on the same bars and windows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from store.errors import StoreError
from store.records.experiment import Experiment
from store.records.group import GroupRecord, WindowRecord
from store.records.run_numbering import Bools, Ints


@dataclass(frozen=True)
class Pool:
    """Groups of an experiment on the same bars and windows."""

    groups: tuple[GroupRecord, ...]

    @property
    def symbol(self) -> str:
        """Symbol that the runs of this pool were made on."""
        return self.groups[0].symbol

    @property
    def windows(self) -> tuple[WindowRecord, ...]:
        """Windows of every configuration."""
        return self.groups[0].windows

    @property
    def periods_per_year(self) -> float:
        """Bars in a year."""
        return self.groups[0].periods_per_year

    def holds(self, runs: Ints) -> Bools:
        """(n,) which runs are of this pool."""
        held = np.zeros(runs.size, np.bool_)
        for group in self.groups:
            first, size = group.first_run, group.points * len(group.windows)
            held |= (runs >= first) & (runs < first + size)
        return held

    def holds_run(self, number: int) -> bool:
        """True when a run is of this pool."""
        return bool(self.holds(np.array([number]))[0])

    def window(self, runs: Ints) -> Ints:
        """(n,) places of the runs' windows, for runs of this pool."""
        firsts = np.array(sorted(group.first_run for group in self.groups))
        group = np.searchsorted(firsts, runs, "right") - 1
        return np.asarray((runs - firsts[group]) % len(self.windows))

    def folds(self) -> list[tuple[int, int]]:
        """Places of each train window and of the test window after it."""
        roles = [window.role for window in self.windows]
        pairs = [(role, "test" + role.removeprefix("train")) for role in roles]
        return [(roles.index(a), roles.index(b)) for a, b in pairs if a != b and b in roles]


def firsts_that_share(groups: Sequence[GroupRecord]) -> list[int]:
    """(g,) place of the first group that shares points of the search with each; its own of most.

    Cells of one sweep may overlap: a configuration is then a row of one of their groups alone, and
    they are one family of neighbours.
    """
    firsts: dict[object, int] = {}
    firsts_shared = []
    for place, group in enumerate(groups):
        bars = (group.symbol, group.fingerprint, group.windows, group.shares)
        firsts_shared.append(firsts.setdefault(bars, place) if group.shares else place)
    return firsts_shared


def group_of_run(experiment: Experiment, run: int) -> GroupRecord:
    """The group that a run belongs to: the last one that begins at or before it.

    Raises:
        StoreError: the record has no such group.
    """
    before = [group for group in experiment.groups if group.first_run <= run]
    if not before:
        raise StoreError(f"{experiment.id}: no group has run {run}")
    return max(before, key=lambda group: group.first_run)


def analysis_of(split: Mapping[str, object]) -> dict[str, object]:
    """Settings of a split that decide more than its windows: those of `cpcv`, for its analysis.

    None of the others: windows of 4y and of 48mo are the same ones.
    """
    return dict(split) if split.get("kind") == "cpcv" else {}


def pools(experiment: Experiment) -> list[Pool]:
    """The pools of an experiment, in the order of its groups."""
    by_bars: dict[str, list[GroupRecord]] = {}
    for group in experiment.groups:
        windows = [window.to_json() for window in group.windows]
        same = [group.symbol, group.data, analysis_of(group.split), windows]
        by_bars.setdefault(json.dumps(same, sort_keys=True), []).append(group)
    return [Pool(tuple(groups)) for groups in by_bars.values()]
