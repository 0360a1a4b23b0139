"""Families of runs as the report sees them, for its tests."""

import itertools

import numpy as np

from store.analysis.parameter_grids import Family
from tests.store.made_runs import group_of

GROUP = {
    "strategy": "sma",
    "symbol": "NASDAQ",
    "direction": "long",
    "settings": {"periods_per_year": 252.0},
    "windows": [{"role": "dev", "start": 0, "stop": 4025}],
}
TRAIN_TEST = [
    {"role": "train", "start": 0, "stop": 1000},
    {"role": "test", "start": 1000, "stop": 1500},
]


def grid(**axes):
    """(n,) columns of every combination, the last axis fastest."""
    points = np.array(list(itertools.product(*axes.values())), np.float64).T
    return dict(zip(axes, points, strict=True))


def family(axes, metric, test=None, highest=True, title="sma · NASDAQ · long", **group):
    metric = np.asarray(metric, np.float64)
    return Family(
        title=title,
        group=group_of(GROUP, **group),
        runs=np.arange(1, metric.size + 1),
        axes={name: np.asarray(values, np.float64) for name, values in axes.items()},
        metric=metric,
        test=None if test is None else np.asarray(test, np.float64),
        highest=highest,
    )
