"""SQL of a stranger: sealed as that of the command line, and bounded."""

from store.errors import BadQuery
from store.query.results import Results
from store.query.sql import Bounds, plain, query

MOST_ROWS = 10_000
BOUNDS = Bounds(seconds=10.0, rows=MOST_ROWS + 1, memory="1GB")


def timed(results: Results, text: str) -> list[dict[str, object]]:
    """The rows of an answer as JSON can hold them.

    Raises:
        BadQuery: it does anything but look, fails, or is over a bound.
    """
    table = query(results, text, bounds=BOUNDS)
    if table.num_rows > MOST_ROWS:
        raise BadQuery(f"sql: gives more than {MOST_ROWS:,} rows; add a limit or a condition")
    return plain(table)
