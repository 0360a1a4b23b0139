"""When a batch of configurations raises, find the ones that do and keep the others' results."""

import traceback
from dataclasses import dataclass

import numpy as np

from kernels import BLOCKS
from kernels.engine.evaluation import Evaluation
from kernels.jit.error_text import gist
from sweeper.evaluate.kernel_call import evaluate_group
from sweeper.plan.plan import Floats, Group


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one configuration has no results.

    Attributes:
        place: of the configuration in its batch.
        error: the exception in one line.
        traceback: in full.
    """

    place: int
    error: str
    traceback: str


def evaluate_each(group: Group, numbers: Floats) -> tuple[Evaluation, list[Failure]]:
    """Evaluate configurations (n, d); those that raise are left out.

    Returns:
        The results of those that did not raise, in order; and the failures.
    """
    results, failures = _halve(group, numbers, 0)
    if len(results) == 1:
        return results[0], failures
    shape = (0, len(group.windows))
    none = Evaluation(
        np.empty((*shape, len(group.cell.metrics))),
        np.empty((*shape, BLOCKS), np.float32),
        np.empty((*shape, BLOCKS), np.float32),
    )
    parts = [none, *results]
    together = Evaluation(
        np.concatenate([part.metrics for part in parts]),
        np.concatenate([part.block_sum for part in parts]),
        np.concatenate([part.block_sumsq for part in parts]),
    )
    return together, failures


def _halve(group: Group, numbers: Floats, place: int) -> tuple[list[Evaluation], list[Failure]]:
    """Evaluate at once if nothing raises, else each half: k culprits cost k log n evaluations."""
    if not len(numbers):
        return [], []
    try:
        return [evaluate_group(group, numbers)], []
    except Exception as error:  # noqa: BLE001 -- whatever a strategy raises becomes an error row
        if len(numbers) == 1:
            return [], [Failure(place, gist(error), traceback.format_exc())]
    middle = len(numbers) // 2
    left, left_failures = _halve(group, numbers[:middle], place)
    right, right_failures = _halve(group, numbers[middle:], place + middle)
    return left + right, left_failures + right_failures
