"""Tables and views of SQL, handed to a DuckDB connection."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from store.files.arrow_types import Dataset, Table
from store.records.experiment import Experiment
from store.runs.swept_words import sql_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_STORED = "stored_runs"


def register(
    connection: "DuckDBPyConnection",
    views: Mapping[str, "Table | Dataset"],
    experiments: Sequence[Experiment],
) -> None:
    """Make views known by name; `runs` gets the words of its experiments as further columns.

    Args:
        connection: of DuckDB.
        views: pa.Tables and, named `runs`, a dataset.
        experiments: whose runs these are.
    """
    words = list(sql_columns(experiments, views["runs"].schema.names))
    for name, view in views.items():
        connection.register(_STORED if words and name == "runs" else name, view)
    if words:
        connection.execute(
            f"create or replace temp view runs as select *, {', '.join(words)} from {_STORED}"
        )
