"""One sweep on Ray, timed from a running Ray to its leaderboard; its figures as JSON.

    python -m benchmarks.sweeps.ray_overhead SECONDS BARS TIMEFRAME

SECONDS are those of the kernel on each core. What runs after Ray is up counts: the start of Tune's
workers, their rows, hashes and files, the merged file, the ledger.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sweeper.evaluate.block_task import BlockDone
from sweeper.executors.ray import cluster
from sweeper.run.recorder import Record
from sweeper.sweep import sweep

CORES = 2
PROBE = 2000
"""Points whose kernel time says how many are needed."""


def main(seconds: str, bars: str, timeframe: str) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        words = (
            "data=synthetic",
            f"data.bars={bars}",
            "data.kind=trend",
            f"data.timeframe={timeframe}",
            "data.calendar=24/7",
            "data.periods_per_year=null",
            "holdout=0",
            "params.fast=range(2,2002)",
            "params.slow=range(2002,4002)",
            "risk.stop_loss=0.05",
            "search=random",
            f"store.root={folder}",
        )
        with _kernel_seconds() as spent:
            probe = sweep(*words, "executor=inline", f"search.n={PROBE}")
        n = round(float(seconds) * CORES / sum(spent) * probe.counts["done"])
        on_ray = ("executor=ray", f"ray.num_cpus={CORES}", "name=measured", "search.seed=1")
        with _kernel_seconds() as spent, _walls() as walls:
            found = sweep(*words, *on_ray, f"search.n={n}")
    figures = {"wall": sum(walls), "kernel": sum(spent), "runs": found.counts["done"]}
    print(json.dumps(figures))


@contextmanager
def _kernel_seconds() -> Iterator[Sequence[float]]:
    """The processor time of each block that is recorded meanwhile."""
    spent: list[float] = []

    def around(add: Callable[[Record, BlockDone], None]) -> Callable[[Record, BlockDone], None]:
        def noted(record: Record, block: BlockDone) -> None:
            spent.append(block.kernel_seconds)
            add(record, block)

        return noted

    with _replaced(Record, "add", around):
        yield spent


@contextmanager
def _walls() -> Iterator[Sequence[float]]:
    """How long each connection to Ray is made use of meanwhile."""
    walls: list[float] = []

    def around(connect: Callable[[Any], Any]) -> Callable[[Any], Any]:
        @contextmanager
        def timed(config: Any) -> Iterator[Any]:
            with connect(config) as found:
                began = time.perf_counter()
                yield found
                walls.append(time.perf_counter() - began)

        return timed

    with _replaced(cluster, "connect", around):
        yield walls


@contextmanager
def _replaced(owner: Any, name: str, around: Callable[[Any], Any]) -> Iterator[None]:
    """Have a function of the engine noted down as it is called."""
    before = getattr(owner, name)
    setattr(owner, name, around(before))
    try:
        yield
    finally:
        setattr(owner, name, before)


if __name__ == "__main__":
    main(*sys.argv[1:])
