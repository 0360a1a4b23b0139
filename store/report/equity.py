"""The curves of a report: runs backtested again, and compared with what was stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels import KERNEL_VERSION, METRICS, Settings
from kernels.bars import prepare
from kernels.evaluate import Trace, trace
from kernels.registry import load as load_strategy
from store.data import Dataset, DataSpec, load
from store.experiment import Experiment
from store.hold import hold_metrics
from store.report.view import Curve, Entry, Equity, Role

MOST_POINTS = 4_000
"""Of a curve; a screen has fewer."""

Run = Mapping[str, Any]
"""One run as `store.rows.run_dicts` gives it."""
Floats = NDArray[np.float64]


def draw_equity(
    experiment: Experiment, best: Run, baseline: Run | None
) -> tuple[Equity, Entry | None]:
    """Backtest the best run and the baseline again, beside holding the asset.

    Args:
        experiment: whose runs they are.
        best: the run to draw; its window is that of every curve.
        baseline: of the same window; None when there is none, or it is the best.

    Returns:
        The curves and the entry of buy-and-hold. Without curves, and None, when the bars are no
        longer those of the experiment or the best run gives other numbers than stored.
    """
    title = f"Run {best['run']}, {best['strategy']} on {best['symbol']}, window {best['window']}"
    try:
        data = _same_bars(experiment, best["symbol"])
        window = _window(data.frame.index, best)
        traces = {"best": _trace(experiment, best, data, window)}
        if baseline is not None:
            traces["baseline"] = _trace(experiment, baseline, data, window)
    except ValueError as error:
        return Equity(title, problem=f"No equity is drawn. {error}"), None
    times = pd.DatetimeIndex(data.frame.index)[slice(*window)]
    close = data.frame["close"].to_numpy()[slice(*window)]
    growth: dict[Role, Floats] = {"best": traces["best"].equity / _capital(experiment)}
    labels: dict[Role, str] = {"best": _label(f"run {best['run']}", best), "hold": "buy and hold"}
    if baseline is not None:
        growth["baseline"] = traces["baseline"].equity / _capital(experiment)
        labels["baseline"] = _label("baseline", baseline)
    growth["hold"] = close / close[0]
    curves = [_curve(role, labels[role], times, values) for role, values in growth.items()]
    return Equity(title, tuple(curves), tuple(_notes(times.size))), _hold_entry(best, data, close)
