"""Which configurations compete: those that were run on the same bars and windows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from store.records.experiment import Experiment
from store.records.run_numbering import Bools, Ints

Group = Mapping[str, Any]
"""One entry of `Experiment.groups`."""


@dataclass(frozen=True)
class Pool:
    """Groups of an experiment on the same bars and windows."""

    groups: tuple[Group, ...]

    @property
    def symbol(self) -> str:
        """Symbol that the runs of this pool were made on."""
        return str(self.groups[0]["symbol"])

    @property
    def windows(self) -> list[dict[str, Any]]:
        """Role, start, stop, first and last of each window."""
        return list(self.groups[0]["windows"])

    @property
    def periods_per_year(self) -> float:
        """Bars in a year."""
        return float(self.groups[0]["settings"]["periods_per_year"])

    def holds(self, runs: Ints) -> Bools:
        """(n,) which runs are of this pool."""
        found = np.zeros(runs.size, np.bool_)
        for group in self.groups:
            first, size = group["first_run"], group["points"] * len(group["windows"])
            found |= (runs >= first) & (runs < first + size)
        return found

    def holds_run(self, number: int) -> bool:
        """True when a run is of this pool."""
        return bool(self.holds(np.array([number]))[0])

    def window(self, runs: Ints) -> Ints:
        """(n,) places of the runs' windows, for runs of this pool."""
        firsts = np.array(sorted(group["first_run"] for group in self.groups))
        group = np.searchsorted(firsts, runs, "right") - 1
        return np.asarray((runs - firsts[group]) % len(self.windows))

    def folds(self) -> list[tuple[int, int]]:
        """Places of each train window and of the test window after it."""
        roles = [window["role"] for window in self.windows]
        pairs = [(role, "test" + role.removeprefix("train")) for role in roles]
        return [(roles.index(a), roles.index(b)) for a, b in pairs if a != b and b in roles]


def firsts_that_share(groups: Sequence[Group]) -> list[int]:
    """(g,) place of the first group that shares points of the search with each; its own of most.

    Cells of one sweep may overlap: a configuration is then a row of one of their groups alone, and
    they are one family of neighbours.
    """
    firsts: dict[str, int] = {}
    found = []
    for place, group in enumerate(groups):
        bars = [group["symbol"], group.get("fingerprint"), group["windows"], group.get("shares")]
        same = json.dumps(bars, sort_keys=True)
        found.append(firsts.setdefault(same, place) if group.get("shares") else place)
    return found


def group_of_run(experiment: Experiment, run: int) -> Group:
    """The group that a run belongs to; an empty one where a record has none."""
    before = [group for group in experiment.groups if int(group.get("first_run", 0)) <= run]
    return max(before, key=lambda group: int(group.get("first_run", 0)), default={})


def pools(experiment: Experiment) -> list[Pool]:
    """The pools of an experiment, in the order of its groups."""
    found: dict[str, list[Group]] = {}
    for group in experiment.groups:
        same = [group["symbol"], group.get("data"), group.get("split"), group["windows"]]
        found.setdefault(json.dumps(same, sort_keys=True), []).append(group)
    return [Pool(tuple(groups)) for groups in found.values()]
