"""SQL that looks at the store and can do nothing else.

The query runs in a DuckDB of its own that may not touch any file, load any extension or change
that setting; what it is asked about is handed over as tables that pyarrow has read and verified.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from store.errors import BadQuery
from store.files.arrow_types import Column, Dataset, Table
from store.query.relation import distinct
from store.query.results import NO_MORE, Results

_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",
}
INTERRUPT_SECONDS = 0.05
_LOOKS = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@dataclass(frozen=True)
class Bounds:
    """Limits of a query that a stranger asks.

    Attributes:
        seconds: that it may take.
        rows: of its answer; those beyond are left out.
        memory: that it may use, as DuckDB writes it: `1GB`.
    """

    seconds: float
    rows: int
    memory: str


def query(
    results: Results,
    text: str,
    more: Mapping[str, Table | Dataset] = NO_MORE,
    bounds: Bounds | None = None,
) -> Table:
    """The answer to one SELECT over the views runs, experiments, errors and ledger, a pa.Table.

    Args:
        results: the store.
        text: the SELECT.
        more: further pa.Tables by name.
        bounds: of what it may take; None: none.

    Raises:
        BadQuery: it is no query, does anything but look, fails, or takes too long.
        DamagedFile: a file that it reads is not what was written.
    """
    with duckdb.connect(config=_SEALED) as connection:
        results.register(connection, more)
        connection.execute("set timezone = 'UTC'")
        if bounds is not None:
            connection.execute(f"set memory_limit = '{bounds.memory}'")
        connection.execute("set lock_configuration = true")
        with _deadline(connection, bounds) as late:
            try:
                statements = connection.extract_statements(text)
                if len(statements) != 1 or statements[0].type not in _LOOKS:
                    raise BadQuery(
                        "sql: write one SELECT; nothing in the store is changed this way"
                    )
                answer = distinct(connection.sql(text))
                table: Table = (
                    answer if bounds is None else answer.limit(bounds.rows)
                ).to_arrow_table()
                return table
            except duckdb.Error as error:
                if bounds is not None and late.is_set():
                    seconds = f"{bounds.seconds:g} s"
                    raise BadQuery(f"sql: takes longer than {seconds}; ask for less") from error
                results.name_damage()
                message = " ".join(str(error).partition("\nLINE ")[0].split())
                raise BadQuery(f"sql: {message}") from error


@contextmanager
def _deadline(
    connection: duckdb.DuckDBPyConnection, bounds: Bounds | None
) -> Iterator[threading.Event]:
    """An event that is set when time is up; from then on the query is interrupted.

    More than once, for an interrupt that comes between two steps of a query has no effect.
    """
    ended, late = threading.Event(), threading.Event()

    def watch(seconds: float) -> None:
        if not ended.wait(seconds):
            late.set()
            while not ended.wait(INTERRUPT_SECONDS):
                connection.interrupt()

    watcher = threading.Thread(target=watch, args=(bounds.seconds if bounds else 0.0,))
    if bounds is not None:
        watcher.start()
    try:
        yield late
    finally:
        ended.set()
        if bounds is not None:
            watcher.join()


def plain(table: Table) -> list[dict[str, object]]:
    """The rows of an answer as JSON can hold them: hashes in hex, times in ISO 8601."""
    columns = [[_plain(value) for value in _values(column)] for column in table.columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: Column) -> list[object]:
    """The values of a column; as text those that Python has no type for, such as the year 290000.

    What cannot be written either is an empty text.
    """
    try:
        values: list[object] = column.to_pylist()
    except (pa.ArrowException, ValueError, OverflowError):
        return [_text(value) for value in column]
    return values


def _text(value: Any) -> object:
    try:
        return value.as_py()
    except (pa.ArrowException, ValueError, OverflowError):
        pass
    try:
        return value.cast(pa.string()).as_py()
    except (pa.ArrowException, ValueError, OverflowError):
        return f"{value.type} {getattr(value, 'value', '')}".strip()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
