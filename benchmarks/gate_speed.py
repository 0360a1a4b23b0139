"""Statistics of a gate: seconds on one core for whole sweeps, and how many times arch's SPA.

    python -m benchmarks.gate_speed

CPU seconds of the process, all on one thread, the best of two calls after a small one that loads
the compiled code; peak memory so far. Returns are seeded noise, of which each configuration shares
half of its variance with eight common factors. arch is given a number of configurations at which it
ends in seconds: of its two steps one visits every pair of bars, the other every resample.
"""

import os
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.peers.client import ONE_THREAD

if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # before NumPy is imported, which starts a thread per core

import numpy as np
from arch.bootstrap import SPA

from benchmarks.report.machine import describe
from promote.statistics import (
    cscv,
    effective_number,
    merge_blocks,
    spa,
    spa_blocks,
    stepm,
)

BARS = 5_000
BLOCKS = 64
ARCH_COLUMNS = 1_000


def returns(bars: int, n: int) -> np.ndarray:
    """Noise, (bars, n) float32, 1 % a bar."""
    random = np.random.default_rng(1)
    factors = random.standard_normal((bars, 8), np.float32)
    loads = random.standard_normal((8, n), np.float32) / np.float32(np.sqrt(8))
    own = random.standard_normal((bars, n), np.float32)
    found: np.ndarray = (factors @ loads + own) * np.float32(0.01 / np.sqrt(2))
    return found


def sums(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Block sums of a window of 5,000 bars, (64, n) each, and the bars in each block."""
    length = BARS // BLOCKS
    r = returns(BLOCKS, n) * np.float32(np.sqrt(length))
    r2 = np.random.default_rng(2).standard_normal(r.shape, np.float32)
    r2 = np.float32(length * 1e-4) * (1 + r2 * np.float32(0.1))
    return r, r2, np.full(BLOCKS, length)


def fastest(work: Callable[[], Any], calls: int = 2) -> float:
    """CPU seconds of the fastest of some calls."""
    times = []
    for _ in range(calls):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def report(what: str, seconds: float, target: float | None = None) -> None:
    """One line of the terminal."""
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    aim = "" if target is None else f"target {target:g} s {'missed' if seconds > target else 'met'}"
    print(f"{what:66}{seconds:7.2f} s {megabytes:6,.0f} MB  {aim}", flush=True)


def of_blocks(n: int, parts: int) -> None:
    """Everything that a gate takes from the block sums of n configurations."""
    r, r2, bars = sums(n)
    halves = fastest(lambda: cscv(*merge_blocks(r, r2, bars, parts)))
    chance = fastest(lambda: spa_blocks(r, r2, bars))
    number = fastest(lambda: effective_number(r, bars))
    report(f"CSCV, {n:,} configurations, {parts} of 64 blocks", halves)
    report(f"SPA on 64 blocks, {n:,} configurations, 1,000 resamples", chance)
    report(f"effective number, {n:,} configurations", number)
    report(f"all three of {n:,} configurations", halves + chance + number, 30)


def against_arch() -> None:
    """The same SPA by arch, on as many columns as it can do in seconds."""
    table = returns(BARS, ARCH_COLUMNS).astype(np.float64)
    theirs = SPA(np.zeros(BARS), -table, block_size=5, reps=1000, seed=1)
    slow, fast = fastest(theirs.compute, 1), fastest(lambda: spa(table, block=5))
    report(f"SPA by arch, {ARCH_COLUMNS} x {BARS:,} bars, 1,000 resamples", slow)
    report(f"ours: {slow / fast:,.0f} times faster", fast)


def main() -> None:
    """Measure and print, the largest last: a peak of memory is that of all before it."""
    print(describe())
    cscv(*merge_blocks(*sums(10), 4))
    spa(returns(100, 3))
    for n, parts, target in ((10_000, 16, 2), (1_000_000, 10, 5)):
        merged = merge_blocks(*sums(n), parts)
        seconds = fastest(partial(cscv, *merged))
        report(f"CSCV, {n:,} configurations, {parts} blocks", seconds, target)
    against_arch()
    of_blocks(200_000, 12)
    table = returns(BARS, 10_000).astype(np.float64)
    report("SPA, 10,000 x 5,000 bars, 1,000 resamples", fastest(lambda: spa(table)), 10)
    report("StepM, 10,000 x 5,000 bars, 1,000 resamples", fastest(lambda: stepm(table), 1))


if __name__ == "__main__":
    main()
