"""`search.require`: the conditions on its results without which a configuration does not rank.

It is run, stored and counted all the same; every reader that ranks asks here which ones do. Like a
score, a metric is the mean over the windows that the search may look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from store.files.arrow_types import Schema, Table
from store.records.run_numbering import Layout
from store.runs.condition import Bools, Condition

Floats = NDArray[np.float64]

KEY = "search.require"


@dataclass(frozen=True)
class Requirement:
    """Conditions on metrics, all to be met; none are met by everything.

    A metric that is not known, NaN, meets no comparison.

    Attributes:
        conditions: as given.
    """

    conditions: tuple[Condition, ...] = ()

    @classmethod
    def read(cls, given: object) -> "Requirement":
        """The conditions of the config's key: a text, a list of texts, or null.

        Raises:
            ValueError: one line: what cannot be read.
        """
        texts = [] if given is None else [given] if isinstance(given, str) else given
        if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
            raise ValueError(
                f"{KEY}: need a condition such as 'trades >= 10 and max_drawdown < 0.3', or a list "
                f"of them, got {given!r}"
            )
        return cls(tuple(Condition(text, KEY) for text in dict.fromkeys(texts)))

    @classmethod
    def of(cls, search: Mapping[str, object]) -> "Requirement":
        """The conditions of an experiment, by the record of its search."""
        return cls.read(search.get("require"))

    def __bool__(self) -> bool:
        """True when there is any condition."""
        return bool(self.conditions)

    def __str__(self) -> str:
        """The conditions on one line."""
        return " and ".join(map(str, self.conditions))

    @property
    def metrics(self) -> list[str]:
        """The metrics that it mentions."""
        return list(dict.fromkeys(name for each in self.conditions for name in each.names))

    def check_metrics(self, metrics: Iterable[str]) -> None:
        """Raise ValueError for a metric that there is not."""
        names = list(metrics)
        for each in self.conditions:
            each.check_names(names, "metric")

    def among(self, metrics: Iterable[str]) -> "Requirement":
        """The conditions whose metrics are all available."""
        names = set(metrics)
        return Requirement(
            tuple(condition for condition in self.conditions if names.issuperset(condition.names))
        )

    def met(self, metrics: Mapping[str, Floats], n: int) -> Bools:
        """(n,) which configurations meet it.

        Args:
            metrics: (n,) of each that it mentions.
            n: how many there are.
        """
        held = (each.holds(metrics, unknown=False) for each in self.conditions)
        return reduce(np.logical_and, held, np.ones(n, np.bool_))

    def met_by(self, runs: Table, layout: Layout | None) -> Bools:
        """(n,) which runs are of a configuration that meets it.

        Args:
            runs: pa.Table of n runs of one experiment, with `run` and its metrics; all runs of a
                configuration must be there.
            layout: of the experiment; None where each run stands for itself.
        """
        metrics = {name: _floats(runs, name) for name in self.metrics}
        if layout is not None:
            numbers = runs["run"].to_numpy()
            metrics = {name: layout.means(numbers, each) for name, each in metrics.items()}
        return self.met(metrics, len(runs))

    def ranked(self, scores: Floats, runs: Table, layout: Layout | None) -> Floats:
        """(n,) scores of runs, NaN where the configuration does not meet it; see `met_by`."""
        return np.where(self.met_by(runs, layout), scores, np.nan) if self else scores

    def columns(self, schema: Schema) -> list[str]:
        """The columns of runs that `met_by` reads."""
        return [name for name in self.metrics if name in schema.names]


NONE = Requirement()
"""What everything meets."""


def _floats(runs: Table, name: str) -> Floats:
    if name not in runs.schema.names:
        return np.full(len(runs), np.nan)
    values: Floats = runs[name].cast("float64").to_numpy().astype(np.float64)
    return values
