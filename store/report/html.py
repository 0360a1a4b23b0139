"""A report view drawn as one HTML page that needs nothing else: no network, no second file."""

import json
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from plotly.offline import get_plotlyjs

from store.luck.sentences import chance, number
from store.report.number_format import (
    count_text,
    duration_text,
    metric_label,
    metric_text,
    param_text,
    share_text,
)
from store.report.plots import Plots, place
from store.report.table import ROLE_NAMES, front_table, leaderboard
from store.report.verdict import front_text, verdict
from store.report.view_model import ReportView
from store.terminal.metric_text import rate_text
from store.terminal.window_tables import day, paths_text, stitched_text

FOLDER = Path(__file__).parent


class Tile(NamedTuple):
    """A figure at the head of the page; `tone` names its colour."""

    value: str
    label: str
    tone: str = ""


def render(view: ReportView) -> str:
    """Draw a report: a complete HTML page, everything of the user's escaped."""
    plots = Plots()
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"code": _code, "metric": metric_text, "param": param_text, "day": day}
    return environment.get_template("page.html.j2").render(
        view=view,
        tiles=_tiles(view),
        verdict=verdict(view),
        sections=_sections(view),
        table=leaderboard(view),
        front_table=None if view.trade_off is None else front_table(view.trade_off),
        metric=metric_label(view.metric),
        label=metric_label,
        share=share_text,
        count=count_text,
        **place(view, plots),
        counts=", ".join(f"{count_text(n)} {name}" for name, n in view.counts.items() if n),
        front_text=front_text,
        folds_text=stitched_text,
        paths_text=paths_text,
        style=stylesheet(),
        script=_file("page.js"),
        plotly=Markup(get_plotlyjs()),  # our own dependency's file
        figures=_embedded(plots.figures),
    )


def _sections(view: ReportView) -> list[tuple[str, str]]:
    """Id and heading of each section that the page has, in order."""
    has = {
        "configurations": "By configuration" if view.by_configuration else "",
        "equity": "Equity",
        "trades": "Trades" if view.trades else "",
        "ranking": "Ranking" if view.ranking else "",
        "leaderboard": "Leaderboard" if view.entries else "",
        "front": "Trade-off" if view.trade_off else "",
        "maps": "Where it works" if view.heat_maps else "",
        "parameters": "What matters" if view.importance else "",
        "luck": "Against luck" if view.distribution else "",
        "test": "Train and test" if view.gap or view.walk_forward or view.cpcv else "",
        "steps": "How to go on" if view.steps else "",
        "facts": "What ran",
    }
    return [(key, heading) for key, heading in has.items() if heading]


def _tiles(view: ReportView) -> list[Tile]:
    tiles = [Tile(count_text(view.configurations), "configurations"), *_out_of_sample(view)]
    best = next((entry for entry in view.entries if entry.role is None), None)
    if best is not None and view.metric != "sharpe":
        value = metric_text(view.metric, best.metrics[view.metric])
        tiles.append(Tile(value, f"best {metric_label(view.metric)}", "best"))
    if best is not None:
        label = "Sharpe of the best" if view.walk is None else "Sharpe of the best on train"
        tiles.append(Tile(metric_text("sharpe", best.metrics["sharpe"]), label, "best"))
    if view.luck is not None:
        tiles.append(Tile(number(view.luck.mean), "Sharpe of the best without skill", "noise"))
        if view.luck.best is not None:
            tiles.append(Tile(chance(view.luck, view.luck.best), "chance of luck", "noise"))
    for entry in view.entries:
        if entry.role in ("baseline", "hold"):
            tone = "base" if entry.role == "baseline" else "hold"
            value = metric_text("sharpe", entry.metrics["sharpe"])
            tiles.append(Tile(value, f"Sharpe, {ROLE_NAMES[entry.role]}", tone))
    runs = view.counts.get("done", 0)
    timed = view.seconds > 0 and runs
    speed = f"{rate_text(runs / view.seconds)} runs/s" if timed else "time"
    return [*tiles, Tile(duration_text(view.seconds), speed)]


def _out_of_sample(view: ReportView) -> list[Tile]:
    """The record of a walk-forward's test windows."""
    if view.walk is None:
        return []
    ratio = view.walk["stitched"]["sharpe"]
    return [Tile(metric_text("sharpe", ratio), "Sharpe out of sample", "best")]


def _code(text: str) -> Markup:
    """Text, escaped, in which what stands between backticks is set as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>") + part + Markup("</code>") if place % 2 else part
        for place, part in enumerate(parts)
    )


def stylesheet() -> Markup:
    """The one style of all reports, light, dark and on paper; needs no other file."""
    return _file("page.css")


def _file(name: str) -> Markup:
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # our own file


def _embedded(figures: dict[str, object]) -> Markup:
    """JSON that cannot end the script element it stands in, nor open a comment."""
    text = json.dumps(figures, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # escaped just above
