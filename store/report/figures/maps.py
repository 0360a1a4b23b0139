"""The metric over one or two parameters, with the best run and the best plateau marked."""

import math
from collections.abc import Sequence
from itertools import pairwise

from store.report.figures.style import Figure, digits, hover, plain
from store.report.number_format import axis_format, metric_label
from store.report.view_model import HeatMap

TICKS = 12
"""Values of an axis, up to which each has its tick: halfway between two of them nothing was run."""


def heat_map_figure(heat: HeatMap) -> Figure:
    """Colour for two parameters; one alone is drawn as a line."""
    label = metric_label(heat.metric)
    if not heat.y_name:
        return _line_figure(heat, label)
    cells = {
        "type": "heatmap",
        "x": list(heat.x),
        "y": list(heat.y),
        "z": [[digits(v, 4) for v in row] for row in heat.z],
        "colorscale": "scale",
        "reversescale": not heat.higher_is_better,
        "hoverongaps": False,
        "hovertemplate": (
            f"{plain(heat.x_name)} %{{x}}<br>{plain(heat.y_name)} %{{y}}<br>"
            f"{label} %{{z:{hover(heat.metric)}}}<extra></extra>"
        ),
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.9,
            "tickformat": axis_format(heat.metric),
            "title": {"text": label, "side": "right"},
        },
    }
    marks = [
        _mark(heat, heat.centre, "square-open", "middle of the best plateau", "var(--ridge)"),
        _mark(heat, heat.best, "circle-open", "best run", "var(--mark)"),
    ]
    return {
        "data": [cells, *marks],
        "layout": {
            "height": 400,
            "hovermode": "closest",
            "xaxis": _axis(heat.x_name, heat.x),
            "yaxis": _axis(heat.y_name, heat.y),
            "shapes": _plateau(heat),
        },
    }


def _mark(
    heat: HeatMap, cell: tuple[int, int] | None, symbol: str, name: str, colour: str
) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [heat.x[cell[0]]] if cell else [],
        "y": [heat.y[cell[1]]] if cell else [],
        "marker": {
            "symbol": symbol,
            "size": 13 if symbol.startswith("circle") else 9,
            "line": {"width": 2},
            "color": colour,
        },
        "hovertemplate": f"{name}<extra></extra>",
        "showlegend": False,
    }


def _plateau(heat: HeatMap) -> list[Figure]:
    """The outline of the 3 by 3 cells of the best plateau; none where cells are no single steps."""
    if heat.centre is None or not heat.single_steps:
        return []
    (x0, x1), (y0, y1) = (
        _edges(values, place) for values, place in zip((heat.x, heat.y), heat.centre, strict=True)
    )
    line = {"color": "var(--ridge)", "width": 2}
    return [{"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}]


def _edges(values: Sequence[float], place: int) -> tuple[float, float]:
    """From the cell before a place to the cell after it, as the axis measures."""
    first, last = max(place - 1, 0), min(place + 1, len(values) - 1)
    if not _even(values):  # a category axis counts cells from 0
        return first - 0.5, last + 0.5
    half = (values[1] - values[0]) / 2
    return values[first] - half, values[last] + half


def _line_figure(heat: HeatMap, label: str) -> Figure:
    line = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(heat.x),
        "y": list(heat.z[0]),
        "line": {"color": "var(--best)", "width": 1.6},
        "marker": {"size": 5},
        "hovertemplate": (
            f"{plain(heat.x_name)} %{{x}}<br>{label} %{{y:{hover(heat.metric)}}}<extra></extra>"
        ),
        "showlegend": False,
    }
    marks = []
    for cell, symbol, name, colour in (
        (heat.centre, "square-open", "middle of the best plateau", "var(--ridge)"),
        (heat.best, "circle-open", "best run", "var(--mark)"),
    ):
        mark = _mark(heat, cell, symbol, name, colour)
        marks.append(mark | {"y": [heat.z[0][cell[0]]] if cell else []})
    return {
        "data": [line, *marks],
        "layout": {
            "height": 320,
            "hovermode": "closest",
            "xaxis": _axis(heat.x_name, heat.x),
            "yaxis": {"title": {"text": label}, "tickformat": axis_format(heat.metric)},
        },
    }


def _axis(name: str, values: Sequence[float]) -> Figure:
    """Evenly spaced values lie on a number line; others get a cell of one size each."""
    common = {"title": {"text": plain(name)}, "showgrid": False, "zeroline": False}
    if not _even(values):
        return common | {"type": "category", "nticks": 10}
    return common | ({"tickvals": list(values)} if len(values) <= TICKS else {})


def _even(values: Sequence[float]) -> bool:
    steps = [b - a for a, b in pairwise(values)]
    return bool(steps) and all(math.isclose(step, steps[0], rel_tol=1e-3) for step in steps)
