"""A cluster that is too large to have: where dispatcher and driver end; figures as JSON.

    python -m benchmarks.sweeps.simulated_cluster 4096

The dispatcher is ours, and it leases every block; what a call costs on the way to it, what Tune
takes for a result and a reader for a file were measured on one machine (`MEASURED`). Workers write
no rows and sleep in simulated time in place of the kernel, so 4,096 of them take seconds here.
"""

import heapq
import json
import resource
import sys
import time
from dataclasses import dataclass

from sweeper.evaluate.calibration import BLOCK_SECONDS, MAX_BLOCK_RUNS
from sweeper.executors.dispatcher import OVER, WAIT, Dispatcher
from sweeper.executors.ray.worker import STEP_SECONDS

SECONDS = 20.0
"""Simulated time of a sweep on all workers."""
RUN_SECONDS = 12e-6
"""Of one worker for a run: a daily backtest and its row."""


@dataclass(frozen=True)
class Measured:
    """Seconds of one process, on the machine of docs/benchmarks.md.

    Attributes:
        block: of the dispatcher, for the calls of a block.
        result: of Tune's driver, for a worker's step.
        file: of a reader, to open a block's file: large blocks are not merged.
    """

    block: float = 1 / 1400
    result: float = 0.9e-3
    file: float = 1e-3


MEASURED = Measured()


@dataclass
class _Server:
    """A process that serves calls in turn: when it is free, and how long it has worked."""

    free: float = 0.0
    busy: float = 0.0

    def serve(self, now: float, seconds: float) -> float:
        """The moment at which a call that arrives now is answered."""
        self.free = max(self.free, now) + seconds
        self.busy += seconds
        return self.free


def simulate(workers: int, costs: Measured = MEASURED) -> dict[str, float]:
    """A sweep of SECONDS of work for each worker, from the first block to the last.

    Args:
        workers: slots of the cluster.
        costs: of the processes that all of them share.

    Returns:
        blocks; `ratio`, wall over the work of a worker; shares of a core of dispatcher and driver
        meanwhile; `open`, seconds that a reader takes to open all files; processor seconds of our
        dispatcher here, `here`; and the peak of memory, MB.
    """
    block = min(BLOCK_SECONDS[1], MAX_BLOCK_RUNS * RUN_SECONDS)
    blocks = round(workers * SECONDS / block)
    ours, began = Dispatcher(None), time.process_time()
    ours.add(range(blocks))
    ours.close()
    badges = {str(number): ours.join(str(number))[0] for number in range(workers)}
    dispatcher, driver, end = _Server(), _Server(), 0.0
    asking = [(0.0, name, 0.0) for name in badges]  # when, who, end of the step
    while asking:
        now, name, step = heapq.heappop(asking)
        answered = dispatcher.serve(now, costs.block)
        number = ours.pull(name, badges[name])
        if number in (WAIT, OVER):
            continue
        done = answered + block
        ours.finish(name, badges[name], b"")
        if done >= step:
            driver.serve(done, costs.result)
            step = done + STEP_SECONDS
        end = max(end, done)
        heapq.heappush(asking, (done, name, step))
    ours.news()
    return {
        "blocks": blocks,
        "ratio": end / SECONDS,
        "dispatcher": dispatcher.busy / end,
        "driver": driver.busy / end,
        "open": blocks * costs.file,
        "here": time.process_time() - began,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(simulate(int(sys.argv[1]))))
