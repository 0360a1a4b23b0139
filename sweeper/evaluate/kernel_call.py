"""Configurations of a group into the kernels."""

from dataclasses import replace

import numpy as np

from kernels.engine.evaluation import Evaluation, Trace
from kernels.evaluate import evaluate_runs, trace
from kernels.portfolio.settings import PanelSettings, with_numbers
from kernels.series.bars import Series, prepare
from sweeper.config.window import Window
from sweeper.plan.custom_metrics import measure
from sweeper.plan.plan import Floats, Group


def evaluate_group(group: Group, numbers: Floats) -> Evaluation:
    """Evaluate configurations (n, d), columns as `group.cell.names`, on the group's windows.

    The metrics are (n, windows, m), columns as `group.cell.metrics`.
    """
    configured = group.configured(numbers)
    params, swept = configured.params, configured.own_settings
    settings = with_numbers(group.settings, swept)
    ranges = [(window.start, window.stop) for window in group.windows]
    series, strategy, own = prepared(group), group.cell.strategy, group.cell.own_metrics
    evaluation = evaluate_runs(series, strategy, params, settings, ranges)
    if not own or isinstance(group.settings, PanelSettings):
        return evaluation
    values = measure(own, series, strategy, params, group.settings, swept, ranges)
    return replace(evaluation, metrics=np.concatenate([evaluation.metrics, values], axis=2))


def trace_baseline(group: Group, window: Window) -> Trace:
    """The group's baseline on one window, with its equity and trades."""
    params = group.configured(group.cell.baseline).params[0]
    span = (window.start, window.stop)
    return trace(prepared(group), group.cell.strategy, params, group.settings, span)


_prepared: dict[tuple[str, str, int], Series] = {}


def prepared(group: Group) -> Series:
    """The group's bars, prepared once per process."""
    key = (group.series.symbol, group.series.fingerprint, len(group.series.times))
    if key not in _prepared:
        bars = group.series
        if bars.panel is not None:
            return _prepared.setdefault(key, bars.panel)
        made = prepare(bars.columns, bars.times, bars.days)
        _prepared[key] = replace(made, detail=bars.detail)
    return _prepared[key]
