"""The report's plots, as the plain data that plotly.js takes.

Colours are names of CSS variables, `var(--best)`, and the colour scale is the word `scale`: the
page resolves them when it draws, so that one file serves light, dark and paper.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from store.report.numbers import axis_format, metric_label, metric_text
from store.report.view import Curve, Distribution, Equity, HeatMap, Role

COLOURS: dict[Role, str] = {"best": "var(--best)", "baseline": "var(--base)", "hold": "var(--hold)"}
WIDTHS: dict[Role, float] = {"best": 2.0, "baseline": 1.4, "hold": 1.4}
Mark = tuple[Role | None, str, float]
"""A vertical line in a distribution: colour by role (None is noise), label, place."""


def equity_figure(equity: Equity) -> dict[str, Any]:
    """Growth of 1 on a log scale, and below it the fall from the peak."""
    # Drawn from the back: what matters most comes last and lies on top.
    order = sorted(equity.curves, key=lambda curve: list(COLOURS).index(curve.role), reverse=True)
    growth = [_line(curve, list(curve.values), "y") for curve in order]
    falls = [
        _line(curve, _falls(curve.values), "y2") | {"showlegend": False, "hovertemplate": _FALL}
        for curve in order
    ]
    return {
        "data": growth + falls,
        "layout": {
            "height": 460,
            "hovermode": "x unified",
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1.02,
                "yanchor": "bottom",
                "traceorder": "reversed",
            },
            "xaxis": {"type": "date", "anchor": "y2"},
            "yaxis": {
                "domain": [0.34, 1],
                "type": "log",
                "title": {"text": "growth of 1"},
                **_ticks(order),
            },
            "yaxis2": {"domain": [0, 0.27], "tickformat": ".0%", "title": {"text": "drawdown"}},
        },
    }


_GROWTH = "%{y:.2f}"
_FALL = "%{y:.1%}<extra></extra>"


def _line(curve: Curve, values: list[float | None], axis: str) -> dict[str, Any]:
    # A log axis has no place for zero: a liquidated account ends its line.
    shown = [v if v is not None and (axis == "y2" or v > 0) else None for v in values]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _plain(curve.label),
        "x": list(curve.times),
        "y": [None if v is None else float(f"{v:.6g}") for v in shown],
        "yaxis": axis,
        "line": {"color": COLOURS[curve.role], "width": WIDTHS[curve.role]},
        "hovertemplate": _GROWTH,
    }


def _falls(values: Sequence[float]) -> list[float | None]:
    peak, falls = 0.0, []
    for value in values:
        peak = max(peak, value)
        falls.append(value / peak - 1)
    return [*falls]


def _ticks(curves: Sequence[Curve]) -> dict[str, Any]:
    """Round values over the range of the curves: plotly marks a short log axis poorly."""
    values = [v for curve in curves for v in curve.values if v > 0]
    low, high = math.log10(min(values)), math.log10(max(values))
    steps = (1, 2, 5) if high - low > 0.6 else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    marks = [s * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for s in steps]
    return {"tickvals": marks, "ticktext": [f"{mark:g}" for mark in marks]}


def heat_map_figure(heat: HeatMap) -> dict[str, Any]:
    """Colour for one or two parameters; one alone is drawn as a line."""
    label = metric_label(heat.metric)
    if not heat.y_name:
        return _profile_figure(heat, label)
    best = _best_cell(heat)
    ring = {
        "type": "scatter",
        "mode": "markers",
        "x": [heat.x[best[1]]] if best else [],
        "y": [heat.y[best[0]]] if best else [],
        "marker": {
            "symbol": "circle-open",
            "size": 13,
            "line": {"width": 2},
            "color": "var(--mark)",
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }
    cells = {
        "type": "heatmap",
        "x": list(heat.x),
        "y": list(heat.y),
        "z": [[None if v is None else float(f"{v:.5g}") for v in row] for row in heat.z],
        "colorscale": "scale",
        "reversescale": not heat.higher_is_better,
        "hoverongaps": False,
        "hovertemplate": (
            f"{_plain(heat.x_name)} %{{x}}<br>{_plain(heat.y_name)} %{{y}}<br>"
            f"{label} %{{z:{_hover(heat.metric)}}}<extra></extra>"
        ),
        "colorbar": {
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.9,
            "tickformat": axis_format(heat.metric),
            "title": {"text": label, "side": "right"},
        },
    }
    return {
        "data": [cells, ring],
        "layout": {
            "height": 400,
            "hovermode": "closest",
            "xaxis": _param_axis(heat.x_name, heat.x),
            "yaxis": _param_axis(heat.y_name, heat.y),
        },
    }


def _profile_figure(heat: HeatMap, label: str) -> dict[str, Any]:
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": list(heat.x),
                "y": list(heat.z[0]),
                "line": {"color": "var(--best)", "width": 1.6},
                "marker": {"size": 5},
                "hovertemplate": (
                    f"{_plain(heat.x_name)} %{{x}}<br>{label} %{{y:{_hover(heat.metric)}}}"
                    "<extra></extra>"
                ),
                "showlegend": False,
            }
        ],
        "layout": {
            "height": 320,
            "hovermode": "closest",
            "xaxis": _param_axis(heat.x_name, heat.x),
            "yaxis": {"title": {"text": label}, "tickformat": axis_format(heat.metric)},
        },
    }


def _param_axis(name: str, values: Sequence[float]) -> dict[str, Any]:
    """Evenly spaced values lie on a number line; others get a cell of one size each."""
    steps = [b - a for a, b in pairwise(values)]
    even = all(math.isclose(step, steps[0], rel_tol=1e-3) for step in steps)
    plain = {"title": {"text": _plain(name)}, "showgrid": False, "zeroline": False}
    return plain if even else plain | {"type": "category", "nticks": 10}


def _best_cell(heat: HeatMap) -> tuple[int, int] | None:
    cells = [
        (value, -row, -column)
        for row, line in enumerate(heat.z)
        for column, value in enumerate(line)
        if value is not None
    ]
    if not cells:
        return None
    sign = 1 if heat.higher_is_better else -1
    _, row, column = max((sign * value, r, c) for value, r, c in cells)
    return -row, -column


def distribution_figure(distribution: Distribution, marks: Sequence[Mark]) -> dict[str, Any]:
    """A histogram of the runs, with lines where the best, the baseline and luck stand."""
    edges = distribution.edges
    centres = [(a + b) / 2 for a, b in pairwise(edges)]
    shown = sorted((mark for mark in marks if math.isfinite(mark[2])), key=lambda mark: mark[2])
    colours = ["var(--noise)" if role is None else COLOURS[role] for role, _, _ in shown]
    return {
        "data": [
            {
                "type": "bar",
                "x": centres,
                "y": list(distribution.counts),
                "width": [b - a for a, b in pairwise(edges)],
                "marker": {"color": "var(--bar)", "line": {"width": 0}},
                "hovertemplate": (
                    f"{metric_label(distribution.metric)} %{{x:{_hover(distribution.metric)}}}: "
                    "%{y:,} runs<extra></extra>"
                ),
                "showlegend": False,
            }
        ],
        "layout": {
            "height": 320,
            "hovermode": "closest",
            "margin": {"t": 24 + 18 * len(shown)},
            "xaxis": {
                "title": {"text": metric_label(distribution.metric)},
                "tickformat": axis_format(distribution.metric),
                "showgrid": False,
            },
            "yaxis": {"title": {"text": "runs"}, "tickformat": "~s", "rangemode": "tozero"},
            "shapes": [
                _vertical(place, colour, dashed=role is None)
                for (role, _, place), colour in zip(shown, colours, strict=True)
            ],
            "annotations": [
                _flag(
                    f"{label} {metric_text(distribution.metric, place)}",
                    place,
                    colour,
                    len(shown) - i,
                )
                for i, ((_, label, place), colour) in enumerate(zip(shown, colours, strict=True))
            ],
        },
    }


def _vertical(place: float, colour: str, *, dashed: bool) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": place,
        "x1": place,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1.6, "dash": "dash" if dashed else "solid"},
    }


def _flag(text: str, place: float, colour: str, level: int) -> dict[str, Any]:
    """A label above the plot, each on a level of its own so that none covers another."""
    return {
        "text": text,
        "x": place,
        "xanchor": "right",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 18 * (level - 1),
        "showarrow": False,
        "font": {"color": colour},
    }


def _hover(metric: str) -> str:
    return ".1%" if axis_format(metric) == ".0%" else ",.2f"


def _plain(text: str) -> str:
    """A user's text where plotly.js would read HTML and templates."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")
