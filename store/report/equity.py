"""The curves of a report: runs backtested again, on the bars and with the numbers they had."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels import KERNEL_VERSION, METRICS, Settings
from kernels.bars import Series, prepare
from kernels.evaluate import Trace, trace
from kernels.registry import load as load_strategy
from store.data import Dataset
from store.errors import StoreError
from store.experiment import Experiment
from store.replay import Run, group_of, load_bars, replay_of, settings_of
from store.report.numbers import param_text, short
from store.report.view import Curve, Entry, Equity, Role

MOST_POINTS = 6_500
"""Of a curve: twenty years of days stay whole, and three curves stay quick to draw."""
HOLD = "buy_hold"
"""The strategy that is buying and holding, with the same costs as the others."""

Floats = NDArray[np.float64]


def draw_equity(
    experiment: Experiment, best: Run, baseline: Run | None
) -> tuple[Equity, Entry | None]:
    """Backtest the best run and the baseline again, beside holding the asset.

    Args:
        experiment: whose runs they are.
        best: the run to draw; its window is that of every curve.
        baseline: of the same symbol and window; None when there is none, or it is the best.

    Returns:
        The curves and the entry of buy-and-hold. No curve and None when the bars are no longer
        those of the experiment, or the kernels give other numbers than stored.
    """
    title = f"Run {best['run']}, {best['strategy']} on {best['symbol']}, window {best['window']}"
    try:
        data = load_bars(experiment, group_of(experiment, best["run"]))
        traces, window = _traces(experiment, data, best, baseline)
    except ValueError as error:
        return Equity(title, problem=f"No equity is drawn. {error}"), None
    labels: dict[Role, str] = {"best": _label(f"run {best['run']}", best), "hold": "buy and hold"}
    if baseline is not None:
        labels["baseline"] = _label("baseline", baseline)
    shown = thin([traced.equity for traced in traces.values()])
    times = pd.DatetimeIndex(data.frame.index)[slice(*window)][shown].strftime("%Y-%m-%d %H:%M")
    capital = float(group_of(experiment, best["run"])["settings"]["initial_capital"])
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
    return Equity(title, curves, tuple(notes)), _hold_entry(best, traces["hold"])


def thin(curves: list[Floats]) -> NDArray[np.int64]:
    """Which points to draw of (n,) curves: each stretch's first, and every curve's high and low."""
    size = curves[0].size
    stretches = MOST_POINTS // (2 * len(curves) + 1)
    if size <= MOST_POINTS:
        return np.arange(size)
    edges = np.linspace(0, size, stretches + 1).astype(np.int64)
    kept = [edges[:-1], np.array([size - 1])]
    for curve in curves:
        parts = list(pairwise(edges.tolist()))
        kept.append(np.array([a + int(np.argmax(curve[a:b])) for a, b in parts]))
        kept.append(np.array([a + int(np.argmin(curve[a:b])) for a, b in parts]))
    return np.unique(np.concatenate(kept))


def _traces(
    experiment: Experiment, data: Dataset, best: Run, baseline: Run | None
) -> tuple[dict[Role, Trace], tuple[int, int]]:
    series = prepare(data.frame)
    times = pd.DatetimeIndex(data.frame.index)
    window = (
        int(times.searchsorted(pd.Timestamp(best["start"]), "left")),
        int(times.searchsorted(pd.Timestamp(best["end"]), "right")),
    )
    traces: dict[Role, Trace] = {"best": _again(experiment, series, best, window)}
    if baseline is not None:
        traces["baseline"] = _again(experiment, series, baseline, window)
    settings = settings_of(group_of(experiment, best["run"]), best)
    costs = {name: settings[name] for name in ("commission", "slippage", "periods_per_year")}
    held = Settings(**costs, initial_capital=settings["initial_capital"], fill=settings["fill"])
    traces["hold"] = trace(series, load_strategy(HOLD), np.empty(0), held, window)
    return traces, window


def _again(experiment: Experiment, series: Series, run: Run, window: tuple[int, int]) -> Trace:
    """Backtest a stored run again; refuse to go on when a metric differs from the stored one."""
    again = replay_of(experiment, run, series)
    traced = again.trace(window)
    for name, value in zip(METRICS, traced.metrics, strict=True):
        stored = run["metrics"].get(name)
        if stored is None or not (stored == value or (np.isnan(stored) and np.isnan(value))):
            kernel = experiment.versions.get("kernel")
            same = again.strategy.source_hash == group_of(experiment, run["run"]).get("source")
            raise StoreError(
                f"Run {run['run']} does not repeat: {name} is {value:.6g}, stored {stored} "
                f"(kernel version {KERNEL_VERSION}, then {kernel}; the file of {run['strategy']} "
                f"{'is the same' if same else 'changed'})."
            )
    return traced


def _label(role: str, run: Run) -> str:
    values = {**run["params"], **run["settings"]}
    return " ".join([f"{role}:", *(f"{short(n)} {param_text(v)}" for n, v in values.items())])


def _hold_entry(best: Run, held: Trace) -> Entry:
    return Entry(
        role="hold",
        run=None,
        strategy="",
        symbol=best["symbol"],
        direction="",
        window=best["window"],
        params={},
        metrics=dict(zip(METRICS, held.metrics.tolist(), strict=True)),
    )
