"""Microseconds of a backtest of a universe on one core, all metrics included, and the peers' ratio.

    python -m benchmarks.panels

Seeded random prices, some of which begin late or end early; 100 configurations, costs on: of
ranking with 100 weightings of two columns, and (own rows) of momentum_rank, where each has a
lookback of its own that is computed for every bar. Times are CPU seconds of the thread, the best of
three rounds. vectorbt (`from_orders`, target percents, cash shared) runs where it is installed, on
the holdings of one configuration without costs.
"""

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from kernels.portfolio.evaluate import evaluate_panel_runs, trace_panel
from kernels.portfolio.panel import Panel, prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load

CASES = (
    ("top 10 of 500 x 5,000, every 21", 500, 5_000, 10, 21, 600.0),
    ("top 50 of 500 x 5,000, every 21", 500, 5_000, 50, 21, 1_000.0),
    ("top 5 of 50 x 5,000, every 21", 50, 5_000, 5, 21, None),
    ("top 3 of 20 x 35,040, every 672", 20, 35_040, 3, 672, None),
)
"""Name, symbols, bars, k, cadence, and the target in microseconds."""
N = 100
ROUNDS = 3


def universe(n_symbols: int, n_bars: int) -> Panel:
    """Seeded random prices; every tenth symbol begins late, every eleventh ends early."""
    random = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, (n_symbols, n_bars)), axis=1))
    opened = close * np.exp(random.normal(0, 0.002, close.shape))
    close[::10, : n_bars // 4] = np.nan
    close[5::11, 3 * n_bars // 4 :] = np.nan
    opened[np.isnan(close)] = np.nan
    columns = {"open": opened, "close": close}
    columns |= {name: random.normal(0, 1, close.shape) for name in ("a", "b")}
    return prepare_panel(
        {f"S{i:03d}": {name: v[i] for name, v in columns.items()} for i in range(n_symbols)}
    )


def fastest(work: Callable[[], object]) -> float:
    """CPU seconds of the thread, the least of some rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        work()
        times.append(time.thread_time() - begun)
    return min(times)


def weighted(panel: Panel, k: int, cadence: int) -> float:
    """Microseconds of a backtest: N weightings of two columns in one call."""
    strategy, weights = load("ranking(a,b)"), np.linspace(0, 1, N)
    fixed = [np.full(N, k), np.full(N, -1e9), np.ones(N)]
    params = np.column_stack([*fixed, weights, 1 - weights]).astype(float)
    settings = PanelSettings(cadence=cadence)

    def work() -> None:
        evaluate_panel_runs(panel, strategy, params, settings, [(0, panel.n_bars)])

    work()
    return fastest(work) / N * 1e6


def own_rows(panel: Panel, k: int, cadence: int) -> float:
    """Microseconds of a backtest: N configurations in one call, by ten lookbacks and ten skips."""
    lookbacks, skips = np.meshgrid(np.arange(21, 221, 20), np.arange(0, 20, 2))
    params = np.column_stack([lookbacks.ravel(), skips.ravel(), np.full(N, k)]).astype(float)
    settings, strategy = PanelSettings(cadence=cadence), load("momentum_rank")

    def work() -> None:
        evaluate_panel_runs(panel, strategy, params, settings, [(0, panel.n_bars)])

    work()
    return fastest(work) / N * 1e6


def against_vectorbt(panel: Panel, k: int, cadence: int) -> float | None:
    """Microseconds of the same holdings by vectorbt, no costs; None where it is not installed."""
    if find_spec("vectorbt") is None:
        return None
    import vectorbt as vbt

    settings = PanelSettings(cadence=cadence, commission=0.0, slippage=0.0)
    params = np.array([63.0, 0.0, k])
    traced = trace_panel(panel, load("momentum_rank"), params, settings, (0, panel.n_bars))
    target = np.full((panel.n_bars, len(panel.symbols)), np.nan)
    target[traced.bars + 1] = np.where(traced.shares != 0, 1.0 / k, 0.0)
    price, close = panel.table["open"].T, panel.marks.T

    def work() -> object:
        return vbt.Portfolio.from_orders(
            close, target, price=price, size_type="targetpercent", group_by=True,
            cash_sharing=True, call_seq="auto", init_cash=10_000.0, freq="1D",
        )  # fmt: skip

    work()
    return fastest(lambda: work().sharpe_ratio()) * 1e6  # type: ignore[attr-defined]


def main() -> None:
    """Print a row per case."""
    head = f"{'case':34}{'us':>8}{'ns a bar and symbol':>21}{'target us':>11}{'own rows':>10}"
    print(f"{head}{'vectorbt':>10}")
    for name, n_symbols, n_bars, k, cadence, target in CASES:
        panel = universe(n_symbols, n_bars)
        own, rows = weighted(panel, k, cadence), own_rows(panel, k, cadence)
        peer = against_vectorbt(panel, k, cadence)
        each = 1e3 * own / n_symbols / n_bars
        limit = "" if target is None else f"{target:,.0f}"
        ratio = "-" if peer is None else f"{peer / own:,.0f}x"
        print(f"{name:34}{own:8,.0f}{each:21.3f}{limit:>11}{rows:10,.0f}{ratio:>10}")


if __name__ == "__main__":
    main()
