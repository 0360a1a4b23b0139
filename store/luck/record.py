"""The measured luck line as an experiment's record holds it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from store.records.experiment import Experiment

Floats = NDArray[np.float64]

DIGITS = 4
"""Decimals of the Sharpe ratios that a record keeps."""
ERRORS = 3.0
"""Standard errors on either side of the mean that the printed interval spans."""
POINTS = "random points of the space"
"""What stands in for the configurations of a search that learns, before it has run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Luck:
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

    @staticmethod
    def of(experiment: Experiment) -> "Luck | None":
        """The luck line of an experiment; None when it was not measured, as in older records."""
        return from_record(experiment.luck) if experiment.luck else None

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

    def record(self) -> dict[str, object]:
        """As JSON types."""
        return asdict(self) | {"bests": list(self.bests)}


def from_record(values: Mapping[str, Any]) -> Luck:
    """Inverse of `Luck.record`."""
    return Luck(**{**values, "bests": tuple(values["bests"])})


def line_of(experiment: Experiment) -> float | None:
    """The luck line of an experiment, an annual Sharpe ratio; None when it was not measured."""
    luck = Luck.of(experiment)
    return None if luck is None else luck.mean


class Seen(NamedTuple):
    """Annual Sharpe ratios on one history without skill.

    Attributes:
        small: best of the small sample.
        best: best of the sample; None where only the small one was evaluated.
        quarter: mean of the bests of the sample's four quarters; None the same.
        held: Sharpe ratio per bar of holding the asset, a mean over the symbols.
    """

    small: float
    best: float | None
    quarter: float | None
    held: float


def summarised(
    seen: Sequence[Seen], *, configurations: int, sample: int, small: int, stand_in: str = ""
) -> Luck:
    """The luck line from what each history showed.

    The best of the small sample is known of all histories; what the best of the sample is above it
    (double sampling, Cochran 1977, section 12.3) of those that were looked at closer, the first
    ones; and what more configurations would add is carried on in the logarithm of their number.
    Part of the luck of a history is that holding the asset pays: the mean is taken where holding
    it has the Sharpe ratio that it is expected to have, 0 (a regression estimate, section 7.1).

    Args:
        seen: (histories,), 2 or more.
        configurations: that the sample stands for.
        sample: configurations evaluated on the closer ones.
        small: those evaluated on every history.
        stand_in: see `Luck`.
    """
    lows = np.array([history.small for history in seen])
    near = [
        (history.best, history.small, history.quarter)
        for history in seen
        if history.best is not None
    ]
    bests, smalls, quarters = np.array(near, np.float64).T
    above = bests - smalls
    carried = 0.0
    if sample < configurations:
        carried = math.log(configurations / sample) / math.log(4)
    more = carried * (bests - quarters)
    line, error = _at_zero(lows, np.array([history.held for history in seen]))
    added = float(more.mean())
    mean = line + float(above.mean()) + added
    closer = float((above + more).std(ddof=1)) / math.sqrt(len(near))
    shown = lows + np.resize(above, lows.size) + added
    return Luck(
        configurations=configurations,
        sample=sample,
        small=small,
        histories=len(seen),
        closer=len(near),
        mean=round(mean, DIGITS),
        se=round(math.hypot(error, closer, added * UNSURE), DIGITS),
        sd=round(float(shown.std(ddof=1)), DIGITS),
        q90=round(float(np.quantile(shown, 0.9)), DIGITS),
        carried=round(added, DIGITS),
        stand_in=stand_in,
        bests=tuple(np.round(shown, DIGITS).tolist()),
    )


def _at_zero(values: Floats, held: Floats) -> tuple[float, float]:
    """Mean of the values where `held` is 0, by regression on it, and its standard error."""
    n, centred = values.size, held - held.mean()
    spread = float(centred @ centred)
    if spread == 0 or n < REGRESSED:
        return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(n)
    slope = float(centred @ values) / spread
    rest = values - values.mean() - slope * centred
    variance = float(rest @ rest) / (n - 2)
    error = math.sqrt(variance * (1 / n + float(held.mean()) ** 2 / spread))
    return float(values.mean()) - slope * float(held.mean()), error


REGRESSED = 10
"""Histories from which on a slope is trusted."""
UNSURE = 0.2
"""Of what carrying on in the logarithm adds, its standard error: measured, docs/statistics.md."""
