"""Numba kernels: indicators, strategies, simulation, metrics. Imports numpy and numba only."""

from kernels.jit.cache import use_source_cache

use_source_cache()  # before anything imports Numba

from kernels.engine.metrics import BLOCKS, METRICS  # noqa: E402
from kernels.engine.settings import Settings  # noqa: E402
from kernels.evaluate import evaluate  # noqa: E402
from kernels.portfolio.evaluate import evaluate_panel  # noqa: E402

KERNEL_VERSION = "2"
"""Part of every config hash: raise it whenever a kernel gives other numbers."""

__all__ = ["BLOCKS", "KERNEL_VERSION", "METRICS", "Settings", "evaluate", "evaluate_panel"]
