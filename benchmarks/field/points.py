"""What every tool evaluates: N points of sma on NASDAQ, one kernel call each."""

import functools
import sys

import numpy as np

from kernels import Settings
from kernels.evaluate import evaluate_runs
from kernels.registry import Strategy, load
from kernels.series.bars import Series, prepare
from store.data import DataSpec
from store.data import load as load_data

FAST, SLOW = 40, 25
"""Values of each: fast 5, 6, ...; slow 60, 70, ...: 1,000 points."""


def wanted() -> int:
    """How many points the command line asks for."""
    return int(sys.argv[1]) if len(sys.argv) > 1 else FAST * SLOW


def points(n: int) -> list[tuple[int, int]]:
    """The first n points, fast and slow."""
    grid = [(5 + fast, 60 + 10 * slow) for slow in range(SLOW) for fast in range(FAST)]
    return grid[:n]


def sharpe(fast: int, slow: int) -> float:
    """The Sharpe ratio of one point: metrics, as a user of any tool would call it."""
    series, strategy = _loaded()
    found = evaluate_runs(
        series, strategy, np.array([[fast, slow]], np.float64), Settings(), [(0, series.n_bars)]
    )
    return float(found.metrics[0, 0, 3])


@functools.cache
def _loaded() -> tuple[Series, Strategy]:
    data = load_data(DataSpec(source="nasdaq", symbols=("NASDAQ",)))[0].frame
    return prepare({str(name): data[name].to_numpy() for name in data.columns}), load("sma")
