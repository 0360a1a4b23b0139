"""What the checks ask about one candidate; each is worked out once, when the first check asks.

Whatever cannot be known raises ValueError, with the reason as a person would say it: the checks
that asked for it have then not passed.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kernels import METRICS, Settings
from kernels.evaluate import Trace
from kernels.metrics import BLOCKS
from promote import holdout, rerun, tree
from promote.comparison import CASH, Rival, rival
from promote.holdout import HoldoutLog
from promote.permutation import best_of_shuffled
from promote.sample import Floats, Sample
from promote.selection import neighbourhood
from promote.statistics import (
    Overfitting,
    Permutation,
    Record,
    Uplift,
    cscv,
    effective_number,
    gap_z,
    merge_blocks,
    scaled_number,
    spa_blocks,
    uplift,
    variance_across,
)
from promote.statistics.blocks import Blocks
from store import ledger
from store.experiment import Experiment
from store.replay import Group, Replay, group_of, replay_of
from store.results import Results
from store.tried import subjects_of

HALVES = 16
"""Parts of the judged window that are put into two halves in all ways, 12,870."""
FEWER_HALVES = 10
"""Parts instead, 252 ways, with more than so many configurations: """
MANY = 20_000


class Absent(ValueError):
    """There is nothing to look at, by the user's own choice; a warning then says nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the gate besides its limits.

    Attributes:
        select_by: how the candidate is chosen where the REF is an experiment.
        benchmark: that the sweep has to beat: cash, buy-and-hold, defaults, or a run's REF.
        baseline: that the candidate has to improve on: likewise, but not cash; None: nothing.
        allow_dirty: whether code that is in no commit only warns.
        permutations: sweeps of shuffled bars to compare with; 0: none.
    """

    select_by: str = "plateau"
    benchmark: str = CASH
    baseline: str | None = None
    allow_dirty: bool = False
    permutations: int = 0


@dataclass(frozen=True, eq=False)
class Evidence(Mapping[str, Any]):
    """Of one candidate. As a mapping it gives each check what it asks for by name.

    Attributes:
        root: folder of the store.
        asked: the experiment that the REF names; the candidate's run may be an earlier one's.
        sample: the candidate's competitors, on the bars that are judged.
        place: of the candidate among them.
        symbols: pools that the choice was made among.
        question: what is asked.
        log: of looks at holdouts; None: there is none, so that no holdout may be read.
    """

    root: Path
    asked: Experiment
    sample: Sample
    place: int
    symbols: int
    question: Question
    log: HoldoutLog | None

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in dir(type(self)) if not name.startswith("_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)
