"""The engine: config, search space, plan, executors. The only folder that imports Ray or Hydra.

Its public names stand here, and are loaded when they are first used, so that importing a module of
the engine costs nothing more. `Sweep` is the study of a notebook, of `serve.notebook`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serve.notebook.sweep import Sweep
    from sweeper.backtest import Backtest, Result, run_backtest, run_backtests, stored_bars
    from sweeper.handle import RunningSweep, start

_HOMES = {
    "Sweep": "serve.notebook.sweep",
    "Backtest": "sweeper.backtest",
    "Result": "sweeper.backtest",
    "run_backtest": "sweeper.backtest",
    "run_backtests": "sweeper.backtest",
    "stored_bars": "sweeper.backtest",
    "RunningSweep": "sweeper.handle",
    "start": "sweeper.handle",
}
"""Module of each public name."""

__all__ = [
    "Backtest",
    "Result",
    "RunningSweep",
    "Sweep",
    "run_backtest",
    "run_backtests",
    "start",
    "stored_bars",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sweeper' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
