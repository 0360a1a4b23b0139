"""Equity, drawdown, and returns by month and year."""

import math
from collections.abc import Sequence

from store.report.figures.style import COLOURS, LEGEND, Figure, digits, plain, vertical
from store.report.number_format import percent_text
from store.report.view_model import Curve, Equity, Months, Role

WIDTHS: dict[Role, float] = {"best": 2.0, "centre": 1.6, "baseline": 1.4, "hold": 1.4}
NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ROW = 24
"""Height of a year in a table of months, in pixels."""


def equity_figure(equity: Equity) -> Figure:
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
            "legend": LEGEND | {"traceorder": "reversed"},
            "xaxis": {"type": "date", "anchor": "y2"},
            "yaxis": {
                "domain": [0.34, 1],
                "type": "log",
                "title": {"text": "growth of 1"},
                **_ticks(order),
            },
            "yaxis2": {"domain": [0, 0.27], "tickformat": ".0%", "title": {"text": "drawdown"}},
            "shapes": [_fold(mark) for mark in equity.marks],
        },
    }


def _fold(time: str) -> Figure:
    """The upright at which a window begins."""
    line = {"color": "var(--hold)", "width": 1, "dash": "dot"}
    return vertical(time, "var(--hold)") | {"line": line, "opacity": 0.5}


_GROWTH = "%{y:.2f}"
_FALL = "%{y:.1%}<extra></extra>"


def _line(curve: Curve, values: list[float | None], axis: str) -> Figure:
    # A log axis has no place for zero: a liquidated account ends its line.
    shown = [v if v is not None and (axis == "y2" or v > 0) else None for v in values]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(curve.label),
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


def _ticks(curves: Sequence[Curve]) -> Figure:
    """Round values over the range of the curves: plotly marks a short log axis poorly."""
    values = [v for curve in curves for v in curve.values if v > 0]
    low, high = math.log10(min(values)), math.log10(max(values))
    steps = (1, 2, 5) if high - low > 0.6 else (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    marks = [s * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for s in steps]
    return {"tickvals": marks, "ticktext": [f"{mark:g}" for mark in marks]}


def months_figure(months: Months) -> Figure:
    """A cell for each month, and the year's total next to its months; newest year on top."""
    rows = [[*row, None] for row in months.months]
    totals = [[*[None] * 12, total] for total in months.totals]
    sizes = sorted(abs(v) for row in rows for v in row if v is not None)
    yearly = sorted(abs(v) for v in months.totals if v is not None)
    return {
        "data": [_cells(months, rows, _limit(sizes)), _cells(months, totals, _limit(yearly))],
        "layout": {
            "height": 60 + ROW * len(months.years),
            "hovermode": "closest",
            "margin": {"t": 30},
            "xaxis": {"side": "top", "showgrid": False, "fixedrange": True, "ticks": ""},
            "yaxis": {
                "type": "category",
                "showgrid": False,
                "fixedrange": True,
                "dtick": 1,
            },
        },
    }


def _limit(sizes: Sequence[float]) -> float:
    """Where the colour is full: a return that one in twenty exceeds."""
    return max(sizes[int(0.95 * (len(sizes) - 1))], 1e-6) if sizes else 1.0


def _cells(months: Months, rows: Sequence[Sequence[float | None]], limit: float) -> Figure:
    return {
        "type": "heatmap",
        "x": [*NAMES, "year"],
        "y": [str(year) for year in months.years],
        "z": [[digits(value, 4) for value in row] for row in rows],
        "text": [["" if v is None else percent_text(v) for v in row] for row in rows],
        "texttemplate": "%{text}",
        "textfont": {"size": 10.5},
        "colorscale": "diverging",
        "zmin": -limit,
        "zmax": limit,
        "showscale": False,
        "hoverongaps": False,
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{x} %{y}: %{z:.1%}<extra></extra>",
    }


def years_figure(months: Sequence[Months]) -> Figure:
    """The return of each year, side by side."""
    return {
        "data": [
            {
                "type": "bar",
                "name": plain(months_of_role.label),
                "x": list(months_of_role.years),
                "y": [digits(value, 4) for value in months_of_role.totals],
                "marker": {"color": COLOURS[months_of_role.role]},
                "hovertemplate": "%{y:.1%}",
            }
            for months_of_role in sorted(
                months, key=lambda months_of_role: list(COLOURS).index(months_of_role.role)
            )
        ],
        "layout": {
            "height": 300,
            "barmode": "group",
            "bargap": 0.25,
            "hovermode": "x unified",
            "legend": LEGEND,
            "xaxis": {"showgrid": False, "tickformat": "d"},
            "yaxis": {"tickformat": ".0%", "title": {"text": "return of the year"}},
        },
    }
