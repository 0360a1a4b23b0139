"""Rounds of blocks left to run: all at once, or as the learners of a plan propose them.

A round of proposals is committed to the store before any of its blocks is handed out, and what the
learner is told is read from the store again: killed at any instant, the next driver tells its
learner the same and is proposed the same.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

from store.files.backend import Root
from store.files.paths import proposals_folder
from store.runs import block_metrics as scores
from store.runs.metric_order import goodness
from store.runs.requirement import Requirement
from sweeper.config.search import Goal
from sweeper.evaluate.block_task import Work
from sweeper.plan.cell import Cell
from sweeper.plan.overlap import rows_equal
from sweeper.plan.plan import Floats, Group, Plan
from sweeper.plan.proposals import Proposals
from sweeper.run.climb_rungs import climb
from sweeper.search import Learner


def kept(root: Root, experiment_id: str, plan: Plan) -> Plan:
    """The plan with the folders of an experiment where its learners' rounds are kept."""
    places = [plan.cells.index(group.cell) for group in plan.groups]
    return plan.kept_in([proposals_folder(root, experiment_id, place) for place in places])


def rounds(work: Work, done: Collection[int]) -> Iterable[Sequence[int]]:
    """The blocks that are left, for an executor.

    Args:
        work: of the experiment.
        done: blocks that are in the store.

    Raises:
        StoreError: what is kept of a round is damaged.
    """
    plan = work.plan
    if work.ladder is not None:
        return climb(work, work.ladder, done)
    pupils = [
        _Pupil(work, learner, [plan.groups[place] for place in plan.places_of(cell)])
        for cell in plan.cells
        if (learner := cell.learner()) is not None
    ]
    if not pupils:
        every = range(plan.blocks)
        return [[number for number in every if number not in done] if done else every]
    return _learn(plan, pupils, done)


def _learn(
    plan: Plan, pupils: Sequence["_Pupil"], done: Collection[int]
) -> Iterator[Sequence[int]]:
    """Rounds of all learners side by side; blocks of other searches come with the first."""
    others = [number for group in plan.groups if not group.learns for number in group.block_numbers]
    for number in count():
        blocks = [block for pupil in pupils for block in pupil.propose(number)]
        if number == 0:
            blocks += others
        if not blocks:
            return
        yield [block for block in blocks if block not in done]
        for pupil in pupils:
            pupil.learn(number)


@dataclass
class _Pupil:
    """A learner, and the groups that run what it proposes: one per symbol."""

    work: Work
    learner: Learner
    groups: Sequence[Group]
    ended: bool = field(default=False)

    @property
    def cell(self) -> Cell:
        return self.groups[0].cell

    @property
    def proposals(self) -> Proposals:
        search = self.groups[0].search
        assert isinstance(search, Proposals)
        return search

    def propose(self, number: int) -> list[int]:
        """Blocks of a round: as it is kept, or as the learner proposes it now."""
        proposals = self.proposals
        self.ended = self.ended or number >= proposals.rounds
        if self.ended:
            return []
        if number < proposals.written():
            size = len(proposals.read(number))
        else:
            values = self.learner.ask(number)
            size = len(values)
            if size:
                proposals.write(number, values)
        self.ended = size == 0
        return self._blocks(number, size)

    def _blocks(self, number: int, size: int) -> list[int]:
        first = self.proposals.first(number) + (number > 0)  # the baseline, point 0, runs first
        stop = self.proposals.first(number) + 1 + size
        return [
            block
            for group in self.groups
            for block in range(
                group.first_block + first // group.block_points,
                group.first_block + -(-stop // group.block_points),
            )
        ]

    def learn(self, number: int) -> None:
        """Tell the learner what became of a round, and keep nothing of it in memory."""
        if self.ended:
            return
        values = self.proposals.read(number)
        scores, met = self._scores(number, values), self._met(number, values)
        self.learner.tell(values, _worst_of(scores, ~met))

    def _scores(self, number: int, values: Floats) -> Floats:
        """(m, goals) the higher the better: the mean over train windows, then over symbols.

        What is infinite ranks after all that is finite: it is told as the worst of its round.
        """
        goals: tuple[Goal, ...] = self.cell.config.search.goals
        scores = np.zeros((len(values), len(goals)))
        for group in self.groups:
            scores += self._on(group, number, values)
        for column, goal in enumerate(goals):
            means = goodness(scores[:, column] / len(self.groups), goal.mode == "max")
            finite = means[np.isfinite(means)]
            scores[:, column] = np.where(np.isinf(means), finite.min(initial=np.nan), means)
        scores[np.isnan(scores).any(axis=1)] = np.nan
        return scores

    def _met(self, number: int, values: Floats) -> NDArray[np.bool_]:
        """(m,) which points meet `search.require`, by the same means as their scores."""
        require: Requirement = self.cell.config.search.require
        if not require:
            return np.ones(len(values), np.bool_)
        metrics = [self._on(group, number, values, require.metrics) for group in self.groups]
        means = np.mean(metrics, axis=0)
        return require.met(dict(zip(require.metrics, means.T, strict=True)), len(values))

    def _on(self, group: Group, number: int, values: Floats, metrics: Sequence[str] = ()) -> Floats:
        """(m, metrics) means over a group's train windows; NaN where a run is missing.

        Without `metrics` those that are looked for.
        """
        metrics = metrics or [goal.metric for goal in group.cell.config.search.goals]
        points = 1 + self.proposals.first(number) + np.arange(len(values))
        points[rows_equal(group.cell.numbers(values), group.cell.baseline)] = 0  # has its own row
        train = np.array([place for place, window in enumerate(group.windows) if window.ranks])
        runs = group.first_run + points[:, None] * len(group.windows) + train
        blocks = set((group.first_block + points // group.block_points).tolist())
        rows = scores.of_runs(self.work.root, self.work.experiment, blocks, runs.ravel(), metrics)
        with np.errstate(invalid="ignore"):  # inf - inf
            means: Floats = rows.reshape(len(values), len(train), len(metrics)).mean(axis=1)
        return means


def _worst_of(scores: Floats, unmet: NDArray[np.bool_]) -> Floats:
    """(m, goals) scores of which some are no better than the worst others; NaN where all are."""
    ranked = scores[~unmet & ~np.isnan(scores).any(axis=1)]
    worst = ranked.min(axis=0) if len(ranked) else np.full(scores.shape[1], np.nan)
    worst_scores: Floats = np.where(unmet[:, None], np.minimum(scores, worst), scores)
    return worst_scores
