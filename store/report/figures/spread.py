"""All runs against what luck alone would show, and train against test."""

import math
from collections.abc import Sequence
from itertools import pairwise

from store.analysis.sharpe_error import Z
from store.report.figures.style import (
    COLOURS,
    LEGEND,
    NOISE,
    Figure,
    digits,
    hover,
    plain,
    vertical,
)
from store.report.number_format import axis_format, metric_label, metric_text
from store.report.view_model import Distribution, Gap, Role

LABEL = 18
"""Height of a label above a plot, in pixels."""

Mark = tuple[Role | None, str, float]
"""A vertical line in a distribution: colour by role (None is noise), label, place."""


def distribution_figure(distribution: Distribution, marks: Sequence[Mark]) -> Figure:
    """A histogram of the runs, with lines where the best, the baseline and luck stand."""
    label = f"{metric_label(distribution.metric)} %{{x:{hover(distribution.metric)}}}"
    shown = sorted((mark for mark in marks if math.isfinite(mark[2])), key=lambda mark: mark[2])
    colours = [NOISE if role is None else COLOURS[role] for role, _, _ in shown]
    return {
        "data": [_bars(distribution, label), *_expected(distribution, label)],
        "layout": {
            "height": 320 + LABEL * len(shown),
            "hovermode": "closest",
            "legend": LEGEND | {"y": -0.3, "yanchor": "top"},
            "showlegend": bool(distribution.expected),
            "margin": {"t": 24 + LABEL * len(shown)},
            "xaxis": {
                "title": {"text": metric_label(distribution.metric)},
                "tickformat": axis_format(distribution.metric),
                "showgrid": False,
            },
            "yaxis": {"title": {"text": "runs"}, "tickformat": "~s", "rangemode": "tozero"},
            "shapes": [
                line
                for i, ((role, _, place), colour) in enumerate(zip(shown, colours, strict=True))
                for line in (
                    vertical(place, colour, dashed=role is None),
                    _leader(place, colour, i),
                )
            ],
            "annotations": [
                _flag(f"{name} {metric_text(distribution.metric, place)}", place, colour, i)
                for i, ((_, name, place), colour) in enumerate(zip(shown, colours, strict=True))
            ],
        },
    }


def _bars(distribution: Distribution, label: str) -> Figure:
    """The histogram of the runs."""
    edges = distribution.edges
    return {
        "type": "bar",
        "name": "runs",
        "x": [digits((a + b) / 2, 6) for a, b in pairwise(edges)],
        "y": list(distribution.counts),
        "width": [b - a for a, b in pairwise(edges)],
        "marker": {"color": "var(--bar)", "line": {"width": 0}},
        "hovertemplate": f"{label}: %{{y:,}} runs<extra></extra>",
    }


def _expected(distribution: Distribution, label: str) -> list[Figure]:
    """The histogram of as many runs without skill, as a line."""
    if not distribution.expected:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "expected of as many runs without skill",
            "x": [digits((a + b) / 2, 6) for a, b in pairwise(distribution.edges)],
            "y": [digits(value, 4) for value in distribution.expected],
            "line": {"color": NOISE, "width": 1.6, "dash": "dot", "shape": "spline"},
            "hovertemplate": f"{label}: %{{y:,.0f}} without skill<extra></extra>",
        }
    ]


def _leader(place: float, colour: str, level: int) -> Figure:
    """From the top of a line up to its label."""
    heights = {"ysizemode": "pixel", "yanchor": 1, "y0": 0, "y1": LABEL * level}
    return vertical(place, colour) | heights | {"line": {"color": colour, "width": 0.8}}


def _flag(text: str, place: float, colour: str, level: int) -> Figure:
    """A label above the plot, each on a level of its own so that none covers another."""
    return {
        "text": text,
        "x": place,
        "xanchor": "right",
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": LABEL * level,
        "showarrow": False,
        "font": {"color": colour},
    }


def gap_figure(gap: Gap) -> Figure:
    """A dot for each run; the diagonal is where test equals train, the red ground overfitting."""
    label = metric_label(gap.metric)
    ends = [min(gap.train), max(gap.train)]
    dots = {
        "type": "scatter",
        "mode": "markers",
        "name": "runs",
        "x": [digits(v, 4) for v in gap.train],
        "y": [digits(v, 4) for v in gap.test],
        "text": [plain(text) for text in gap.texts],
        "marker": {"size": 4, "color": "var(--best)", "opacity": 0.45},
        "hovertemplate": (
            f"%{{text}}<br>train %{{x:{hover(gap.metric)}}}, "
            f"test %{{y:{hover(gap.metric)}}}<extra></extra>"
        ),
    }
    equal = {
        "type": "scatter",
        "mode": "lines",
        "name": "test as good as train",
        "x": ends,
        "y": ends,
        "line": {"color": "var(--hold)", "width": 1.2},
        "hoverinfo": "skip",
    }
    return {
        "data": [*_region(gap, ends), equal, dots, *_best(gap)],
        "layout": {
            "height": 420,
            "hovermode": "closest",
            "legend": LEGEND,
            "xaxis": _axis(f"train {label}", gap.metric),
            "yaxis": _axis(f"test {label}", gap.metric) | {"range": _range(gap)},
        },
    }


def _axis(title: str, metric: str) -> Figure:
    return {"title": {"text": title}, "tickformat": axis_format(metric)}


def _range(gap: Gap) -> list[float]:
    low, high = min(gap.test), max(gap.test)
    if gap.error is not None:  # so that some of the overfit region is seen
        low = min(low, max(gap.train) - Z * gap.error)
    margin = 0.05 * (high - low) or 0.1
    return [low - margin, high + margin]


def _region(gap: Gap, ends: Sequence[float]) -> list[Figure]:
    """Where the test falls short by more than chance explains: down to the edge of the plot."""
    if gap.error is None:
        return []
    border = [end - Z * gap.error for end in ends]
    bottom = min(_range(gap)[0], *border)
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "overfit: the fall is more than chance explains",
            "x": [ends[0], ends[1], ends[1], ends[0]],
            "y": [*border, bottom, bottom],
            "fill": "toself",
            "fillcolor": "var(--danger)",
            "line": {"width": 0, "color": NOISE},
            "hoverinfo": "skip",
        }
    ]


def _best(gap: Gap) -> list[Figure]:
    if gap.best is None:
        return []
    ring = {"symbol": "circle-open", "size": 13, "line": {"width": 2}, "color": "var(--mark)"}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "best on train",
            "x": [gap.best[0]],
            "y": [gap.best[1]],
            "marker": ring,
            "hoverinfo": "skip",
        }
    ]
