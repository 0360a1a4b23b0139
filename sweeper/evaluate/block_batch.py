"""Batch of one block: the runs of a plan that it makes, and those that it leaves out."""

from dataclasses import dataclass

import numpy as np

from store.runs.key_set import Keys
from sweeper.evaluate.rows import in_store
from sweeper.plan.halving import Ints, Ladder
from sweeper.plan.plan import Floats, Group, Plan


@dataclass(frozen=True)
class Batch:
    """Configurations of a block.

    Attributes:
        group: on the windows to run.
        numbers: (n, d) configurations, columns as `group.cell.names`.
        points: (n,) theirs.
        final: whether no other block runs these configurations on further windows.
        dropped: on the windows that they no longer had, configurations that were pruned.
    """

    group: Group
    numbers: Floats
    points: Ints
    final: bool = True
    dropped: tuple[Group, Floats, Ints] | None = None


def batch_of(plan: Plan, ladder: Ladder | None, finished: Keys, number: int) -> Batch:
    """Runs of a block.

    Args:
        plan: cut into blocks.
        ladder: of a search that prunes: every block of the plan comes once for each rung.
        finished: keys of the config hashes of runs that are left out.
        number: of the block.
    """
    rung, block = divmod(number, plan.blocks)
    group, start, stop = plan.locate(block)
    numbers, points, _ = group.configurations(start, stop)
    if ladder is not None:
        return _on_rung(ladder, rung, plan.group_of(block), Batch(group, numbers, points))
    new = ~in_store(group, numbers, finished)
    return Batch(group, numbers[new], points[new])


def _on_rung(ladder: Ladder, rung: int, place: int, everyone: Batch) -> Batch:
    """Runs of a block that go on to a rung, and those that no longer do."""
    group, numbers, points = everyone.group, everyone.numbers, everyone.points
    windows, final = group.on(ladder.places[rung][place]), rung == ladder.rungs - 1
    if rung == 0:
        return Batch(windows, numbers, points, final)
    going = np.isin(points, ladder.survivors(rung, place))
    gone = ~going
    if rung > 1:
        gone &= np.isin(points, ladder.survivors(rung - 1, place))
    dropped = (group.on(ladder.left(rung, place)), numbers[gone], points[gone])
    return Batch(windows, numbers[going], points[going], final, dropped)
