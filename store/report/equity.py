"""The curves of a report: runs backtested again, on the bars and with the numbers they had."""

from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.replay.buy_and_hold import hold_settings, hold_trace
from store.replay.configuration import settings_of
from store.replay.replay import group_of, load_bars, trace_again, window_of
from store.report.buy_and_hold_entry import hold_entry
from store.report.monthly_returns import monthly
from store.report.number_format import param_text
from store.report.view_model import Curve, Entry, Equity, Role
from store.runs.columns import short

MOST_POINTS = 6_500
"""Of a curve: twenty years of days stay whole, and four curves stay quick to draw."""

Floats = NDArray[np.float64]


def draw_equity(
    experiment: Experiment,
    best: RunRow,
    compared: Mapping[Role, RunRow],
    *,
    most: int | None = None,
) -> tuple[Equity, Entry | None]:
    """Backtest the best run and others again, next to holding the asset.

    Args:
        experiment: whose runs they are.
        best: the run to draw; its window is that of every curve.
        compared: other runs on the same symbol and window, by what they are.
        most: points of a curve; None is MOST_POINTS.

    Returns:
        The curves and the entry of buy-and-hold. No curve and None when the bars are no longer
        those of the experiment, or the kernels give other numbers than stored.
    """
    title = f"Run {best['run']}, {best['strategy']} on {best['symbol']}, window {best['window']}"
    try:
        data = load_bars(experiment, group_of(experiment, best["run"]))
        series = data.series()
        window = window_of(data, best)
        runs = {"best": best, **compared}
        traces = {role: trace_again(experiment, series, run, window) for role, run in runs.items()}
    except ValueError as error:
        return Equity(title, problem=f"No equity is drawn. {error}"), None
    group = group_of(experiment, best["run"])
    settings = hold_settings(settings_of(group, best))
    traces["hold"] = hold_trace(series, settings, window)
    names: dict[Role, str] = {"best": f"run {best['run']}", "centre": "plateau"}
    labels: dict[Role, str] = {"hold": "buy and hold"}
    for role, run in runs.items():
        labels[role] = _label(names.get(role, role), run)
    shown = thin([traced.equity for traced in traces.values()], most)
    index = pd.DatetimeIndex(data.frame.index)[slice(*window)]
    times = index[shown].strftime("%Y-%m-%d %H:%M")
    capital = group.number("initial_capital")
    curves = tuple(
        Curve(role, labels[role], tuple(times), tuple((traced.equity[shown] / capital).tolist()))
        for role, traced in traces.items()
    )
    notes = ["Costs included, buy and hold too"]
    if shown.size < window[1] - window[0]:
        notes.append(
            f"Of {window[1] - window[0]:,} bars {shown.size:,} are drawn, among them the highest "
            "and lowest of every stretch"
        )
    notes += coinciding({labels[role]: traced.equity for role, traced in traces.items()})
    months = tuple(
        monthly(role, labels[role], index, traced.equity) for role, traced in traces.items()
    )
    held = hold_entry(series, settings, group, best)
    return Equity(title, curves, tuple(notes), months=months), held


def thin(curves: list[Floats], most: int | None = None) -> NDArray[np.int64]:
    """Which points to draw of (n,) curves: each stretch's first, and every curve's high and low."""
    size = curves[0].size
    most = MOST_POINTS if most is None else most
    stretches = most // (2 * len(curves) + 1)
    if size <= most:
        return np.arange(size)
    edges = np.linspace(0, size, stretches + 1).astype(np.int64)
    kept = [edges[:-1], np.array([size - 1])]
    for curve in curves:
        parts = list(pairwise(edges.tolist()))
        kept.append(np.array([a + int(np.argmax(curve[a:b])) for a, b in parts]))
        kept.append(np.array([a + int(np.argmin(curve[a:b])) for a, b in parts]))
    return np.unique(np.concatenate(kept))


def coinciding(curves: Mapping[str, Floats]) -> list[str]:
    """Which curves coincide, so that one hides the other: a sentence for each pair."""
    return [
        f"One line for two: {label} and {other} coincide"
        for (label, a), (other, b) in combinations(curves.items(), 2)
        if np.array_equal(a, b)
    ]


def _label(role: str, run: RunRow) -> str:
    values = {**run["params"], **run["settings"]}
    return " ".join([f"{role}:", *(f"{short(n)} {param_text(v)}" for n, v in values.items())])
