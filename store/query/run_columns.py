"""The columns of an experiment's runs by name: those of its files, and its words."""

from collections.abc import Sequence

import numpy as np

from store.errors import UnknownReference
from store.files.arrow_types import Dataset, Table
from store.files.plug_ins import did_you_mean
from store.query.references import Reference
from store.runs.ranking import take_rows
from store.runs.swept_words import names_of, with_words

_KEYS = ("experiment_id", "run")


def read_columns(runs: Dataset, reference: Reference, columns: Sequence[str] | None) -> Table:
    """The runs that a reference names, as a pa.Table.

    Args:
        runs: dataset of its experiment.
        reference: an experiment or a run.
        columns: names, of files or of `store.runs.swept_words`; None means all.

    Raises:
        UnknownReference: there is no such column.
    """
    stored = runs.schema.names
    words = list(names_of([reference.experiment], stored))
    wanted = [*stored, *words] if columns is None else list(columns)
    if missing := [name for name in wanted if name not in stored and name not in words]:
        raise unknown("column", missing[0], [*stored, *words])
    added = [name for name in dict.fromkeys(wanted) if name in words]
    read = [name for name in wanted if name in stored]
    table = _rows(
        runs, reference, [*read, *(key for key in _KEYS if key not in read)] if added else read
    )
    return with_words(table, [reference.experiment], added).select(wanted) if added else table


def _rows(runs: Dataset, reference: Reference, columns: Sequence[str]) -> Table:
    if reference.run is None:
        return runs.to_table(columns=columns)
    numbers = runs.to_table(columns=["run"])["run"].to_numpy()
    return take_rows(runs, np.flatnonzero(numbers == reference.run), columns)


def unknown(what: str, name: str, names: Sequence[str]) -> UnknownReference:
    """The error of a name that no column has, with near ones."""
    hint = did_you_mean(name, names, f"there are {', '.join(names)}", cutoff=0.4)
    return UnknownReference(f"{name[:60]}: is no {what} of these runs; {hint}")
