"""One CSV file of an experiment's runs, for spreadsheets: without block sums, hashes in hex.

A spreadsheet runs text that begins with = + - or @ as a formula, so such text gets an apostrophe
in front; numbers stay numbers, negative ones, too.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from store.files.arrow_types import Column, Dataset, Table
from store.files.backend import Root
from store.records.experiment import Experiment
from store.runs.ranking import light_columns
from store.runs.reader import Shelf
from store.runs.swept_words import names_of, with_words

_FORMULA = r"^[=+\-@\t\r\n]"


def write(root: Root, experiment: Experiment, _edits: Mapping[str, object], draft: Path) -> None:
    """Write the runs of an experiment to a file that is not published yet."""

    def action(runs: Dataset) -> None:
        columns = light_columns(runs.schema)
        words = list(names_of([experiment], columns))

        def shown_of(table: Table) -> Table:
            return _shown(with_words(table, [experiment], words))

        shown = shown_of(runs.schema.empty_table().select(columns))
        with pyarrow.csv.CSVWriter(draft, shown.schema) as writer:
            for batch in runs.to_batches(columns=columns):
                writer.write_table(shown_of(pa.Table.from_batches([batch])))

    Shelf(root).read(experiment.id, action)


def _shown(table: Table) -> Table:
    """The table with every column as a spreadsheet may have it."""
    columns = {_safe_text(name): _column(table[name]) for name in table.column_names}
    shown: Table = pa.table(columns)
    return shown


def _column(column: Column) -> Column:
    shown = column
    if pa.types.is_fixed_size_binary(column.type):
        shown = pa.chunked_array([[digest and digest.hex() for digest in column.to_pylist()]])
    if pa.types.is_string(column.type):
        risky = pc.match_substring_regex(column, _FORMULA)
        shown = pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)
    return shown


def _safe_text(text: str) -> str:
    return str(_column(pa.chunked_array([[text]]))[0])
