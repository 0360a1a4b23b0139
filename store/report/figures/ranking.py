"""Figures of a ranking: coefficients and turnover over time, quantiles, holdings."""

from collections.abc import Sequence

import numpy as np

from store.report.figures.style import LEGEND, Figure, digits, plain
from store.report.traced.ranking_view import Ranking


def coefficients_figure(ranking: Ranking) -> Figure:
    """Information coefficient of each period with its mean so far, and the turnover below."""
    values = np.array([np.nan if ic is None else ic for ic in ranking.ics], np.float64)
    counted = np.isfinite(values)
    means = np.cumsum(np.where(counted, values, 0.0)) / np.maximum(np.cumsum(counted), 1)
    curve = {
        "type": "scatter",
        "mode": "lines",
        "name": "mean so far",
        "x": list(ranking.times),
        "y": [digits(mean) for mean in means.tolist()],
        "line": {"color": "var(--best)", "width": 2},
        "hovertemplate": "mean %{y:.3f}<extra></extra>",
    }
    turnover = _bars("turnover", ranking, ranking.turnover, "var(--base)", ".0%")
    return {
        "data": [
            _bars("IC", ranking, ranking.ics, "var(--hold)", ".3f"),
            curve,
            turnover | {"yaxis": "y2"},
        ],
        "layout": {
            "height": 400,
            "hovermode": "x unified",
            "legend": LEGEND,
            "xaxis": {"type": "date", "anchor": "y2"},
            "yaxis": {"domain": [0.4, 1], "title": {"text": "IC"}, "zeroline": True},
            "yaxis2": {"domain": [0, 0.32], "tickformat": ".0%", "title": {"text": "turnover"}},
        },
    }


def _bars(
    name: str, ranking: Ranking, values: Sequence[float | None], colour: str, form: str
) -> Figure:
    return {
        "type": "bar",
        "name": name,
        "x": list(ranking.times),
        "y": list(values),
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": f"{name} %{{y:{form}}}<extra></extra>",
    }


def quantiles_figure(ranking: Ranking) -> Figure:
    """Mean return of a period by quantile of the score."""
    last = len(ranking.quantiles) - 1
    names = [f"{n + 1}" for n in range(last + 1)]
    names[0], names[last] = "lowest scores", "highest scores"
    return {
        "data": [
            {
                "type": "bar",
                "x": names,
                "y": [float(f"{value:.4g}") for value in ranking.quantiles],
                "marker": {"color": "var(--best)", "line": {"width": 0}},
                "hovertemplate": "%{y:.2%} a period<extra></extra>",
            }
        ],
        "layout": {
            "height": 300,
            "showlegend": False,
            "xaxis": {"type": "category", "showgrid": False},
            "yaxis": {"tickformat": ".2%", "title": {"text": "return of a period"}},
        },
    }


def holdings_figure(ranking: Ranking) -> Figure:
    """Weights by symbol and rebalance."""
    most = max((abs(w) for row in ranking.weights for w in row), default=1.0) or 1.0
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(ranking.times),
                "y": [plain(name) for name in ranking.symbols],
                "z": [list(row) for row in ranking.weights],
                "zmin": -most,
                "zmax": most,
                "colorscale": "diverging",
                "colorbar": {"tickformat": ".0%"},
                "hovertemplate": "%{y}, %{x}: %{z:.1%}<extra></extra>",
            }
        ],
        "layout": {
            "height": 160 + 14 * len(ranking.symbols),
            "hovermode": "closest",
            "xaxis": {"type": "date", "showgrid": False},
            "yaxis": {"type": "category", "showgrid": False},
        },
    }
