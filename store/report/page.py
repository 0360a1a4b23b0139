"""A report view drawn as one HTML page that needs nothing else: no network, no second file."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from store.report.figures import (
    Mark,
    distribution_figure,
    equity_figure,
    heat_map_figure,
)
from store.report.numbers import (
    count_text,
    duration_text,
    metric_label,
    metric_text,
    param_text,
)
from store.report.view import Entry, ReportView, Role
from store.standings import TEST

FOLDER = Path(__file__).parent
COLUMNS = (
    "sharpe",
    "annual_return",
    "max_drawdown",
    "calmar",
    "trades",
    "win_rate",
    "exposure",
)
ROLE_NAMES: dict[Role, str] = {"best": "best", "baseline": "baseline", "hold": "buy and hold"}


class Tile(NamedTuple):
    """A figure at the head of the page; `tone` names its colour."""

    value: str
    label: str
    tone: str = ""


class Figure(NamedTuple):
    """A plot and what is said about it."""

    key: str
    title: str
    note: str
    wide: bool


def render(view: ReportView) -> str:
    """Draw a report: a complete HTML page, everything of the user's escaped."""
    figures: dict[str, Any] = {}
    if view.equity.curves:
        figures["equity"] = equity_figure(view.equity)
    if view.distribution is not None:
        figures["distribution"] = distribution_figure(view.distribution, _marks(view))
    maps = []
    for number, heat in enumerate(view.heat_maps):
        key = f"map-{number}"
        figures[key] = heat_map_figure(heat)
        maps.append(Figure(key, heat.group, heat.note, len(view.heat_maps) == 1))
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    metrics = _metrics(view)
    return environment.get_template("page.html.j2").render(
        view=view,
        tiles=_tiles(view),
        verdict=verdict(view),
        maps=maps,
        headings=[metric_label(name) for name in metrics],
        with_who=len({_who(e) for e in view.entries if e.role is None}) > 1,
        rows=_rows(view.entries, metrics),
        with_windows=len({e.window for e in view.entries if e.role is None}) > 1,
        counts=", ".join(f"{count_text(n)} {name}" for name, n in view.counts.items() if n),
        style=_file("page.css"),
        script=_file("page.js"),
        plotly=Markup(get_plotlyjs()),  # our own dependency's file
        figures=_embedded(figures),
        metric=metric_label(view.metric),
    )


def verdict(view: ReportView) -> tuple[str, str]:
    """What the numbers do and do not say: a heading and a sentence."""
    best = next((entry for entry in view.entries if entry.role is None), None)
    if best is None:
        return "No run succeeded.", "There is nothing to compare."
    shown = metric_text("sharpe", best.metrics["sharpe"])
    tried = f"{count_text(view.configurations)} configurations"
    if view.configurations <= 1:
        return (
            "One configuration is one observation.",
            f"Its Sharpe ratio is {shown} on bars that were already known when it was chosen.",
        )
    if view.noise_sharpe is None:
        return (
            f"The best of {tried} is not a discovery.",
            f"Its Sharpe ratio is {shown}; how much of that is luck was not computed.",
        )
    noise = metric_text("sharpe", view.noise_sharpe)
    if best.metrics["sharpe"] > view.noise_sharpe:
        return (
            f"The best of {tried} is not a discovery.",
            f"It shows a Sharpe ratio of {shown}. Luck alone is expected to lift the best of as "
            f"many skill-free ones to {noise} on this history; to stand above that is where the "
            f"questions begin.",
        )
    return (
        "Luck explains this result.",
        f"The best of {tried} shows a Sharpe ratio of {shown}. The best of as many without any "
        f"skill is expected to show {noise} on this history. It is not a discovery.",
    )


def _tiles(view: ReportView) -> list[Tile]:
    tiles = [Tile(count_text(view.configurations), "configurations")]
    best = next((entry for entry in view.entries if entry.role is None), None)
    if best is not None and view.metric != "sharpe":
        value = metric_text(view.metric, best.metrics[view.metric])
        tiles.append(Tile(value, f"best {metric_label(view.metric)}", "best"))
    if best is not None:
        tiles.append(
            Tile(metric_text("sharpe", best.metrics["sharpe"]), "Sharpe of the best", "best")
        )
    if view.noise_sharpe is not None:
        tiles.append(
            Tile(metric_text("sharpe", view.noise_sharpe), "Sharpe from luck alone", "noise")
        )
    for entry in view.entries:
        if entry.role in ("baseline", "hold"):
            tone = "base" if entry.role == "baseline" else "hold"
            value = metric_text("sharpe", entry.metrics["sharpe"])
            tiles.append(Tile(value, f"Sharpe, {ROLE_NAMES[entry.role]}", tone))
    runs = view.counts.get("done", 0)
    speed = (
        f"{count_text(round(runs / view.seconds))} runs/s" if view.seconds > 0 and runs else "time"
    )
    return [*tiles, Tile(duration_text(view.seconds), speed)]


def _marks(view: ReportView) -> list[Mark]:
    """Where the best, baseline, buy-and-hold and, for Sharpe ratios, luck stand."""
    ranked = [entry for entry in view.entries if entry.role is None][:1]
    beside = [entry for entry in view.entries if entry.role is not None]
    marks: list[Mark] = [
        (entry.role or "best", ROLE_NAMES[entry.role or "best"], entry.metrics[view.metric])
        for entry in ranked + beside
        if view.metric in entry.metrics
    ]
    if view.metric == "sharpe" and view.noise_sharpe is not None:
        marks.append((None, "luck", view.noise_sharpe))
    return marks


def _metrics(view: ReportView) -> list[str]:
    """Columns of the leaderboard: what was searched for comes first."""
    beside = TEST + view.metric
    tested = [beside] if any(beside in entry.metrics for entry in view.entries) else []
    return [view.metric, *tested, *(name for name in COLUMNS if name != view.metric)]


def _rows(entries: Sequence[Entry], metrics: Sequence[str]) -> list[dict[str, Any]]:
    ranks = iter(range(1, len(entries) + 1))
    return [
        {
            "rank": next(ranks) if entry.role is None else "",
            "name": "" if entry.role is None else ROLE_NAMES[entry.role],
            "role": entry.role or "",
            "run": "" if entry.run is None else entry.run,
            "who": _who(entry),
            "window": entry.window,
            "params": [(name, param_text(value)) for name, value in entry.params.items()],
            "cells": [metric_text(name, entry.metrics.get(name, math.nan)) for name in metrics],
        }
        for entry in entries
    ]


def _who(entry: Entry) -> str:
    return " ".join(filter(None, (entry.strategy, entry.symbol, entry.direction)))


def _file(name: str) -> Markup:
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # our own file


def _embedded(figures: dict[str, Any]) -> Markup:
    """JSON that cannot end the script element it stands in, nor open a comment."""
    text = json.dumps(figures, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # escaped just above
