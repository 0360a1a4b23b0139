"""Buying at the start and holding to the end, with the same costs as the runs beside it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kernels import METRICS, Settings
from kernels.bars import Series
from kernels.evaluate import Trace, evaluate_runs, trace
from kernels.registry import load as load_strategy
from store.layout import is_test
from store.report.view import Entry
from store.standings import TEST, means

STRATEGY = "buy_hold"
SHARED = ("commission", "slippage", "periods_per_year", "initial_capital", "fill")


def hold_settings(settings: Mapping[str, Any]) -> Settings:
    """Of a run's settings those that holding has, too."""
    return Settings(**{name: settings[name] for name in SHARED})


def hold_trace(series: Series, settings: Settings, window: tuple[int, int]) -> Trace:
    """Its equity on a window."""
    return trace(series, load_strategy(STRATEGY), np.empty(0), settings, window)


def hold_entry(
    series: Series, settings: Settings, group: Mapping[str, Any], run: Mapping[str, Any]
) -> Entry:
    """Its line of the leaderboard: as that of a run, means over all windows of its group."""
    spans = [(window["start"], window["stop"]) for window in group["windows"]]
    points = np.empty((1, 0))
    found = evaluate_runs(series, load_strategy(STRATEGY), points, settings, spans).metrics[0]
    rows: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for window, values in zip(group["windows"], found.tolist(), strict=True):
        metrics = dict(zip(METRICS, values, strict=True))
        rows[is_test(window.get("role", "dev"))].append({"metrics": metrics})
    beside = {f"{TEST}{name}": value for name, value in means(rows[True]).items()}
    return Entry(
        role="hold",
        run=None,
        strategy="",
        symbol=run["symbol"],
        direction="",
        window=run["window"],
        params={},
        metrics=means(rows[False]) | beside,
    )
