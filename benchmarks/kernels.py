"""Nanoseconds per bar and backtest on one core, all included, and where they go.

    python -m benchmarks.kernels

Each strategy of the folder runs 500 configurations drawn around its defaults, ten values per
param, on seeded random bars; times are CPU seconds of the thread, the best of several rounds.
Columns: ns per bar and backtest in all; of these for indicators, for signals (the strategy's own
loop, and its codes turned to bits), and for the simulation with its metrics and block sums; trades
of a backtest; and how many times slower the scalar engine is.
"""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kernels import METRICS, Settings
from kernels.engine.batch import run
from kernels.engine.metrics import BLOCKS
from kernels.engine.position import LOG
from kernels.evaluate import evaluate_runs
from kernels.indicator_rows import Table, plan_rows
from kernels.registry import Strategy, load, names
from kernels.series.bars import Series, prepare

N = 500
EXITS = {
    "long": Settings(),
    "long, stops": Settings(stop_loss=0.05, take_profit=0.1),
    "long, trailing": Settings(trailing_stop=0.05),
    "long, fraction": Settings(stop_loss=0.05, risk_fraction=0.02),
    "both": Settings(direction="both"),
    "both, stops": Settings(direction="both", stop_loss=0.05, take_profit=0.1),
}
ORDERS = {
    "ATR stops": Settings(risk_unit="atr", stop_loss=2.0, take_profit=4.0),
    "ATR trail": Settings(risk_unit="atr", trailing_stop=3.0, break_even=1.0),
    "limit entries": Settings(entry="limit", entry_distance=0.005, entry_valid=3),
    "units and parts": Settings(
        risk_unit="atr", stop_loss=2.0, scale_out_at=2.0, pyramiding=3, add_at=0.5, leverage=2.0
    ),
    "time and fees": Settings(max_bars=10, cooldown=3, commission_minimum=1.0, direction="both"),
}
"""Settings of the order engine, which has no other to compare with."""


def market(n_bars: int, daily: float = 0.01) -> Series:
    """Seeded random bars, with the feature columns that strategies ask for."""
    random = np.random.default_rng(1)
    sigma = daily * np.sqrt(5_000 / n_bars)  # the same range of prices, however many bars
    close = 100 * np.exp(np.cumsum(random.normal(0, sigma, n_bars)))
    opened = np.r_[close[0], close[:-1]] * np.exp(random.normal(0, sigma / 5, n_bars))
    spread = np.exp(np.abs(random.normal(0, sigma / 2, (2, n_bars))))
    bars = {
        "open": opened,
        "high": np.maximum(opened, close) * spread[0],
        "low": np.minimum(opened, close) / spread[1],
        "close": close,
        "volume": np.ones(n_bars),
    }
    features = {column for name in names() for column in load(name).columns} - set(bars)
    return prepare(bars | {column: random.normal(0, 1, n_bars) for column in features})


def draw(strategy: Strategy) -> np.ndarray:
    """Params of N configurations around the defaults, ten values of each."""
    random = np.random.default_rng(2)
    columns = []
    for field in strategy.fields:
        values = strategy.defaults[field] * np.linspace(0.6, 1.5, 10)
        low, high = strategy.limits[field]
        values = np.clip(values, low, high) if (low, high) != (None, None) else values
        values = np.rint(values) if strategy.types[field] is int else values
        columns.append(random.choice(values, N))
    table = np.column_stack(columns) if columns else np.empty((N, 0))
    return table[np.lexsort(table.T)] if columns else table


def fastest(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the fastest of several calls."""
    times = []
    for _ in range(rounds):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def signals_only(series: Series, strategy: Strategy, params: np.ndarray) -> None:
    """All that a sweep does, but for the simulation: a batch without windows."""
    plan = plan_rows(strategy, params)
    table = Table(plan, series, strategy)
    none = np.empty((0, 2), np.int64)
    for members in plan.groups(table.room):
        run(
            strategy.signal,
            table.values,
            table.fetch(members),
            members,
            params,
            Settings().risk(len(params)),
            series.bars(),
            series.spans,
            series.day_ends,
            Settings().rules(),
            none,
            np.empty(0),
            none,
            np.empty((len(params), 0, len(METRICS))),
            np.empty((len(params), 0, BLOCKS), np.float32),
            np.empty((len(params), 0, BLOCKS), np.float32),
            np.empty(0),
            np.empty(0, LOG),
        )


def indicators_only(series: Series, strategy: Strategy, params: np.ndarray) -> None:
    """The unique indicator rows of the batch."""
    plan = plan_rows(strategy, params)
    table = Table(plan, series, strategy)
    for members in plan.groups(table.room):
        table.fetch(members)


def line(name: str, exits: str, series: Series, rounds: int) -> str:
    """One row of the table."""
    strategy, settings = load(name), EXITS[exits]
    params = draw(strategy)
    windows = [(0, series.n_bars)]
    unit = 1e9 / N / series.n_bars
    runs = evaluate_runs(series, strategy, params, settings, windows)
    whole = fastest(lambda: evaluate_runs(series, strategy, params, settings, windows), rounds)
    before = fastest(lambda: signals_only(series, strategy, params), rounds)
    rows = fastest(lambda: indicators_only(series, strategy, params), rounds)
    scalar = replace(settings, engine="scalar")
    slow = fastest(lambda: evaluate_runs(series, strategy, params, scalar, windows), 2)
    trades = runs.metrics[..., METRICS.index("trades")].mean()
    return (
        f"{name:12} {exits:15} {series.n_bars:>9,} {whole * unit:8.2f} {rows * unit:11.2f} "
        f"{(before - rows) * unit:8.2f} {(whole - before) * unit:11.2f} {trades:8.1f} "
        f"{slow / whole:7.1f}x"
    )


def order_line(name: str, orders: str, settings: Settings, series: Series) -> str:
    """One row of the table of the order engine."""
    strategy = load(name)
    params, windows = draw(strategy), [(0, series.n_bars)]
    runs = evaluate_runs(series, strategy, params, settings, windows)
    whole = fastest(lambda: evaluate_runs(series, strategy, params, settings, windows), 3)
    rows = fastest(lambda: indicators_only(series, strategy, params), 3)
    unit, trades = 1e9 / N / series.n_bars, runs.metrics[..., METRICS.index("trades")].mean()
    return (
        f"{name:12} {orders:15} {series.n_bars:>9,} {whole * unit:8.2f} {rows * unit:11.2f} "
        f"{'':8} {(whole - rows) * unit:11.2f} {trades:8.1f}"
    )


def main() -> None:
    """Print the table."""
    print(
        f"{'strategy':12} {'exits':15} {'bars':>9} {'ns/bar':>8} {'indicators':>11} "
        f"{'signals':>8} {'simulation':>11} {'trades':>8} {'scalar':>8}"
    )
    daily, minutes = market(5_000), market(350_000)
    for name in (name for name in names() if load(name).contract == "code"):
        print(line(name, "long", daily, 20), flush=True)
    favourite = "sma" if "sma" in names() else names()[0]
    for exits in list(EXITS)[1:]:
        print(line(favourite, exits, daily, 20), flush=True)
    for exits in ("long", "both", "long, stops"):
        print(line(favourite, exits, minutes, 2), flush=True)
    for orders, settings in ORDERS.items():
        print(order_line(favourite, orders, settings, daily), flush=True)
    weighted = Settings(direction="both", vol_target=0.15, leverage=2.0, no_trade_band=0.05)
    print(order_line("vol_momentum", "weights", weighted, daily), flush=True)


if __name__ == "__main__":
    main()
