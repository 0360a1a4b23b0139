"""Buying at the start of a window and holding to its end, with the costs and fill of the runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kernels import METRICS, Settings
from kernels.engine.evaluation import Trace
from kernels.registry import load as load_strategy
from kernels.series.bars import Series
from store.records.group import WindowRecord
from store.replay.replay import Replay
from store.runs.by_configuration import TEST, means
from store.runs.schema import COUNTS

STRATEGY = "buy_hold"
SHARED = ("commission", "slippage", "periods_per_year", "initial_capital", "fill", "risk_free")
"""Settings that holding has, too; a record of an earlier version may lack some."""


def hold_settings(settings: Mapping[str, Any]) -> Settings:
    """Settings of a run that buying and holding has, too."""
    return Settings(**{name: settings[name] for name in SHARED if name in settings})


def hold(series: Series, settings: Settings) -> Replay:
    """Buying and holding, to be run on a series with settings of `hold_settings`."""
    return Replay(series, load_strategy(STRATEGY), np.empty(0), settings)


def hold_trace(series: Series, settings: Settings, window: tuple[int, int]) -> Trace:
    """Equity of buying and holding on a window."""
    return hold(series, settings).trace(window)


def hold_metrics(
    series: Series, settings: Settings, windows: Sequence[WindowRecord]
) -> dict[str, Any]:
    """Metrics of buying and holding, as a line of a leaderboard has them.

    Args:
        series: the bars.
        settings: of `hold_settings`.
        windows: of a group.

    Returns:
        Means over train windows by name, and over test windows as `test_...`.
    """
    spans = [window.bars for window in windows]
    values = hold(series, settings).evaluate(spans).metrics[0]
    rows: dict[bool, list[dict[str, object]]] = {False: [], True: []}
    for window, row in zip(windows, values.tolist(), strict=True):
        metrics: dict[str, Any] = dict(zip(METRICS, row, strict=True))
        metrics |= {name: int(metrics[name]) for name in COUNTS}
        rows[window.is_test].append(metrics)
    tested = {f"{TEST}{name}": value for name, value in means(rows[True]).items()}
    return means(rows[False]) | tested
