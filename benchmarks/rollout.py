"""Rollout policies on the same paths: how often each stops a real edge, and one that is none.

Daily returns, GARCH(0.08, 0.90) with Student-t5 shocks, volatility 15 % a year, the promise is a
Sharpe ratio of 1. Policies: the `standard` plan (shortfall line and loss budget, 2.5 % a year
each), the references' bands (30-day Sharpe ratio below 0.5) and the bare calendar.
"""

import sys
import time
from pathlib import Path

import numpy as np

from benchmarks import rollout_trends
from kernels.jit.array_types import Floats
from operate.rollout.null_rollout import stopped_at

YEAR, YEARS, VOLATILITY = 252, 3, 0.15
MARK, TRENDS = "<!-- rollout -->", "<!-- rollout-trends -->"


def paths(n: int, sharpe: float, seed: int, years: int = YEARS) -> Floats:
    """(n, bars) daily returns."""
    random, bars = np.random.default_rng(seed), years * YEAR
    shocks = random.standard_t(5, size=(n, bars)) / np.sqrt(5 / 3)
    variance, result = np.ones(n), np.empty((n, bars))
    for t in range(bars):
        result[:, t] = np.sqrt(variance) * shocks[:, t]
        variance = 0.02 + 0.08 * result[:, t] ** 2 + 0.90 * variance
    scaled: Floats = (result + sharpe / np.sqrt(YEAR)) * VOLATILITY / np.sqrt(YEAR)
    return scaled


def limits(promise: float, n: int = 6_000) -> tuple[float, float, float]:
    """Mean, line and drawdown that 2.5 % of years with the promise exceed."""
    years = paths(n, promise, seed=99, years=1)
    mean = promise / np.sqrt(YEAR) * VOLATILITY / np.sqrt(YEAR)
    line = np.quantile(np.cumsum(mean - years, axis=1).max(axis=1), 0.975)
    wealth = np.cumprod(1 + years, axis=1)
    falls = (1 - wealth / np.maximum(np.maximum.accumulate(wealth, axis=1), 1)).max(axis=1)
    return float(mean), float(line), float(np.quantile(falls, 0.975))


def bands(returns: Floats, window: int = 21, critical: float = 0.5) -> Floats:
    """(n,) bars after which a 30-day Sharpe ratio is below 0.5; infinite: never."""
    sums = np.cumsum(np.pad(returns, ((0, 0), (1, 0))), axis=1)
    squares = np.cumsum(np.pad(returns**2, ((0, 0), (1, 0))), axis=1)
    mean = (sums[:, window:] - sums[:, :-window]) / window
    variance = (squares[:, window:] - squares[:, :-window]) / window - mean**2
    low = mean / np.sqrt(variance) * np.sqrt(YEAR) < critical
    return np.where(low.any(axis=1), low.argmax(axis=1) + window, np.inf)


def table(n: int = 3_000) -> list[str]:
    """Rows of the table in docs/benchmarks.md."""
    mean, line, fall = limits(1.0)
    rows = [
        "| Sharpe ratio | standard: 1 year | 3 years | bands: 1 month | 1 year | calendar |",
        "|---|---|---|---|---|---|",
    ]
    for number, sharpe in enumerate((2.0, 1.0, 0.5, 0.0, -1.0, -2.0)):
        drawn = paths(n, sharpe, seed=number)
        ours, theirs = stopped_at(drawn, mean, line, fall, YEAR), bands(drawn)
        shares = [
            (ours <= YEAR).mean(),
            (ours <= 3 * YEAR).mean(),
            (theirs <= 21).mean(),
            (theirs <= YEAR).mean(),
            0.0,
        ]
        rows.append(f"| {sharpe:g} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    return rows


def main() -> None:
    """Print both tables; with --write put them into docs/benchmarks.md."""
    begun = time.process_time()
    for mark, rows in ((MARK, table()), (TRENDS, rollout_trends.table())):
        print("\n".join(rows), flush=True)
        if "--write" in sys.argv:
            page = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
            before, _, after = page.read_text().partition(mark)
            rest = after.partition(mark)[2]
            page.write_text(f"{before}{mark}\n" + "\n".join(rows) + f"\n{mark}{rest}")
    print(f"{time.process_time() - begun:.1f} CPU seconds")


if __name__ == "__main__":
    main()
