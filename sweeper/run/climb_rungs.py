"""Climbing a ladder of pruning: a rung runs, everyone is compared, the better ones go on."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from store.runs.block_metrics import of_blocks
from store.runs.metric_order import goodness
from sweeper.evaluate.block_task import Work
from sweeper.plan.halving import Ints, Ladder, best
from sweeper.plan.plan import Floats


def climb(work: Work, ladder: Ladder, done: Collection[int]) -> Iterator[Sequence[int]]:
    """The blocks of each rung that are left, settling before each who goes on to it.

    Args:
        work: of the experiment.
        ladder: of the work.
        done: blocks that are in the store.
    """
    for rung in range(ladder.rungs):
        if rung:
            for cell in sorted(set(ladder.cells)):
                if not ladder.known(rung, cell):
                    ladder.settle(rung, cell, _going(work, ladder, rung, cell))
        blocks = [
            rung * work.plan.blocks + block
            for number, group in enumerate(work.plan.groups)
            if ladder.left(rung, number)
            for block in group.block_numbers
        ]
        yield [block for block in blocks if block not in done]


def _going(work: Work, ladder: Ladder, rung: int, cell: int) -> Ints:
    """The points of a cell that go on to a rung: by the mean over all train windows so far."""
    groups = work.plan.places_of(work.plan.cells[cell])
    points = work.plan.groups[groups[0]].points
    total, count = np.zeros(points), np.zeros(points, np.int64)
    for number in groups:
        for before in range(rung):
            _add(work, ladder, before, number, total, count)
    alive = count == count.max(initial=0)
    place = np.flatnonzero(alive)
    means = total[place] / max(count.max(initial=0), 1)
    return best(goodness(means, work.mode == "max"), place, ladder.factor)


def _add(work: Work, ladder: Ladder, rung: int, number: int, total: Floats, count: Ints) -> None:
    """Add up the search metric of a group's train windows in a rung, point by point."""
    group = work.plan.groups[number]
    train = [place for place in ladder.places[rung][number] if group.windows[place].ranks]
    if not train:
        return
    blocks = [rung * work.plan.blocks + block for block in group.block_numbers]
    table = of_blocks(work.root, work.experiment, blocks, ["run", "status", work.metric])
    runs = table["run"].to_numpy() - group.first_run
    values = table[work.metric].to_numpy().astype(np.float64)
    done = (table["status"].to_numpy() == "done") & ~np.isnan(values)
    done &= (runs >= 0) & (runs < group.points * group.width) & np.isin(runs % group.width, train)
    np.add.at(total, runs[done] // group.width, values[done])
    np.add.at(count, runs[done] // group.width, 1)
