"""Sweeper's own kernels, through the public call."""

import time
from typing import Any

import numba
import numpy as np

from benchmarks.peers.grids import grid
from kernels import KERNEL_VERSION, Settings, evaluate
from kernels.series.bars import Series, prepare


def start(name: str) -> "Sweeper":
    """The engine."""
    return Sweeper()


class Sweeper:
    """Answers about one series of bars."""

    series: Series

    def versions(self) -> dict[str, str]:
        """Of what the numbers depend on."""
        return {"kernel": KERNEL_VERSION, "numba": numba.__version__, "numpy": np.__version__}

    def load(self, path: str) -> dict[str, Any]:
        """Read the bars from a .npz file."""
        columns = dict(np.load(path))
        del columns["time"]
        self.series = prepare(columns)
        return {"bars": self.series.n_bars}

    def time(self, scenario: dict[str, Any], size: int) -> dict[str, Any]:
        """CPU seconds of backtesting a grid of about `size` configurations with all metrics."""
        settings = Settings(
            direction=scenario["direction"],
            commission=scenario["commission"],
            slippage=scenario["slippage"],
            **scenario["stops"],
        )
        began = time.process_time()
        points = grid(scenario["strategy"], size)
        sharpe = evaluate(self.series, scenario["strategy"], points, settings)["sharpe"]
        return {"seconds": time.process_time() - began, "backtests": sharpe.size}
