"""Columns of an experiment's runs, kept in the process once they were read.

Pages sort, filter and draw the same few columns again and again, and reading those of a million
runs from their files takes as long as all else. Files of runs never change; while a sweep goes on,
new ones come, and nothing is kept.
"""

from collections.abc import Hashable, Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from serve.reading.kept import Kept, key_of
from store.errors import UnknownReference
from store.files.arrow_types import Column, Dataset, Table
from store.query.results import Results
from store.records.experiment import Experiment
from store.runs.reader import Shelf

MOST_BYTES = 1 << 28
"""Of all columns kept."""
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_kept = Kept(MOST_BYTES, lambda column: int(column.nbytes))
_shelves = Kept(32)


def shelf_of(results: Results, experiment: Experiment) -> Shelf:
    """Opened files of an experiment: their footers are read once."""
    if experiment.status == "running":
        return Shelf(results.root)
    return _shelves.get(key_of(results, experiment), lambda: Shelf(results.root))


class Columns:
    """Columns of one experiment, in the order of its dataset.

    Args:
        runs: dataset of its runs.
        key: names its files as they are now, of `key_of`.
        keep: false while they change.
    """

    def __init__(self, runs: Dataset, key: tuple[Hashable, ...], *, keep: bool) -> None:
        self._runs, self._key, self._keep = runs, key, keep

    def numbers(self, names: Iterable[str]) -> dict[str, Floats]:
        """(n,) float64 of each name; null is NaN.

        Raises:
            UnknownReference: a column holds no numbers.
        """
        wanted = list(dict.fromkeys(names))
        kept = dict[str, Floats]()
        for name in wanted if self._keep else ():
            if (values := self._peek(name)) is not None:
                kept[name] = values
        missing = [name for name in wanted if name not in kept]
        if missing:
            table = self._runs.to_table(columns=missing)
            kept |= {name: _numbers(table[name]) for name in missing}
            if self._keep:
                for name in missing:
                    _kept.put((*self._key, name), kept[name])
        return {name: kept[name] for name in wanted}

    def _peek(self, name: str) -> Floats | None:
        """A column that is kept; one that was kept as bytes is kept as numbers from now on."""
        column = _kept.peek((*self._key, name))
        if column is None or isinstance(column, np.ndarray):
            return column
        values = _numbers(column)
        _kept.replace((*self._key, name), values)
        return values

    def equal(self, name: str, value: str) -> Bools:
        """(n,) true where a column of words holds a value."""

        def compared() -> Bools:
            column = self._runs.to_table(columns=[name])[name]
            same: Bools = pc.fill_null(pc.equal(column, value), False).to_numpy()
            return same

        if not self._keep:
            return compared()
        return _kept.get((*self._key, name, value), compared)


def keep_columns(table: Table, key: tuple[Hashable, ...], experiment: Experiment) -> None:
    """Keep the numbers of a table of all runs that was read for another purpose.

    As they were read: a column that is not asked for is never made into numbers.
    """
    if experiment.status == "running":
        return
    for name in table.schema.names:
        if _is_number(table[name]):
            _kept.put((*key, name), table[name])


def _is_number(column: Column) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_floating(column.type))


def _numbers(column: Column) -> Floats:
    if not _is_number(column):
        raise UnknownReference(f"{column.type}: only columns of numbers are sorted and compared")
    values: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return values
