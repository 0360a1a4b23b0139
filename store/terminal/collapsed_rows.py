"""Rows that differ in their symbol only, shown as one."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from store.records.symbols import MANY

ALIKE = ("strategy", "direction", "window", "params", "settings", "words")
"""What rows have in common that are one for all symbols."""

Row = Mapping[str, Any]


def collapsed(compared: Sequence[tuple[str, Row]]) -> list[tuple[str, Row]]:
    """Rows that are shown for comparison, alike ones of three or more symbols as their medians.

    Args:
        compared: label and row, as `store.runs.by_configuration` gives it, or what holding a symbol
            makes.
    """
    alike: dict[str, list[tuple[str, Row]]] = {}
    for name, row in compared:
        key = [name, *(row.get(key) for key in ALIKE)]
        alike.setdefault(repr(key), []).append((name, row))
    return [pair for pairs in alike.values() for pair in _one_or_median(pairs)]


def _one_or_median(pairs: Sequence[tuple[str, Row]]) -> Sequence[tuple[str, Row]]:
    if len({row["symbol"] for _, row in pairs}) < MANY:
        return pairs
    name, first = pairs[0]
    metrics = {
        metric: _median([row["metrics"].get(metric) for _, row in pairs])
        for metric in first["metrics"]
    }
    shown = {"symbol": f"median of {len(pairs)}", "ref": "", "config_hash": "", "metrics": metrics}
    return [(name, {**first, **shown})]


def collapsed_groups(groups: Sequence[Row]) -> list[Row]:
    """The groups of a summary, alike ones of three or more symbols as one line.

    It has the sum of their runs, the medians of their bests and of their medians, and the share of
    profitable runs.
    """
    alike: dict[tuple[str, ...], list[Row]] = {}
    for row in groups:
        key = (row["strategy"], row["direction"], row["window"])
        alike.setdefault(key, []).append(row)
    return [row for rows in alike.values() for row in _as_one(rows)]


def _as_one(rows: Sequence[Row]) -> Sequence[Row]:
    if len({row["symbol"] for row in rows}) < MANY:
        return rows
    runs = sum(row["runs"] for row in rows)
    merged = {
        "symbol": f"{len(rows)} symbols",
        "runs": runs,
        "profitable": sum(row["profitable"] * row["runs"] for row in rows) / runs,
        **{name: _median([row[name] for row in rows]) for name in ("best", "median")},
    }
    return [{**rows[0], **merged}]


def _median(values: Sequence[Any]) -> float | None:
    """The median of what is known; None where nothing is."""
    finite = [value for value in values if value is not None and value == value]
    return float(statistics.median(finite)) if finite else None
