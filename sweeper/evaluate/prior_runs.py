"""Prior runs of a plan: those in the store, and configurations tried, before it starts."""

from dataclasses import dataclass, field, replace

from kernels import KERNEL_VERSION
from store.files.backend import Root
from store.ledger import completed_runs as known
from store.ledger import outlines
from store.ledger.instrument import Bars, Book
from store.ledger.tried_keys import Subject
from store.records.experiment import Experiment
from store.records.history import HistoryRecord
from store.runs import earlier_runs, key_set
from store.runs.key_set import Keys
from sweeper.evaluate.rows import in_store
from sweeper.plan.plan import Group, Plan

EXACT = 1_000_000
"""Runs of a plan up to which all are looked up, two seconds; of more, evenly spread ones are."""

CHUNK = 4096
"""Points that are looked up at a time."""


@dataclass(frozen=True)
class History:
    """Prior runs of a plan, made by earlier experiments.

    Attributes:
        tried: configurations that were tried on these bars before, of any strategy.
        skips_runs_of: ids of the experiments whose runs are not made again.
        known: keys of those runs.
        old: how many of the plan's configurations have their runs already; an estimate unless
            `exact`.
        skipped: how many runs that makes, which are copied instead.
        exact: whether all of the plan was looked up.
        notes: what could not be looked up, one line each.
    """

    tried: int = 0
    skips_runs_of: tuple[str, ...] = ()
    known: Keys = field(default_factory=key_set.none)
    old: int = 0
    skipped: int = 0
    exact: bool = True
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Root, plan: Plan, force: bool) -> "History":
        """The history of a plan that is about to start.

        All is made again when forced, or where a search learns from its runs or drops some early.
        """
        book = Book.of(root)
        subjects = dict.fromkeys(subject_of(group) for group in plan.groups)
        tried = book.tried(bars_of(group) for group in plan.groups)
        own = {m.column: m.source_hash for g in plan.groups for m in g.cell.own_metrics}
        ids = tuple(known.related(root, subjects, KERNEL_VERSION, own))
        runs, notes = known.done_runs(root, ids)
        history = _overlap(plan, runs)
        why = _runs_all(plan)
        if force or why:
            shown = (f"{why}: all are run",) if why and ids else ()
            return cls(tried, old=history.old, exact=history.exact, notes=shown)
        return replace(history, tried=tried, skips_runs_of=ids, notes=tuple(notes))

    @classmethod
    def resumed(cls, root: Root, plan: Plan, experiment: Experiment) -> "History":
        """The history that an experiment had when it started; `known` are the copies in it."""
        then = experiment.history
        ids = then.origins
        there = earlier_runs.brought(root, experiment)
        skipped = then.brought or 0
        old = plan.configurations - then.new_of(plan.configurations)
        exact = then.is_exact
        return cls(then.tried or 0, ids, there, old, skipped, exact)

    def new(self, plan: Plan) -> int:
        """Configurations of the plan that have no run yet."""
        return plan.configurations - self.old

    def record(self, plan: Plan) -> HistoryRecord:
        """Part of the prior runs that the experiment's record keeps."""
        return HistoryRecord(
            tried=self.tried,
            new=self.new(plan),
            exact=self.exact,
            skips_runs_of=self.skips_runs_of,
        )


def subject_of(group: Group) -> Subject:
    """Subject under which the ledger counts a group's configurations."""
    return Subject(group.series.symbol, group.series.fingerprint, group.cell.strategy.name)


def bars_of(group: Group) -> Bars:
    """The bars of a group, as the ledger compares them."""
    series = group.series
    return Bars(series.symbol, series.fingerprint, series.timeframe, series.outline)


def keep_outlines(root: Root, plan: Plan) -> None:
    """Keep the outlines of a plan's bars, so that the ledger knows the bars again."""
    for group in plan.groups:
        if group.series.outline is not None:
            outlines.keep(root, group.series.fingerprint, group.series.outline)


def _runs_all(plan: Plan) -> str:
    """Why no run of a plan may be left out, if so."""
    if any(group.cell.config.search.prune for group in plan.groups):
        return "search.prune compares all configurations"
    learners = {group.cell.config.search.kind for group in plan.groups if group.learns}
    return f"search={', '.join(learners)} learns from its own runs" if learners else ""


def _overlap(plan: Plan, finished: Keys) -> History:
    """Which runs of a plan are among those that are known; none of a learner's, not known yet."""
    step = -(-plan.runs // EXACT)
    old = skipped = 0
    for group in plan.groups if finished.size else ():
        if group.learns:
            continue
        again = _old(group, finished, step)
        old += again
        skipped += again * len(group.windows)
    return History(known=finished, old=old, skipped=skipped, exact=step == 1 or not finished.size)


def _old(group: Group, finished: Keys, step: int) -> int:
    """Configurations of a group that are old, by every `step`-th chunk of its points."""
    looked = old = 0
    for start in range(0, group.points, CHUNK * step):
        numbers, points, _ = group.configurations(start, min(start + CHUNK, group.points))
        looked += len(points)
        old += int(in_store(group, numbers, finished).sum())
    if step > 1:
        old = round(old / max(looked, 1) * group.runs / len(group.windows))
    return old
