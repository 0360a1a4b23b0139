"""Trades on the price, their returns, and what rolls along with them."""

from collections.abc import Sequence

import numpy as np

from store.report.figures.style import LEGEND, Figure, plain
from store.report.traced.trades_view import Marks, Rolling, Trades

SHAPES = {
    "buy": ("triangle-up", "var(--best)"),
    "sell short": ("triangle-down", "var(--base)"),
    "out with a gain": ("circle-open", "var(--best)"),
    "out with a loss": ("x-thin-open", "var(--noise)"),
}
"""Symbol and colour of each kind of fill."""
BINS = 40
CURVES = ("var(--best)", "var(--hold)")


def price_figure(trades: Trades) -> Figure:
    """Closes on a log scale with every entry and exit."""
    line = {
        "type": "scatter",
        "mode": "lines",
        "name": "close",
        "x": list(trades.times),
        "y": [float(f"{price:.7g}") for price in trades.price],
        "line": {"color": "var(--hold)", "width": 1.2},
        "hovertemplate": "%{y:,.6~g}<extra></extra>",
    }
    return {
        "data": [line, *(_fills(marks) for marks in trades.marks)],
        "layout": {
            "height": 420,
            "hovermode": "closest",
            "legend": LEGEND,
            "xaxis": {"type": "date"},
            "yaxis": {"type": "log", "title": {"text": "price"}},
        },
    }


def _fills(marks: Marks) -> Figure:
    shape, colour = SHAPES[marks.kind]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": marks.kind,
        "x": list(marks.times),
        "y": list(marks.prices),
        "text": [plain(text) for text in marks.texts],
        "marker": {
            "symbol": shape,
            "size": 8,
            "color": colour,
            "line": {"width": 1.4, "color": colour},
        },
        "hovertemplate": f"{marks.kind} at %{{y:,.6~g}}: %{{text}}<extra></extra>",
    }


def returns_figure(returns: Sequence[float]) -> Figure:
    """A histogram of the returns of trades, losses and gains apart."""
    values = np.array(returns)
    edges = np.histogram_bin_edges(values, bins=min(BINS, max(5, values.size // 2)))
    parts = (("losses", values[values <= 0], "var(--noise)"), ("gains", values[values > 0], None))
    return {
        "data": [
            {
                "type": "bar",
                "name": name,
                "x": [float(f"{x:.6g}") for x in (edges[1:] + edges[:-1]) / 2],
                "y": np.histogram(own, edges)[0].tolist(),
                "width": float(edges[1] - edges[0]),
                "marker": {"color": colour or "var(--best)", "line": {"width": 0}},
                "hovertemplate": "about %{x:.1%}: %{y:,} trades<extra></extra>",
            }
            for name, own, colour in parts
            if own.size
        ],
        "layout": {
            "height": 300,
            "barmode": "stack",
            "hovermode": "closest",
            "legend": LEGEND,
            "xaxis": {
                "title": {"text": "return of a trade"},
                "tickformat": ".0%" if np.ptp(values) > 0.1 else ".1%",
                "showgrid": False,
            },
            "yaxis": {"title": {"text": "trades"}, "tickformat": "~s", "rangemode": "tozero"},
        },
    }


def rolling_figure(trades: Trades) -> Figure:
    """Rolling Sharpe ratio, and below it the share of bars in the market."""
    ratios = [
        _curve(rolled, colour, "y", "%{y:.2f}")
        for rolled, colour in zip(trades.sharpe, CURVES, strict=False)
    ]
    held = [
        _curve(rolled, colour, "y2", "%{y:.0%}") | {"fill": "tozeroy"}
        for rolled, colour in zip(trades.exposure, ("var(--best)", "var(--base)"), strict=False)
    ]
    return {
        "data": [*reversed(ratios), *held],
        "layout": {
            "height": 400,
            "hovermode": "x unified",
            "legend": LEGEND,
            "xaxis": {"type": "date", "anchor": "y2"},
            "yaxis": {"domain": [0.4, 1], "title": {"text": "Sharpe"}, "zeroline": True},
            "yaxis2": {"domain": [0, 0.32], "tickformat": ".0%", "title": {"text": "exposure"}},
        },
    }


def _curve(rolled: Rolling, colour: str, axis: str, hover: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(rolled.label),
        "x": list(rolled.times),
        "y": list(rolled.values),
        "yaxis": axis,
        "line": {"color": colour, "width": 1.6},
        "hovertemplate": hover,
    }
