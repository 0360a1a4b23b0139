"""What the store knows of a plan before it starts: runs to leave out, configurations tried."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernels import KERNEL_VERSION
from store import keys, known, ledger
from store.experiment import Experiment
from store.keys import Keys
from store.tried import Subject
from sweeper.plan import Floats, Group, Plan
from sweeper.rows import config_hashes

EXACT = 1_000_000
"""Runs of a plan up to which all are looked up, two seconds; of more, evenly spread ones are."""

CHUNK = 4096
"""Points that are looked up at a time."""


@dataclass(frozen=True)
class History:
    """What earlier experiments have done of a plan.

    Attributes:
        tried: configurations of the plan's strategies that were tried on its data before.
        skips_runs_of: ids of the experiments whose runs are left out.
        known: keys of those runs.
        configurations: how many of the plan's are known; an estimate unless `exact`.
        runs: how many runs that makes.
        exact: whether all of the plan was looked up.
    """

    tried: int = 0
    skips_runs_of: tuple[str, ...] = ()
    known: Keys = field(default_factory=keys.none)
    configurations: int = 0
    runs: int = 0
    exact: bool = True

    @classmethod
    def of(cls, root: Path, plan: Plan, force: bool) -> "History":
        """The history of a plan that is about to start; nothing is left out when forced."""
        counts = ledger.counts(root)
        subjects = dict.fromkeys(subject_of(group) for group in plan.groups)
        tried = sum(counts.get(subject, 0) for subject in subjects)
        if force:
            return cls(tried)
        ids = tuple(known.related(root, subjects, KERNEL_VERSION))
        return cls(tried, ids, *_overlap(plan, known.done_runs(root, ids)))

    @classmethod
    def resumed(cls, root: Path, plan: Plan, experiment: Experiment) -> "History":
        """The history that an experiment had when it started."""
        then = experiment.history
        ids = tuple(then.get("skips_runs_of", ()))
        return cls(then.get("tried", 0), ids, *_overlap(plan, known.load(root, experiment)))

    def new(self, plan: Plan) -> int:
        """Configurations of the plan that have no run yet."""
        return plan.configurations - self.configurations

    def record(self, plan: Plan) -> dict[str, Any]:
        """What the experiment's record keeps of it."""
        return {
            "tried": self.tried,
            "new": self.new(plan),
            "skips_runs_of": list(self.skips_runs_of),
        }


def subject_of(group: Group) -> Subject:
    """What the ledger counts a group's configurations under."""
    return Subject(group.series.symbol, group.series.fingerprint, group.cell.strategy.name)


def to_run(
    group: Group, numbers: Floats, points: NDArray[np.int64], known: Keys
) -> NDArray[np.bool_]:
    """Which configurations have to be run: (n,).

    Those that lack a run on some window, and the baseline, with which every experiment compares.

    Args:
        group: what the configurations share.
        numbers: (n, d), columns as `group.cell.names`.
        points: (n,) the configurations' points.
        known: keys of the config hashes of runs that are in the store.
    """
    if not known.size:
        return np.ones(len(points), np.bool_)
    have = points > 0
    for window in group.windows:
        hashes = config_hashes(group, window, numbers[have])
        have[have] = keys.within(keys.keys_of(hashes), known)
    return ~have


def _overlap(plan: Plan, known: Keys) -> tuple[Keys, int, int, bool]:
    """Known runs; how many configurations and runs of the plan are among them, and if exactly."""
    step = -(-plan.runs // EXACT)
    groups = plan.groups if known.size else ()
    found = [_known_in(group, known, step) for group in groups]
    runs = [n * len(group.windows) for n, group in zip(found, groups, strict=True)]
    return known, sum(found), sum(runs), step == 1


def _known_in(group: Group, known: Keys, step: int) -> int:
    """Configurations of a group that are known, going by every `step`-th chunk of its points."""
    looked = have = 0
    for start in range(0, group.points, CHUNK * step):
        numbers, points, _ = group.configurations(start, min(start + CHUNK, group.points))
        looked += len(points)
        have += int((~to_run(group, numbers, points, known)).sum())
    if step == 1:
        return have
    return round(have / max(looked, 1) * group.runs / len(group.windows))
