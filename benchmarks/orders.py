"""Orders: ns a bar of the order and weight engines; weights and ATR stops against vectorbt.

`python -m benchmarks.orders [--rounds N]`. Without the environment of the peers only our own rows.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.kernels import market
from benchmarks.peers.bars import write_bars
from benchmarks.peers.client import PEERS_PYTHON, Engine
from benchmarks.peers.grids import grid
from kernels import Settings, evaluate
from kernels.evaluate import trace
from kernels.registry import load as load_strategy
from kernels.series.bars import Series, prepare
from store.data import DataSpec, load

COSTS: dict[str, Any] = {"commission": 0.0005, "slippage": 0.0002}
HALF = "benchmarks.peers.half_momentum"
LENGTH = 14
RANGES: dict[str, Any] = {
    "risk_unit": "atr",
    "atr_length": LENGTH,
    "stop_loss": 2.0,
    "take_profit": 4.0,
}
ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "sma, max_bars": ("sma", {"max_bars": 20}),
    "sma, ATR stops": ("sma", RANGES),
    "sma, ATR trail": ("sma", {"risk_unit": "atr", "trailing_stop": 3.0}),
    "sma, limit entries": ("sma", {"entry": "limit", "entry_distance": 0.005, "entry_valid": 3}),
    "sma, fixed fee": ("sma", {"commission_fixed": 1.0}),
    "half momentum, weights": (HALF, {"direction": "both"}),
    "half momentum, weights, band": (HALF, {"direction": "both", "no_trade_band": 0.05}),
}
TARGETS = {"half momentum, weights": 8.0, "half momentum, weights, band": 8.0}
SCALAR = 12.0
"""ns a bar of the order engine, unless TARGETS says otherwise."""
TOLERANCE = 1e-12
FASTER = {"weights": 30.0, "ATR stops": 60.0}
"""Times vectorbt that each is meant to be."""
LOOKBACKS = list(range(20, 260, 4))


def points(strategy: str) -> dict[str, Any]:
    """Params of some hundred configurations."""
    return dict(grid("sma", 500)) if strategy == "sma" else {"lookback": np.array(LOOKBACKS * 8)}


def fastest(work: Callable[[], Any], rounds: int) -> float:
    """CPU seconds of the thread, the best of several rounds, compiled before."""
    work()
    best = float("inf")
    for _ in range(rounds):
        began = time.thread_time()
        work()
        best = min(best, time.thread_time() - began)
    return best


def own_rows(series: Series, rounds: int) -> None:
    """One line for each of ROWS."""
    for name, (strategy, given) in ROWS.items():
        params, settings = points(strategy), Settings(**COSTS, **given)
        count = len(next(iter(params.values())))
        seconds = fastest(partial(evaluate, series, strategy, params, settings), rounds)
        nanoseconds = 1e9 * seconds / (count * series.n_bars)
        target = TARGETS.get(name, SCALAR)
        word = "meets" if nanoseconds <= target else "misses"
        print(f"{name:32}{nanoseconds:7.1f} ns a bar and backtest; {word} {target:g}", flush=True)


def against_vectorbt(series: Series, path: Path, rounds: int) -> int:
    """Weights to 1e-12 and both speeds; number of targets and figures that are missed."""
    with Engine("vectorbt") as peer:
        peer.ask("load", path=str(path))
        theirs = [peer.ask("weights", lookbacks=LOOKBACKS) for _ in range(rounds + 1)]
        worst: float = max(
            _difference(series, n, equity)
            for n, equity in zip(LOOKBACKS, theirs[0]["equity"], strict=True)
        )
        print(f"weights, largest relative difference of the equity {worst:.1e} ({TOLERANCE:g})")
        asked = {"size": 200, "length": LENGTH, "costs": COSTS}
        timed = [peer.ask("ranges", **asked) for _ in range(rounds + 1)]
    weights = {"lookback": np.array(LOOKBACKS * 8)}
    both = Settings(commission=0.0, slippage=0.0, direction="both")
    own = fastest(lambda: evaluate(series, HALF, weights, both), rounds) / len(weights["lookback"])
    crossings = dict(grid("sma", 500))
    stopped = Settings(**COSTS, **RANGES)
    ranged = fastest(lambda: evaluate(series, "sma", crossings, stopped), rounds)
    ratios = {
        "weights": min(one["seconds"] for one in theirs[1:]) / len(LOOKBACKS) / own,
        "ATR stops": min(one["seconds"] / one["backtests"] for one in timed[1:])
        / (ranged / len(crossings["fast"])),
    }
    for name, ratio in ratios.items():
        word = "meets" if ratio >= FASTER[name] else "misses"
        print(f"{name:32}{ratio:7.0f} times vectorbt; {word} {FASTER[name]:g}")
    slow: int = sum(ratio < FASTER[name] for name, ratio in ratios.items())
    return slow + 1 if worst > TOLERANCE else slow


def _difference(series: Series, lookback: int, equity: Sequence[float]) -> float:
    settings = Settings(commission=0.0, slippage=0.0, direction="both")
    own = trace(
        series, load_strategy(HALF), np.array([float(lookback)]), settings, (0, series.n_bars)
    )
    return float(np.abs(own.equity / np.array(equity) - 1).max())


def main(arguments: Sequence[str]) -> int:
    """Measure; the number of peers' figures that are missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orders", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args(arguments).rounds
    own_rows(market(5_000), rounds)
    if not PEERS_PYTHON.exists():
        print("no environment of the peers: run make bench for the rows against vectorbt")
        return 0
    frame = load(DataSpec(source="nasdaq"))[0].frame
    with tempfile.TemporaryDirectory() as folder:
        path = write_bars(frame, Path(folder) / "bars.npz")
        return against_vectorbt(prepare(dict(frame)), path, rounds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]) > 0)
