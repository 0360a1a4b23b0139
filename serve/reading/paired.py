"""Equity of two to six runs on the same axis, and how sure the difference of the first two is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from promote.statistics import Uplift, uplift
from store.query.results import Results
from store.replay.replay import group_of
from store.report.equity import thin
from store.report.figures.style import LEGEND, Figure, plain
from store.runs.plain import run_dicts

COLOURS = (
    "var(--best)",
    "var(--base)",
    "var(--centre)",
    "var(--noise)",
    "var(--hold)",
    "var(--mark)",
)
RESAMPLES = 500
LEAST = 50
"""Common bars, below which a difference says nothing."""


@dataclass(frozen=True)
class Paired:
    """Curves of some runs, and the difference of the second from the first.

    Attributes:
        figure: growth of 1; None where no run can be drawn.
        difference: B less A on their common bars; None where that says nothing.
        bars: that both are on.
        notes: which run is not drawn, and why.
    """

    figure: Figure | None
    difference: Uplift | None
    bars: int
    notes: tuple[str, ...]


def paired(results: Results, refs: list[str]) -> Paired:
    """Backtest stored runs again, and compare the first two bar by bar.

    Args:
        results: the store.
        refs: 2 to 6 runs; an experiment stands for its best.
    """
    curves: dict[str, pd.Series] = {}
    notes = []
    for place, ref in enumerate(dict.fromkeys(refs)):
        name = f"{'ABCDEF'[place]}: {ref}"
        try:
            curves[name] = results.retrace(ref).equity
        except ValueError as error:
            notes.append(f"{name} is not drawn: {error}")
    figure = _figure(curves) if curves else None
    if len(curves) < 2 or len(notes):
        return Paired(figure, None, 0, tuple(notes))
    first, second = (curve.pct_change().dropna() for curve in list(curves.values())[:2])
    both = first.index.intersection(second.index)
    if len(both) < LEAST or np.array_equal(first[both], second[both]):
        return Paired(figure, None, len(both), tuple(notes))
    periods = _periods(results, refs[0])
    gain = uplift(second[both].to_numpy(), first[both].to_numpy(), periods, RESAMPLES)
    return Paired(figure, gain, len(both), tuple(notes))


def _periods(results: Results, ref: str) -> float:
    """Bars in a year of a run."""
    reference = results.resolve(ref)
    if reference.run is None:
        reference = results.resolve(f"{reference.experiment.id}/best")
    run = run_dicts(results.runs(str(reference)))[0]
    return group_of(reference.experiment, run["run"]).number("periods_per_year")


def _figure(curves: dict[str, pd.Series]) -> Figure:
    """Growth of 1 of each, on a log axis."""
    data: list[dict[str, object]] = []
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        values = curve.to_numpy(np.float64)
        shown = thin([values])
        times = pd.DatetimeIndex(curve.index)[shown].strftime("%Y-%m-%d %H:%M")
        growth = values[shown] / values[0]
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": plain(name),
                "x": [str(time) for time in times],
                "y": [float(f"{value:.6g}") if value > 0 else None for value in growth.tolist()],
                "line": {"color": colour, "width": 1.6},
                "hovertemplate": "%{y:.2f}",
            }
        )
    axis = {"type": "log", "title": {"text": "growth of 1"}}
    return {
        "data": data,
        "layout": {
            "height": 400,
            "hovermode": "x unified",
            "legend": LEGEND,
            "xaxis": {"type": "date"},
            "yaxis": axis,
        },
    }
