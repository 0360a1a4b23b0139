"""A sweep from its cells to its merged file: plan, find what is done, run the rest, merge.

It prints nothing: what happens is emitted as the events of `sweeper.run.events`.
"""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from store.commands import line
from store.errors import Driven
from store.files import backend
from store.files.backend import Place
from store.files.lock import driving, starting
from store.ledger import recovery
from store.luck.measuring import SECONDS
from store.luck.record import Luck
from store.records import experiment as experiments
from store.records.experiment import Experiment
from store.runs.compaction import merges
from store.runs.manifest import done_blocks
from sweeper.config.error_text import Interrupted
from sweeper.config.schema import Config
from sweeper.evaluate.block_task import BlockDone, Work, run_block
from sweeper.evaluate.calibration import block_points, calibrate
from sweeper.evaluate.compiling import compiling_note
from sweeper.evaluate.earlier_runs import bring
from sweeper.evaluate.lookahead import refuse_look_ahead
from sweeper.evaluate.luck_line import luck_of, too_large
from sweeper.evaluate.prior_runs import History, keep_outlines
from sweeper.executors import signals
from sweeper.executors.select import Chosen, chosen, foresee
from sweeper.notes import notes_to
from sweeper.plan import halving
from sweeper.plan.cell import Cell
from sweeper.plan.plan import Plan, build_plan, load_datasets
from sweeper.run.cancel import Cancel, Cancelled
from sweeper.run.events import (
    AlreadyDone,
    Event,
    Failed,
    Finished,
    Merging,
    Noted,
    Planned,
    Started,
    Stopped,
    Watch,
    unwatched,
)
from sweeper.run.recorder import Record, describe
from sweeper.run.rounds import kept, rounds

MANY = 4
"""Strategies from which on a worker is not named after each of them."""

LOCK_SECONDS = 5.0
"""How long to wait for a process that starts and brings records of killed sweeps up to date."""


@dataclass(frozen=True)
class _Sweep:
    """A sweep that may run: its plan, and who watches it.

    Attributes:
        root: of the store.
        config: of its first cell.
        plan: not cut into blocks yet.
        rungs: of a search that prunes, else None.
        describe: makes the record of a new experiment out of the cut plan and its history.
        watch: receives its events.
        cancel: the flag that it looks at.
    """

    root: Place
    config: Config
    plan: Plan
    rungs: halving.Ladder | None
    describe: Callable[..., Experiment]
    watch: Watch
    cancel: Cancel

    def note(self, text: str) -> None:
        """Emit a line for the user."""
        self.watch(Noted(text))


def sweep_cells(
    cells: Sequence[Cell],
    command: Sequence[str],
    watch: Watch = unwatched,
    around: AbstractContextManager[None] | None = None,
    cancel: Cancel | None = None,
) -> Experiment:
    """Run an experiment, or what is left of it, and emit the events of `sweeper.run.events`.

    Args:
        cells: what it consists of; store, executor and search metric are the first cell's.
        command: what the user typed; the same words resume it.
        watch: called with each event, in this thread; an error that it raises ends the sweep.
        around: entered once all input has proved good, left when the runs have ended.
        cancel: the flag that another thread may set.

    Raises:
        ValueError: bad input, before anything is written.
        Interrupted: the user stopped or cancelled it; what is done stays.
    """
    cancel = cancel or Cancel()
    ids: list[str] = []

    def watched(event: Event) -> None:
        if isinstance(event, Started):
            ids.append(event.experiment)
        watch(event)

    try:
        with notes_to(lambda text: watch(Noted(text))):
            return _sweep_cells(cells, command, watched, around or nullcontext(), cancel)
    except Interrupted as stop:
        watch(Stopped(ids[0] if ids else None, stop.reason, str(stop)))
        raise
    except Cancelled as stop:
        message = "Stopped by cancel() outside the runs; the same sweep goes on from what is done"
        watch(Stopped(ids[0] if ids else None, str(stop), message))
        raise Interrupted(message, reason=str(stop)) from None
    except Exception as error:
        watch(Failed.of(error, ids[0] if ids else None))
        raise


def _sweep_cells(
    cells: Sequence[Cell],
    command: Sequence[str],
    watch: Watch,
    around: AbstractContextManager[None],
    cancel: Cancel,
) -> Experiment:
    config = cells[0].config
    cells = _sensible(cells, watch)
    cancel.check()
    datasets = load_datasets(cells)
    cancel.check()
    plan = build_plan(cells, datasets)
    for note in filter(None, (*plan.notes, compiling_note())):
        watch(Noted(note))
    rungs = halving.ladder(plan, config.search.prune)
    root = backend.absolute(config.store.root)
    backend.require_writable(root)
    for fault in recovery.catch_up(root):
        watch(Noted(fault))
    experiment = None if config.force else experiments.find(root, plan.hash())
    describe_new = partial(describe, cells, datasets, command=command)
    sweep = _Sweep(root, config, plan, rungs, describe_new, watch, cancel)
    if config.dry_run:
        return _foresee(sweep, experiment)
    if experiment is None or experiment.status != "done" or not experiments.is_whole(experiment):
        experiment = _run(sweep, experiment, around)
    else:
        with around:
            watch(AlreadyDone(experiment))
    watch(Finished(root, experiment, plan, _report(root, config, experiment)))
    return experiment


def _report(root: Place, config: Config, experiment: Experiment) -> str | None:
    """Write the HTML report where the config asks for it and there is something to show."""
    if not config.report or not experiment.counts["done"] + experiment.counts["skipped"]:
        return None
    from store.report import write_report  # late: Plotly and Jinja take half a second

    return str(write_report(root, experiment.id))


def _sensible(cells: Sequence[Cell], watch: Watch) -> Sequence[Cell]:
    """The cells of which some configuration makes sense; a note says which others are left out.

    Raises:
        ValueError: none does, or they require different results.
    """
    required = dict.fromkeys(str(cell.config.search.require) for cell in cells)
    if len(required) > 1:
        raise ValueError(
            f"search.require: one sweep has one, got {' and '.join(map(repr, required))}; run "
            "one after the other"
        )
    left = [cell for cell in cells if not cell.nonsense]
    if not left:
        raise ValueError(cells[0].nonsense)
    for cell in cells:
        if cell.nonsense:
            watch(Noted(f"{' '.join(cell.overrides)}: left out: {cell.nonsense}"))
    return left


def _foresee(sweep: _Sweep, experiment: Experiment | None) -> Experiment:
    """Emit what would be run, and write nothing; the record is that of before, or never saved."""
    plan = sweep.plan
    refuse_look_ahead(plan)
    estimate = calibrate(plan)
    if experiment is None:
        history = History.of(sweep.root, plan, sweep.config.force)
    else:
        history = History.resumed(sweep.root, plan, experiment)
    foreseen = foresee(sweep.config, estimate.seconds * (1 - history.skipped / plan.runs))
    plan = plan.cut(block_points(plan, estimate, foreseen.workers))
    experiment = experiment or sweep.describe(plan, history, luck=luck_of(plan, SECONDS))
    sweep.watch(Planned(experiment, plan, history, estimate, foreseen, sweep.rungs, dry_run=True))
    return experiment


def _run(
    sweep: _Sweep, experiment: Experiment | None, around: AbstractContextManager[None]
) -> Experiment:
    """Run the blocks that are not in the store yet, then compact.

    `experiment` is the record to go on with; without one a new experiment is made.
    """
    root, config, plan, rungs = sweep.root, sweep.config, sweep.plan, sweep.rungs
    refuse_look_ahead(plan)
    sweep.cancel.check()
    estimate = calibrate(plan)
    sweep.cancel.check()
    with ExitStack() as stack:
        if experiment is not None:
            stack.enter_context(driving(root, experiment.id, LOCK_SECONDS))
            history = History.resumed(root, plan, experiment)
        else:
            history = History.of(root, plan, config.force)
        seconds = estimate.seconds * (1 - history.skipped / plan.runs)
        sweep.cancel.check()
        executor = stack.enter_context(
            chosen(config, seconds, _label(plan), root, sweep.note, sweep.cancel.check)
        )
        sweep.cancel.check()
        stack.enter_context(around)
        keep_outlines(root, plan)
        if experiment is not None:
            plan = plan.cut([group.block_points for group in experiment.groups])
        else:
            plan = plan.cut(block_points(plan, estimate, executor.where.workers))
            describe_new = partial(sweep.describe, plan, history, luck=luck_of(plan))
            sweep.cancel.check()
            with starting(root, LOCK_SECONDS):
                before = experiments.every(root)
                if not config.force:
                    _refuse_second(before, plan)
                experiment = _create(sweep, before, describe_new)
                stack.enter_context(driving(root, experiment.id))
        if not experiments.is_whole(experiment):
            experiment, notes = bring(root, experiment, plan)
            history = replace(
                History.resumed(root, plan, experiment), notes=(*history.notes, *notes)
            )
        if (luck := Luck.of(experiment)) is not None:
            executor.show_luck(luck.mean)
        plan = kept(root, experiment.id, plan)
        rungs = halving.kept(root, experiment.id, rungs)
        work = Work.of(root, experiment.id, plan, config.search, history.known, rungs)
        record = Record(root, experiment)
        record.recover()
        now = replace(record.experiment, counts=dict(record.experiment.counts))  # counts go on
        sweep.watch(Planned(now, plan, history, estimate, executor.where, rungs))
        _to_the_end(sweep, record, work, executor)
    return record.experiment


def _to_the_end(sweep: _Sweep, record: Record, work: Work, executor: Chosen) -> None:
    """Run what is left of an experiment and merge its files; its record says how that ended.

    Raises:
        Interrupted: a signal, the flag or the time limit ended it.
    """
    try:
        _run_blocks(sweep, record, work, executor)
        if merges(record.experiment):
            sweep.watch(Merging(record.experiment.id, work.plan.runs))
        record.compact()
        record.conclude(redrawn=not too_large(work.plan))
    except (KeyboardInterrupt, _TimeIsUp) as stop:
        stop = signals.named(stop)
        record.end("interrupted")
        raise Interrupted(
            _how_to_resume(record.experiment, stop), signals.exit_code(stop), str(stop)
        ) from None
    except BaseException:
        record.end("failed")
        raise
    record.end("done")


def _label(plan: Plan) -> str:
    """Label of workers in Ray's dashboard: `sma-NASDAQ`, or `sma+rsi-2-symbols`."""
    strategies = dict.fromkeys(group.cell.strategy.name for group in plan.groups)
    symbols = list(dict.fromkeys(group.series.symbol for group in plan.groups))
    where = symbols[0] if len(symbols) == 1 else f"{len(symbols)}-symbols"
    what = "+".join(strategies) if len(strategies) < MANY else f"{len(strategies)}-strategies"
    return f"{what}-{where}"


def _refuse_second(before: Sequence[Experiment], plan: Plan) -> None:
    """Raise Driven when another process has started the same plan meanwhile."""
    other = next((experiment for experiment in before if experiment.plan_hash == plan.hash()), None)
    if other is not None:
        raise Driven(
            f"{other.id}: another process has started this very sweep at {other.created[:19]} UTC "
            f"on {other.host}; its results are these: give the command again when it has ended, "
            "or pass force=true to run all of it a second time"
        )


def _create(
    sweep: _Sweep, before: Sequence[Experiment], describe: Callable[..., Experiment]
) -> Experiment:
    """Make an experiment that is the latest of the store, whatever the clock says."""
    now = datetime.now(UTC)
    if before and (after := experiments.just_after(before[0])) > now:
        sweep.note(
            f"the clock is behind the start of {before[0].id}; this experiment is dated just "
            "after that one, so that it is the latest"
        )
        now = after
    return experiments.create(sweep.root, describe(now=now))


class _TimeIsUp(Exception):
    """The sweep has run for as long as `time_limit` lets it."""


def _run_blocks(sweep: _Sweep, record: Record, work: Work, executor: Chosen) -> None:
    """Run what is left; every finished block is recorded, then shown to the watcher."""
    limit = sweep.config.time_limit
    end = math.inf if limit is None else time.monotonic() + limit
    done = done_blocks(work.root, record.experiment)
    left = rounds(work, done)
    record.save("running")
    planned = record.experiment.counts["planned"]
    sweep.watch(Started(record.experiment.id, planned, record.over, work.metric, work.mode))
    sweep.cancel.check()

    def watch(block: BlockDone) -> None:
        record.add(block)
        sweep.watch(block)
        sweep.cancel.check()
        if time.monotonic() > end:
            raise _TimeIsUp(f"time_limit={limit:g}")

    executor.executor.run(run_block, work, left, watch)
    if any(group.learns for group in work.plan.groups):
        record.settle()
    record.save("running")


def _how_to_resume(experiment: Experiment, stop: BaseException) -> str:
    done, planned = experiment.counts["done"], experiment.counts["planned"]
    stopped = f"Stopped by {stop}" if str(stop) else "Stopped"
    return (
        f"{stopped}. {done:,} of {planned:,} runs are kept in {experiment.id}; the same command "
        f"goes on from there:\n  {line(*experiment.command)}"
    )
