"""The luck line as `experiment.json` keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from store.files.typed_json import JsonRecord, unknown_fields

DIGITS = 4
"""Decimals of the Sharpe ratios that a record keeps."""
ERRORS = 3.0
"""Standard errors on either side of the mean that the printed interval spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck(JsonRecord):
    """The best annual Sharpe ratio of an experiment's configurations on bars without skill.

    Attributes:
        configurations: the number speaks of the best of so many.
        sample: configurations that were evaluated on the first `closer` histories; fewer than
            `configurations` where all were too many, and then carried on.
        small: those of them that were evaluated on each history.
        histories: how many were redrawn.
        closer: on how many of them the whole sample was evaluated.
        mean: of the best over the histories: the luck line.
        se: standard error of that mean, what the carrying on adds included.
        sd: spread of the best from history to history, as q90, below which nine in ten are.
        carried: part of `mean` that is carried on in the logarithm of the number of configurations.
        stand_in: what was evaluated in place of the configurations; empty: they themselves.
        bests: of the histories, in their order: (histories,).
        best: highest Sharpe ratio that the experiment shows; None before it has ended.
        chance: of luck: how often histories without skill show as much; None the same.
        others: fields of later versions.
    """

    configurations: int
    sample: int
    small: int
    histories: int
    closer: int
    mean: float
    se: float
    sd: float
    q90: float
    carried: float = 0.0
    stand_in: str = ""
    bests: tuple[float, ...] = ()
    best: float | None = None
    chance: float | None = None
    others: Mapping[str, object] = unknown_fields()

    @property
    def interval(self) -> tuple[float, float]:
        """Three standard errors to both sides of the mean."""
        return self.mean - ERRORS * self.se, self.mean + ERRORS * self.se

    def chance_of(self, best: float) -> float:
        """Chance that the best without skill is at least `best`: (1 + k) / (1 + histories)."""
        return (1 + sum(history_best >= best for history_best in self.bests)) / (1 + self.histories)

    def compared(self, best: float) -> "Luck":
        """The same line next to the highest Sharpe ratio that an experiment shows."""
        chance = round(self.chance_of(best), DIGITS)
        return replace(self, best=round(best, DIGITS), chance=chance)
