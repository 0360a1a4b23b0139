"""Plotly figures of the report, in the colours of its light page, for a notebook."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from store.report.equity import thin
from store.report.figures.curves import equity_figure
from store.report.view_model import Curve, Equity

STYLE = Path(__file__).parents[1] / "page.css"


def drawn(figure: dict[str, object], title: str) -> object:
    """A figure of `store.report.figures` as a plotly Figure."""
    from plotly.graph_objects import Figure  # late: a second

    coloured = _coloured(figure)
    layout = {"title": {"text": title, "font": {"size": 14}}, "template": "plotly_white"}
    return Figure({"data": coloured["data"], "layout": coloured["layout"] | layout})


def growth_figure(equity: pd.Series, title: str) -> object:
    """Growth of 1 and the fall from the peak."""
    points = equity.iloc[thin([equity.to_numpy()])]
    times = tuple(pd.DatetimeIndex(points.index).strftime("%Y-%m-%d %H:%M"))
    growth = tuple((points / equity.iloc[0]).tolist())
    curve = Curve("best", "equity", times, growth)
    return drawn(equity_figure(Equity(title, (curve,))), title)


def _coloured(value: object) -> Any:
    """The same with colours in place of the names of variables."""
    if isinstance(value, dict):
        return {key: _scale(each) if key == "colorscale" else _coloured(each)
                for key, each in value.items()}  # fmt: skip
    if isinstance(value, list | tuple):
        return [_coloured(each) for each in value]
    if isinstance(value, str) and value.startswith("var(--"):
        return _colours()[value[6:-1]]
    return value


def _scale(name: object) -> object:
    if not isinstance(name, str):
        return name
    stops = _colours()[name].split()
    return [[place / (len(stops) - 1), stop] for place, stop in enumerate(stops)]


@cache
def _colours() -> dict[str, str]:
    light = STYLE.read_text(encoding="utf-8").partition("@media")[0]
    return {name: value.strip() for name, value in re.findall(r"--(\w+):([^;]+);", light)}
