"""Answers of DuckDB whose columns all have names of their own."""

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


def distinct(relation: "DuckDBPyRelation") -> "DuckDBPyRelation":
    """A DuckDB relation with equal names numbered: `sharpe`, `sharpe_1`.

    Two tables that are joined have equal columns; a reader by name would see one of them twice.
    """
    given: list[str] = getattr(relation, "columns", [])  # a statement without an answer is None
    names: list[str] = []
    for name in given:
        free = (f"{name}_{count}" if count else name for count in itertools.count())
        taken = {*map(str.lower, names), *(map(str.lower, given) if name in names else ())}
        names.append(next(word for word in free if word.lower() not in taken))
    if names == given:
        return relation
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    return relation.project(", ".join(f"#{n} as {name}" for n, name in enumerate(quoted, 1)))
