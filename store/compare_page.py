"""Two runs side by side in a terminal."""

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from store.columns import LOWER_IS_BETTER
from store.compare import UPLIFT
from store.leaderboard import cell, label, params_text

_SECTIONS = ("context", "params", "settings")


def compare_page(found: Mapping[str, Any]) -> RenderableType:
    """What `compare` gives."""
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column("")
    for run in (found["a"], found["b"]):
        table.add_column(Text(run["ref"]), justify="right", overflow="fold")
    table.add_column("B - A", justify="right")
    for section in _SECTIONS:
        _add_differences(table, found[section])
        table.add_section()
    for name, pair in found["metrics"].items():
        table.add_row(label(name), *(cell(name, pair[key]) for key in ("a", "b", "delta")))
    return Group(table, *map(Text, _told(found)))


def _add_differences(table: Table, section: Mapping[str, Any]) -> None:
    for name, value in section["only_a"].items():
        table.add_row(Text(name), Text(_text(value)), "-", "")
    for name, value in section["only_b"].items():
        table.add_row(Text(name), "-", Text(_text(value)), "")
    for name, pair in section["different"].items():
        delta = _text(pair["delta"]) if "delta" in pair else ""
        table.add_row(Text(name), Text(_text(pair["a"])), Text(_text(pair["b"])), delta)


def _text(value: Any) -> str:
    return params_text({"": value}).removeprefix("=")


def _told(found: Mapping[str, Any]) -> list[str]:
    """What the numbers mean, in a sentence or two."""
    parts = []
    for name, metric in UPLIFT.items():
        shown = cell(metric, found["uplift"][name])
        parts.append(f"{label(metric)} {shown if shown.startswith('-') else f'+{shown}'}")
    worse = [label(metric) for metric in UPLIFT.values() if metric in LOWER_IS_BETTER]
    told = [f"Uplift of B over A: {', '.join(parts)}; of {', '.join(worse)} less is better."]
    if found["context"]["different"]:
        names = ", ".join(found["context"]["different"])
        told.append(f"Not like for like: the runs differ in {names}.")
    return told
