"""A grid of 10^8 points: what planning it costs, and its first block; figures as JSON.

python -m benchmarks.sweeps.huge_plan
"""

import json
import resource
import time

from sweeper.evaluate.calibration import block_points, calibrate
from sweeper.evaluate.kernel_call import evaluate_group
from sweeper.plan.compose import composing
from sweeper.plan.plan import build_plan, load_datasets
from sweeper.plan.request import request_cells

WORDS = ("params.fast=range(2,10002)", "params.slow=range(2,10002)")
WORKERS = 2


def main() -> None:
    """Measure and print."""
    with composing() as composer:
        before = _peak()
        began = time.perf_counter()
        cells = [cell for _, cell in request_cells(WORDS, composer)]
        plan = build_plan(cells, load_datasets(cells))
        runs = plan.runs
        planned = time.perf_counter()
        after = _peak()
    plan = plan.cut(block_points(plan, calibrate(plan), WORKERS))
    group, start, stop = plan.locate(0)
    evaluate_group(group, group.configurations(start, stop)[0])
    figures = {
        "points": group.points - 1,
        "valid": runs - 1,
        "plan": planned - began,
        "memory": after - before,
        "peak": after,
        "first": time.perf_counter() - planned,
    }
    print(json.dumps(figures))


def _peak() -> float:
    """Largest memory of this process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
