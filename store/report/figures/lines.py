"""Parallel coordinates, and the metric by one parameter."""

from itertools import pairwise

from store.report.figures.style import LEGEND, Figure, digits, hover, plain, vertical
from store.report.number_format import axis_format, metric_label
from store.report.view_model import Lines, Profile

SHADES = ((0.0, 0.5), (0.5, 0.9), (0.9, 0.99), (0.99, 1.0))
SHADE_NAMES = ("worse half", "better half", "best tenth", "best hundredth")
"""Classes of rank, each a colour."""


def parallel_figure(lines: Lines) -> Figure:
    """A line for each run, the best on top.

    Drawn as plain lines: plotly's own parallel coordinates need WebGL, which paper has not.
    """
    count = len(lines.axes)
    return {
        "data": [_shade(lines, place) for place in range(len(SHADES))],
        "layout": {
            "height": 430,
            "hovermode": "closest",
            "legend": LEGEND | {"y": 1.16, "traceorder": "reversed"},
            "margin": {"t": 60},
            "xaxis": {
                "tickvals": list(range(count)),
                "ticktext": [plain(axis.name) for axis in lines.axes],
                "side": "top",
                "showgrid": False,
                "zeroline": False,
                "showline": False,
                "range": [-0.12, count - 1 + 0.12],
                "fixedrange": True,
            },
            "yaxis": {"visible": False, "range": [-0.04, 1.14], "fixedrange": True},
            "shapes": [vertical(place, "var(--soft)") for place in range(count)],
            "annotations": [
                {
                    "text": plain(text),
                    "x": place,
                    "y": height,
                    "xanchor": "left" if place < count - 1 else "right",
                    "xshift": 4 if place < count - 1 else -4,
                    "yanchor": "middle",
                    "showarrow": False,
                    "bgcolor": "var(--paper)",
                    "opacity": 0.85,
                    "font": {"size": 11},
                }
                for place, axis in enumerate(lines.axes)
                for height, text in axis.ticks
            ],
        },
    }


def _shade(lines: Lines, place: int) -> Figure:
    """The lines of one class of rank as one trace, with a gap after each."""
    low, high = SHADES[place]
    rows = [
        (heights, text)
        for heights, text, rank in zip(lines.places, lines.texts, lines.ranks, strict=True)
        if low < rank <= high or (place == 0 and rank == 0)
    ]
    count = len(lines.axes)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": SHADE_NAMES[place],
        "x": [x for _ in rows for x in (*range(count), None)],
        "y": [y for heights, _ in rows for y in (*heights, None)],
        "text": [t for _, text in rows for t in (*[plain(text)] * count, "")],
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"color": f"var(--shade{place})", "width": 1.0 + 0.3 * place},
        "opacity": (0.35, 0.5, 0.7, 0.95)[place],
    }


def profile_figure(profile: Profile, metric: str) -> Figure:
    """The median of the metric by a parameter, within the middle eight tenths, and the best."""
    x = [digits(value) for value in profile.x]
    outline = {
        "type": "scatter",
        "mode": "lines",
        "x": [*x, *reversed(x)],
        "y": [digits(v, 4) for v in (*profile.high, *reversed(profile.low))],
        "fill": "toself",
        "fillcolor": "var(--band)",
        "line": {"width": 0, "color": "var(--band)"},
        "hoverinfo": "skip",
        "name": "10 to 90 %",
    }
    marks = ((profile.centre, "var(--centre)", False), (profile.best, "var(--mark)", True))
    return {
        "data": [outline, *_profile_lines(profile, x, metric)],
        "layout": {
            "height": 280,
            "hovermode": "x",
            "showlegend": False,
            "xaxis": {
                "title": {"text": plain(profile.name)},
                "showgrid": False,
                "zeroline": False,
                **({"type": "log"} if _as_powers(profile) else {}),
            },
            "yaxis": {"title": {"text": metric_label(metric)}, "tickformat": axis_format(metric)},
            "shapes": [
                vertical(place, colour, dashed=dashed)
                for place, colour, dashed in marks
                if place is not None
            ],
        },
    }


def _profile_lines(profile: Profile, x: list[float | None], metric: str) -> list[Figure]:
    """The best and the median at each level of the parameter."""
    return [
        {
            "type": "scatter",
            "mode": "lines" if len(x) > 12 else "lines+markers",
            "x": x,
            "y": [digits(v, 4) for v in values],
            "name": name,
            "line": {"color": colour, "width": width, "dash": dash},
            "hovertemplate": f"{name} %{{y:{hover(metric)}}}<extra></extra>",
        }
        for name, values, colour, width, dash in (
            ("best", profile.top, "var(--best)", 1.2, "dot"),
            ("median", profile.middle, "var(--best)", 2.0, "solid"),
        )
    ]


def _as_powers(profile: Profile) -> bool:
    """True when the levels lie on a log scale: their steps grow by a factor of ten or more."""
    steps = [b - a for a, b in pairwise(profile.x)]
    return (
        bool(steps) and profile.x[0] > 0 and max(steps) > 10 * min(steps) and steps[-1] > steps[0]
    )
