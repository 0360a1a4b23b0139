"""Estimate of a sweep's time, measured on a few of its own points before it starts."""

import time
from dataclasses import dataclass

from sweeper.evaluate.isolate_failures import evaluate_each
from sweeper.plan.plan import Floats, Group, Plan
from sweeper.plan.proposals import Proposals

PROBE_SECONDS = 0.05
PROBE_POINTS = 8
BLOCK_SECONDS = (0.5, 1.0)
"""Least and most: a block costs some ten milliseconds more, and at the end who is ready waits for
the last ones."""
BLOCK_SHARE = 0.01
"""Of each worker's work that a block is, between these."""
BLOCKS_PER_WORKER = 4
SMALLEST_BLOCK = 256
"""Points: a smaller block costs more to commit than to evaluate."""
MAX_BLOCK_RUNS = 25_000
"""A block's rows are held in memory: 25,000 rows with their block sums are 18 MB."""
SHARED_SECONDS = 0.05
"""Work of a round from which it is spread over workers: a block costs some milliseconds more."""
ROW_SECONDS = 8e-6
"""Hashing and writing one row: measured at 6 to 9 microseconds, whatever the strategy."""


@dataclass(frozen=True)
class Estimate:
    """Estimate from the probes.

    Attributes:
        point_seconds: per group, the processor time of one point, its rows included.
        seconds: of the whole plan, on one core.
    """

    point_seconds: tuple[float, ...]
    seconds: float


def calibrate(plan: Plan) -> Estimate:
    """Time a probe of every group; groups with the same strategy and bars share one."""
    measured: dict[tuple[str, int, int], float] = {}
    seconds = []
    for group in plan.groups:
        key = (group.cell.strategy.name, len(group.series.times), len(group.windows))
        if key not in measured:
            measured[key] = _probe(group)
        seconds.append(measured[key])
    total = sum(s * g.points for s, g in zip(seconds, plan.groups, strict=True))
    return Estimate(tuple(seconds), total)


def block_points(plan: Plan, estimate: Estimate, workers: int) -> list[int]:
    """Points per block for each group: a second of work at most, and enough blocks for all."""
    share = sum(group.points for group in plan.groups) // (workers * BLOCKS_PER_WORKER)
    least, most = BLOCK_SECONDS
    wanted = min(max(least, BLOCK_SHARE * estimate.seconds / workers), most)
    sizes = []
    for group, seconds in zip(plan.groups, estimate.point_seconds, strict=True):
        by_memory = MAX_BLOCK_RUNS // len(group.windows)
        size = min(int(wanted / seconds), max(share, SMALLEST_BLOCK), group.points)
        size = max(1, min(size, by_memory))
        if isinstance(group.search, Proposals):
            size = _part(group.search.batch, min(size, _round_share(group, seconds, workers)))
        sizes.append(size)
    return sizes


def _round_share(group: Group, seconds: float, workers: int) -> int:
    """Points of a round that a worker takes, all workers being busy where that pays."""
    assert isinstance(group.search, Proposals)
    whole = group.search.batch
    return -(-whole // workers) if whole * seconds > SHARED_SECONDS else whole


def _part(whole: int, most: int) -> int:
    """The largest divisor of `whole` that is at most `most`: no block is part of two rounds."""
    return max(size for size in range(1, most + 1) if whole % size == 0)


def _probe(group: Group) -> float:
    """Seconds per point: evaluate more and more points until the clock can be believed."""
    size = PROBE_POINTS
    evaluate_each(group, group.sample(2))  # compiles, or loads the compiled code
    while True:
        points = min(size, 1 + group.cell.sample.size())
        numbers = group.sample(points)
        seconds = min(_seconds(group, numbers), _seconds(group, numbers))  # once in fresh memory
        if seconds >= PROBE_SECONDS or points < size:
            rows = len(numbers) * len(group.windows)
            return (seconds + rows * ROW_SECONDS) / points
        size *= 4


def _seconds(group: Group, numbers: Floats) -> float:
    began = time.perf_counter()
    evaluate_each(group, numbers)
    return time.perf_counter() - began
