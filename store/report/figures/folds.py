"""Walk-forward folds, and the paths of a cross-validation."""

from collections.abc import Mapping
from typing import Any

from store.report.figures.style import LEGEND, Figure, digits, hover
from store.report.number_format import axis_format, metric_label


def folds_figure(analysis: Mapping[str, Any]) -> Figure:
    """For each fold what was chosen: its metric on train and on the test after it."""
    metric = analysis["metric"]
    sides = (("in_sample", "train", "var(--bar)"), ("out_of_sample", "test", "var(--best)"))
    return {
        "data": [
            {
                "type": "bar",
                "name": name,
                "x": [_years(fold["test"]) for fold in analysis["folds"]],
                "y": [digits(fold[side][metric], 4) for fold in analysis["folds"]],
                "marker": {"color": colour},
                "hovertemplate": f"{name} %{{y:{hover(metric)}}}<extra></extra>",
            }
            for side, name, colour in sides
        ],
        "layout": {
            "height": 300,
            "barmode": "group",
            "bargap": 0.3,
            "hovermode": "x",
            "legend": LEGEND,
            "xaxis": {"type": "category", "showgrid": False, "title": {"text": "test window"}},
            "yaxis": {"title": {"text": metric_label(metric)}, "tickformat": axis_format(metric)},
        },
    }


def _years(window: Mapping[str, Any]) -> str:
    """The first and last day of a window, or its name in an older record."""
    first, last = window.get("first"), window.get("last")
    return f"{first[:10]}<br>{last[:10]}" if first and last else str(window.get("role", ""))


def paths_figure(analysis: Mapping[str, Any]) -> Figure:
    """The Sharpe ratio of every path out of sample, lowest first."""
    paths = sorted(analysis["paths"])
    return {
        "data": [
            {
                "type": "bar",
                "x": list(range(1, len(paths) + 1)),
                "y": [digits(value, 4) for value in paths],
                "marker": {"color": ["var(--best)" if v >= 0 else "var(--noise)" for v in paths]},
                "hovertemplate": "path %{x}: Sharpe %{y:.2f}<extra></extra>",
            }
        ],
        "layout": {
            "height": 280,
            "bargap": 0.2,
            "hovermode": "closest",
            "xaxis": {"title": {"text": "path, lowest first"}, "showgrid": False},
            "yaxis": {"title": {"text": "Sharpe out of sample"}, "tickformat": ".2~f"},
        },
    }
