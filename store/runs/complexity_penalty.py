"""Penalty on the number of parameters, when runs are ranked.

Every parameter is one more that could be fitted to the past. With a penalty, each has to earn its
keep: of two rules that did about as well the simpler one ranks higher. As in Akaike's criterion
(1974) what is taken off is proportional to the count, but how much is up to the user.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.files.arrow_types import Schema, Table
from store.records.group import GroupRecord, by_first_run
from store.records.run_numbering import Layout
from store.runs.columns import PARAMS, RISK, metadata, metrics_of

COUNT = "parameters"
"""Column of the count, where runs were ranked with a penalty."""

PENALISED = "penalised_"
"""Prefix of the column of what they were ranked by."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Penalty:
    """Penalty that ranking takes off for every parameter of a configuration.

    Attributes:
        each: 0 or more, in the unit of the metric that ranks.
        groups: of the runs' experiment: its record says which risk settings were on for all.
    """

    each: float
    groups: Sequence[GroupRecord]

    def columns(self, schema: Schema) -> list[str]:
        """Columns that `count` reads of runs of this pa.Schema."""
        return [name for name in schema.names if name == "run" or name.startswith((PARAMS, RISK))]

    def count(self, runs: Table) -> Ints:
        """(n,) parameters of each run of a pa.Table: the strategy's, and risk settings in use."""
        numbers = runs["run"].to_numpy()
        count = np.zeros(len(numbers), np.int64)
        for name in runs.column_names:
            if name.startswith(PARAMS):
                count += pc.is_valid(runs[name]).to_numpy()
        for name, fixed in self._fixed(numbers).items():
            count += self._used(runs, name, fixed)
        return count

    def worth(self, values: Floats, runs: Table, descending: bool) -> Floats:
        """(n,) values of a metric less the penalty; more it, where the lowest value is the best."""
        off = self.each * self.count(runs)
        return values - off if descending else values + off

    def shown(self, runs: Table, metric: str, descending: bool) -> Table:
        """The runs with the count, and what they rank by, as further metrics."""
        names = (*metrics_of(runs.schema), PENALISED + metric, COUNT)
        worth = self.worth(runs[metric].to_numpy().astype(np.float64), runs, descending)
        shown = runs.append_column(PENALISED + metric, pa.array(worth))
        return shown.append_column(COUNT, pa.array(self.count(runs))).replace_schema_metadata(
            metadata(names)
        )

    def _fixed(self, numbers: Ints) -> dict[str, NDArray[np.bool_]]:
        """For each risk setting, (n,) whether it is on in what the run's group holds fixed."""
        ordered = by_first_run(self.groups)
        fixed_numbers = [group.fixed for group in ordered] or [{}]
        names = sorted({name for fixed in fixed_numbers for name in fixed if name.startswith(RISK)})
        place = Layout.of(self.groups).group(numbers)
        return {
            name: np.array([fixed.get(name) is not None for fixed in fixed_numbers])[place]
            for name in names
        }

    def _used(self, runs: Table, name: str, fixed: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(n,) whether a risk setting is on: as swept, NaN being off, else as it is fixed."""
        if name not in runs.column_names:
            return fixed
        swept = pc.is_valid(runs[name]).to_numpy()
        return np.where(swept, ~np.isnan(runs[name].to_numpy()), fixed)
