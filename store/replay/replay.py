"""A stored configuration made ready to run again: its bars, strategy, numbers and settings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels import KERNEL_VERSION, METRICS, Settings
from kernels.engine.evaluation import Evaluation, Trace
from kernels.evaluate import equity_paths, evaluate_runs, trace
from kernels.portfolio.evaluate import ALL_METRICS
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy
from kernels.series.bars import Series
from store.data import Dataset, DataSpec, load
from store.errors import StoreError
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.records.run_row import RunRow
from store.replay.configuration import Configurations, of_run

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Replay:
    """One configuration on its bars.

    Attributes:
        series: all of its bars, the holdout included.
        strategy: as its file is now.
        params: (p,) in the order of `strategy.fields`.
        settings: numbers only.
    """

    series: Series
    strategy: Strategy
    params: Floats
    settings: Settings | PanelSettings

    @classmethod
    def of(cls, configured: Configurations, series: Series) -> "Replay":
        """One configuration on a series."""
        return cls(series, configured.strategy, configured.params[0], configured.settings)

    @property
    def metric_names(self) -> tuple[str, ...]:
        """Names of the metrics of its runs, in their order."""
        return ALL_METRICS if isinstance(self.settings, PanelSettings) else METRICS

    def trace(self, window: tuple[int, int]) -> Trace:
        """Backtest on bars [start, stop), with its equity and its trades."""
        return trace(self.series, self.strategy, self.params, self.settings, window)

    def returns(self, window: tuple[int, int]) -> Floats:
        """(n,) return per bar on bars [start, stop); the first is against the initial capital."""
        if isinstance(self.settings, PanelSettings):
            equity = self.trace(window).equity
        else:
            params = self.params[None, :]
            (equity,) = equity_paths(self.series, self.strategy, params, self.settings, window)
        return returns_of(equity, self.settings.initial_capital)

    def evaluate(self, windows: Sequence[tuple[int, int]]) -> Evaluation:
        """Metrics on each window, as the sweep evaluated them."""
        params = self.params[None, :]
        return evaluate_runs(self.series, self.strategy, params, self.settings, windows)


def returns_of(equity: Floats, capital: float) -> Floats:
    """Return per bar of equity paths, (..., bars); the first is against the initial capital."""
    start = np.full((*equity.shape[:-1], 1), capital)
    before = np.concatenate([start, equity[..., :-1]], axis=-1)
    returns: Floats = np.divide(equity, before, out=np.ones_like(equity), where=before > 0) - 1.0
    return returns


def replay_of(experiment: Experiment, run: RunRow, series: Series) -> Replay:
    """The configuration of a run, on the series of `load_bars`."""
    group = group_of(experiment, run["run"])
    return Replay.of(of_run(group, run, experiment.id), series)


def load_bars(experiment: Experiment, group: GroupRecord) -> Dataset:
    """The bars of a group, loaded again.

    Raises:
        StoreError: they are no longer those of the experiment.
    """
    symbol = group.symbol
    fingerprint = experiment.data[symbol]["fingerprint"]
    (data,) = load(DataSpec.from_config(group.data).of_symbol(symbol))
    if data.fingerprint != fingerprint:
        raise StoreError(
            f"The bars of {symbol} are no longer those of the experiment: fingerprint "
            f"{data.fingerprint[:12]}, then {fingerprint[:12]}."
        )
    return data


def window_of(data: Dataset, run: RunRow) -> tuple[int, int]:
    """Bars [start, stop) of a run."""
    times = pd.DatetimeIndex(data.frame.index)
    return (
        int(times.searchsorted(pd.Timestamp(run["start"]), "left")),
        int(times.searchsorted(pd.Timestamp(run["end"]), "right")),
    )


def trace_again(
    experiment: Experiment, series: Series, run: RunRow, window: tuple[int, int]
) -> Trace:
    """Backtest a stored run again, with its equity and trades.

    Raises:
        StoreError: a metric differs from the stored one.
    """
    group = group_of(experiment, run["run"])
    replay = replay_of(experiment, run, series)
    kernel = experiment.versions.get("kernel")
    if kernel not in (None, KERNEL_VERSION):
        raise StoreError(
            f"Run {run['run']} was made by kernel version {kernel}, this checkout has "
            f"{KERNEL_VERSION}, which gives other numbers; run the sweep again."
        )
    traced = replay.trace(window)
    for name, value in zip(replay.metric_names, traced.metrics, strict=True):
        stored = run["metrics"].get(name)
        if stored is None or not (stored == value or (np.isnan(stored) and np.isnan(value))):
            same = replay.strategy.source_hash == group.source
            raise StoreError(
                f"Run {run['run']} does not repeat: {name} is {value:.6g}, stored {stored} "
                f"(the file of {run['strategy']} {'is the same' if same else 'changed'})."
            )
    return traced


def group_of(experiment: Experiment, number: int) -> GroupRecord:
    """The group that a run belongs to."""
    for group in experiment.groups:
        if group.holds_run(number):
            return group
    raise StoreError(f"{experiment.id}: no group has run {number}.")
