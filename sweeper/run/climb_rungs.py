"""Climbing a ladder of pruning: a rung runs, everyone is compared, the better ones go on."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from store.runs.block_metrics import of_blocks
from store.runs.metric_order import goodness
from store.runs.requirement import Requirement
from sweeper.evaluate.block_task import Work
from sweeper.plan.cell import Cell
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
    """The points of a cell that go on to a rung: by the mean over all train windows so far.

    Those whose results so far are not what `search.require` asks for go on after all others.
    """
    pruned = work.plan.cells[cell]
    require: Requirement = pruned.config.search.require
    means, place = _means(work, ladder, rung, pruned, work.metric)
    scores = goodness(means, work.mode == "max")
    if require:
        asked = {name: _means(work, ladder, rung, pruned, name) for name in require.metrics}
        met = require.met({n: _at(place, *values) for n, values in asked.items()}, len(place))
        scores = np.where(met, scores, behind(scores))
    return best(scores, place, ladder.factor)


def behind(scores: Floats) -> Floats:
    """The scores moved below the lowest of them all, in the same order; NaN stays."""
    finite = scores[np.isfinite(scores)]
    span = float(np.ptp(finite)) if finite.size else 0.0
    moved: Floats = scores - span - 1.0
    return moved


def _at(place: Ints, means: Floats, places: Ints) -> Floats:
    """(n,) means at some points, NaN where there is none; `places` ascend."""
    matched = np.full(len(place), np.nan)
    if len(places):
        at = np.minimum(np.searchsorted(places, place), len(places) - 1)
        matched = np.where(places[at] == place, means[at], np.nan)
    return matched


def _means(work: Work, ladder: Ladder, rung: int, cell: Cell, metric: str) -> tuple[Floats, Ints]:
    """(n,) means of a metric over the train windows so far, and (n,) the points that have all."""
    groups = work.plan.places_of(cell)
    points = work.plan.groups[groups[0]].points
    total, count = np.zeros(points), np.zeros(points, np.int64)
    for number in groups:
        for before in range(rung):
            _add(work, ladder, before, number, metric, total, count)
    place = np.flatnonzero(count == count.max(initial=0))
    return total[place] / max(count.max(initial=0), 1), place


def _add(
    work: Work,
    ladder: Ladder,
    rung: int,
    number: int,
    metric: str,
    total: Floats,
    count: Ints,
) -> None:
    """Add up a metric over a group's train windows in a rung, point by point."""
    group = work.plan.groups[number]
    train = [place for place in ladder.places[rung][number] if group.windows[place].ranks]
    if not train:
        return
    blocks = [rung * work.plan.blocks + block for block in group.block_numbers]
    table = of_blocks(work.root, work.experiment, blocks, ["run", "status", metric])
    runs = table["run"].to_numpy() - group.first_run
    values = table[metric].to_numpy().astype(np.float64)
    done = (table["status"].to_numpy() == "done") & ~np.isnan(values)
    done &= (runs >= 0) & (runs < group.points * group.width) & np.isin(runs % group.width, train)
    np.add.at(total, runs[done] // group.width, values[done])
    np.add.at(count, runs[done] // group.width, 1)
