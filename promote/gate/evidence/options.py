"""Options of a judgement besides its limits."""

from dataclasses import dataclass

CASH = "cash"


@dataclass(frozen=True, slots=True)
class Question:
    """Options by which a REF is judged.

    Attributes:
        select_by: how the candidate is chosen where the REF is an experiment.
        benchmark: that the sweep has to beat: cash, buy-and-hold, defaults, or a run's REF.
        baseline: that the candidate has to improve on: the same, but not cash; None: nothing.
        allow_dirty: whether code that is in no commit only warns.
        permutations: sweeps of shuffled bars to compare with; 0: none.
    """

    select_by: str = "plateau"
    benchmark: str = CASH
    baseline: str | None = None
    allow_dirty: bool = False
    permutations: int = 0
