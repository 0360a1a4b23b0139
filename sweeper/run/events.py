"""Events of a sweep, in the order in which they are emitted to its watchers.

    Noted*  Planned  Started  (BlockDone | Noted)*  Merging?  Finished | Stopped | Failed

A dry run ends with `Planned`; a sweep whose runs are all in the store emits `AlreadyDone` in place
of `Planned` to `Merging`. Bad input emits `Failed` alone. Events are frozen and know no terminal;
they arrive in the thread of the sweep. `as_json` gives each as plain values, for a log or a stream.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from store.files import machine_errors
from store.files.backend import Place
from store.luck import sentences
from store.luck.record import Luck
from store.records.experiment import Experiment
from sweeper.config.error_text import one_line
from sweeper.evaluate.block_task import BlockDone
from sweeper.evaluate.calibration import Estimate
from sweeper.evaluate.prior_runs import History
from sweeper.executors.select import Where
from sweeper.plan.halving import Ladder
from sweeper.plan.plan import Plan


@dataclass(frozen=True)
class Noted:
    """A line for the user: input that was left out, a wait for cores, a lost node."""

    text: str


@dataclass(frozen=True)
class Planned:
    """A plan that is about to run, or that a dry run only shows.

    Attributes:
        experiment: its record, new or resumed; of a dry run it may never be saved.
        plan: cut into blocks.
        history: of its configurations in the store.
        estimate: processor time of the whole plan, as measured.
        where: it will run.
        rungs: of a search that prunes, else None.
        dry_run: nothing follows.
    """

    experiment: Experiment
    plan: Plan
    history: History
    estimate: Estimate
    where: Where
    rungs: Ladder | None = None
    dry_run: bool = False

    @property
    def stored(self) -> int:
        """Runs of the plan that are in the store already."""
        counts = self.experiment.counts
        return counts["done"] + counts["failed"] + max(counts["skipped"], self.history.skipped)

    @property
    def left(self) -> int:
        """Runs that are not."""
        return max(0, self.plan.runs - self.stored)

    @property
    def blocks(self) -> int:
        """Blocks of the plan, over all rungs of a search that prunes."""
        return self.plan.blocks * (self.rungs.rungs if self.rungs else 1)

    @property
    def seconds(self) -> float:
        """Estimated wall time of the runs that are left, seconds."""
        share = self.rungs.share if self.rungs else 1.0
        return share * self.estimate.seconds * self.left / self.plan.runs / self.where.workers


@dataclass(frozen=True)
class Started:
    """The first block is about to be handed out; the record is saved as `running`.

    Attributes:
        experiment: its id.
        planned: runs of the whole plan.
        over: runs of it that were done, skipped, failed or pruned before.
        metric: the search metric.
        mode: max or min, which end of it is best.
    """

    experiment: str
    planned: int
    over: int
    metric: str
    mode: str


@dataclass(frozen=True)
class Merging:
    """All blocks are done; their files are about to be merged into one."""

    experiment: str
    runs: int


@dataclass(frozen=True)
class AlreadyDone:
    """The store holds every run of the plan; `force=true` would run them again."""

    experiment: Experiment


@dataclass(frozen=True)
class Finished:
    """All runs are in the store and ranked.

    Attributes:
        root: of the store.
        experiment: its record, status `done`.
        plan: of it.
        report: file of the HTML report that `report=true` asks for, else None.
    """

    root: Place
    experiment: Experiment
    plan: Plan
    report: str | None = None


@dataclass(frozen=True)
class Stopped:
    """A signal, `cancel()` or a time limit ended it; the same words go on from there.

    Attributes:
        experiment: its id; None where it was stopped before anything was written.
        reason: `SIGTERM`, `cancel()`, `time_limit=60`, or "" for Ctrl-C.
        message: for the user, with the command that resumes.
    """

    experiment: str | None
    reason: str
    message: str


@dataclass(frozen=True)
class Failed:
    """An error ended it, which the caller gets too.

    Attributes:
        experiment: its id; None where nothing was written.
        error: kind of the error, such as ValueError.
        message: one line.
    """

    experiment: str | None
    error: str
    message: str

    @classmethod
    def of(cls, error: BaseException, experiment: str | None = None) -> "Failed":
        """The event of an error, in the words that the command line has for it."""
        refused = isinstance(error, machine_errors.REFUSALS)
        text = machine_errors.line(error) if refused else one_line(error)
        return cls(experiment, type(error).__name__, text)


Event: TypeAlias = (
    Noted | Planned | Started | BlockDone | Merging | AlreadyDone | Finished | Stopped | Failed
)
Watch: TypeAlias = Callable[[Event], None]
"""Receives each event as it happens; an error that it raises ends the sweep, resumable as ever."""


def unwatched(event: Event) -> None:
    """Watch nothing."""


def to_all(*watchers: Watch) -> Watch:
    """One watcher that hands each event to several, in their order."""

    def watch(event: Event) -> None:
        for watcher in watchers:
            watcher(event)

    return watch


def as_json(event: Event) -> dict[str, object]:
    """An event as plain values: its name under `event`; what is NaN is None."""
    return {"event": type(event).__name__, **_values(event)}


def _values(event: Event) -> dict[str, object]:
    match event:
        case Planned():
            return _planned(event)
        case BlockDone():
            best = None if math.isnan(event.best_metric) else event.best_metric
            counts = {name: getattr(event, name) for name in ("number", "runs", "failed", "pruned")}
            return {
                **counts,
                "seconds": event.seconds,
                "best_metric": best,
                "best_label": event.best_label,
            }
        case AlreadyDone():
            return {"experiment": event.experiment.id}
        case Finished():
            counts = dict(event.experiment.counts)
            return {"experiment": event.experiment.id, "counts": counts, "report": event.report}
        case _:
            return dict(vars(event))


def _planned(event: Planned) -> dict[str, object]:
    luck = Luck.of(event.experiment)
    return {
        "experiment": event.experiment.id,
        "name": event.experiment.name,
        "configurations": event.plan.configurations,
        "runs": event.plan.runs,
        "stored": event.stored,
        "left": event.left,
        "blocks": event.blocks,
        "seconds": event.seconds,
        "workers": event.where.workers,
        "luck": None if luck is None else sentences.line(luck),
        "dry_run": event.dry_run,
    }
