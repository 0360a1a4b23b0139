"""Two runs side by side in a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from store.query.compare import UPLIFT
from store.runs.columns import LOWER_IS_BETTER
from store.terminal.fitted_table import Column, Facts, FittedTable, numbers
from store.terminal.metric_text import cell, label, params_text

_SECTIONS = ("context", "params", "settings")


def compare_page(compared: Mapping[str, Any]) -> RenderableType:
    """Page of the result of `compare`."""
    runs = Facts({side.upper(): compared[side]["ref"] for side in ("a", "b")})
    table = FittedTable([Column(""), *numbers("A", "B", "B - A")])
    for section in _SECTIONS:
        _add_differences(table, compared[section])
        table.add_section()
    for name, pair in compared["metrics"].items():
        table.add_row(label(name), *(cell(name, pair[key]) for key in ("a", "b", "delta")))
    return Group(runs, table, *map(Text, _told(compared)))


def _add_differences(table: FittedTable, section: Mapping[str, Any]) -> None:
    for name, value in section["only_a"].items():
        table.add_row(name, _text(value), "-", "")
    for name, value in section["only_b"].items():
        table.add_row(name, "-", _text(value), "")
    for name, pair in section["different"].items():
        delta = _text(pair["delta"]) if "delta" in pair else ""
        table.add_row(name, _text(pair["a"]), _text(pair["b"]), delta)


def _text(value: object) -> str:
    return params_text({"": value}).removeprefix("=")


def _told(compared: Mapping[str, Any]) -> list[str]:
    """Meaning of the numbers, in a sentence or two."""
    parts = []
    for name, metric in UPLIFT.items():
        shown = cell(metric, compared["uplift"][name])
        parts.append(f"{label(metric)} {shown if shown.startswith('-') else f'+{shown}'}")
    worse = [label(metric) for metric in UPLIFT.values() if metric in LOWER_IS_BETTER]
    lines = [f"Uplift of B over A: {', '.join(parts)}; of {', '.join(worse)} less is better."]
    if compared["context"]["different"]:
        names = ", ".join(compared["context"]["different"])
        lines.append(f"Not like for like: the runs differ in {names}.")
    return lines
