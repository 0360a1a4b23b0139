"""Metrics of the user's own: functions of one backtest's equity and trades, by import path.

`metrics=[my_quant.metrics:tail_ratio]` adds the column `metrics.tail_ratio`. A function takes
`(equity, trades, periods_per_year)` and gives a number, NaN for none; see docs/strategies.md.
"""

import importlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kernels import Settings
from kernels.engine.evaluation import Trace
from kernels.evaluate import trace
from kernels.jit.error_text import gist
from kernels.jit.source_hash import source_hash
from kernels.registry import Strategy
from kernels.series.bars import Series
from sweeper.space.axes import Floats

TAKES = ("equity", "trades", "periods_per_year")


@dataclass(frozen=True, eq=False)
class OwnMetric:
    """A metric of the user's own. It is pickled as its path.

    Attributes:
        path: `module:function`.
        column: its name among the metrics, `metrics.function`.
        source_hash: SHA-256, hex, of its file and of what that imports that is no library.
        function: of a Trace's equity and trades, and the number of bars in a year.
    """

    path: str
    column: str
    source_hash: str
    function: Callable[[Floats, object, float], float]

    def __reduce__(self) -> tuple[Callable[[str], "OwnMetric"], tuple[str]]:
        return load_metric, (self.path,)

    def of(self, traced: Trace, periods_per_year: float) -> float:
        """Value of the metric for one backtest; the function may write into copies only.

        Raises:
            ValueError: the function raises, or what it gives is no number.
        """
        try:
            value = self.function(traced.equity.copy(), traced.trades.copy(), periods_per_year)
            return float(value)
        except Exception as error:
            raise ValueError(f"metric {self.path}: {gist(error)}") from error


def load_metric(path: str) -> OwnMetric:
    """A metric by its path.

    Raises:
        ValueError: there is no such function, or it takes other arguments; in one line.
    """
    name, _, function_name = path.partition(":")
    if not all(part.isidentifier() for part in (*name.split("."), function_name)):
        raise ValueError(
            f"metrics: need my_quant.metrics:tail_ratio, module:function, got {path!r}"
        )
    try:
        module = importlib.import_module(name)
    except Exception as error:
        raise ValueError(f"metric {path}: cannot import its module: {gist(error)}") from error
    function = getattr(module, function_name, None)
    if not callable(function):
        raise ValueError(f"metric {path}: {name} has no function {function_name}")
    takes = tuple(inspect.signature(getattr(function, "py_func", function)).parameters)
    if len(takes) != len(TAKES):
        raise ValueError(f"metric {path}: must take ({', '.join(TAKES)}), got ({', '.join(takes)})")
    return OwnMetric(path, f"metrics.{function_name}", source_hash(module), function)


def load_metrics(paths: Sequence[str]) -> tuple[OwnMetric, ...]:
    """The metrics of a config; ValueError when two have the same name."""
    metrics = tuple(load_metric(path) for path in paths)
    columns = [metric.column for metric in metrics]
    for metric in metrics:
        if columns.count(metric.column) > 1:
            raise ValueError(
                f"metrics: {metric.column} is there twice; rename one of the functions"
            )
    return metrics


def measure(
    metrics: Sequence[OwnMetric],
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings,
    swept: dict[str, Floats],
    windows: Sequence[tuple[int, int]],
) -> Floats:
    """Own metrics of n configurations on w windows, (n, w, len(metrics)); one by one.

    Args:
        metrics: at least one.
        series: of `prepare`.
        strategy: of `load`.
        params: (n, p), columns in the order of `strategy.fields`.
        settings: what the configurations share.
        swept: (n,) values of the settings that may differ.
        windows: bars [start, stop) of each.

    Raises:
        ValueError: a metric raises, or gives no number.
    """
    values = np.empty((len(params), len(windows), len(metrics)))
    for i, row in enumerate(params):
        alone = replace(settings, **{name: column[i] for name, column in swept.items()})
        for j, window in enumerate(windows):
            traced = trace(series, strategy, row, alone, window)
            values[i, j] = [m.of(traced, alone.rules().periods_per_year) for m in metrics]
    return values
