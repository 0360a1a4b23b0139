"""A sweep from its cells to its leaderboard: plan, find what is done, run the rest, compact."""

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from rich.console import Console

from store import experiment as experiments
from store import places, recovery
from store.catalogue import done_blocks
from store.commands import line
from store.errors import Driven
from store.experiment import Experiment
from store.lock import driving, starting
from store.places import Place
from store.text import Screen
from sweeper import pruning, signals
from sweeper.calibration import block_points, calibrate
from sweeper.cells import Cell
from sweeper.config import Config
from sweeper.earlier import bring
from sweeper.errors import Interrupted
from sweeper.executors.choice import Chosen, chosen, foresee
from sweeper.history import History
from sweeper.lookahead import refuse_look_ahead
from sweeper.luck import luck_of
from sweeper.outcome import SLOW_TO_RANK, show_outcome
from sweeper.plan import Plan, build_plan, load_datasets
from sweeper.preflight import show_preflight
from sweeper.progress import Progress
from sweeper.record import Record, describe
from sweeper.rounds import kept, rounds
from sweeper.work import BlockDone, Work, run_block

MANY = 4
"""Strategies from which on a worker is not named after each of them."""

LOCK_SECONDS = 5.0
"""How long to wait for a process that starts and brings records of killed sweeps up to date."""


def sweep_cells(
    cells: Sequence[Cell],
    command: Sequence[str],
    around: AbstractContextManager[None] | None = None,
) -> Experiment:
    """Run an experiment, or what is left of it, and show what came out.

    Args:
        cells: what it consists of; store, executor and search metric are the first cell's.
        command: what the user typed; the same words resume it.
        around: entered once all input has proved good, left when the runs have ended.

    Raises:
        ValueError: bad input, before anything is written.
        Interrupted: the user stopped it; what is done stays.
    """
    config = cells[0].config
    console = Screen(stderr=config.output == "json")
    cells = _sensible(cells, console)
    datasets = load_datasets(cells)
    plan = build_plan(cells, datasets)
    for note in plan.notes:
        console.print(f"Note: {note}", markup=False)
    rungs = pruning.ladder(plan, config.search.prune)
    root = places.absolute(config.store.root)
    places.require_writable(root)
    for fault in recovery.catch_up(root):
        console.print(f"Note: {fault}")
    experiment = None if config.force else experiments.find(root, plan.hash())
    around = around or nullcontext()
    describe_new = partial(describe, cells, datasets, command=command)
    if config.dry_run:
        return _foresee(console, root, config, plan, rungs, experiment, describe_new)
    if experiment is None or experiment.status != "done" or not experiments.is_whole(experiment):
        experiment = _run(console, root, config, plan, rungs, experiment or describe_new, around)
    else:
        with around:
            console.print(f"{experiment.id} holds all of these runs; force=true runs them again")
    show_outcome(console, root, experiment, plan, config)
    return experiment


def _sensible(cells: Sequence[Cell], console: Console) -> Sequence[Cell]:
    """The cells of which some configuration makes sense; the others are counted, and said.

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
            words = " ".join(cell.overrides)
            console.print(f"Note: {words}: left out: {cell.nonsense}", soft_wrap=True, markup=False)
    return left


def _foresee(
    console: Console,
    root: Place,
    config: Config,
    plan: Plan,
    rungs: pruning.Ladder | None,
    experiment: Experiment | None,
    describe_new: Callable[..., Experiment],
) -> Experiment:
    """Say what would be run, and write nothing; the record is that of before, or never saved."""
    refuse_look_ahead(plan)
    estimate = calibrate(plan)
    if experiment is None:
        history = History.of(root, plan, config.force)
    else:
        history = History.resumed(root, plan, experiment)
    foreseen = foresee(config, estimate.seconds * (1 - history.skipped / plan.runs))
    plan = plan.cut(block_points(plan, estimate, foreseen.workers))
    experiment = experiment or describe_new(plan, history, luck=luck_of(plan))
    show_preflight(console, plan, experiment, history, estimate, foreseen, rungs)
    console.print("Dry run: nothing was run or written; leave out dry_run=true to start")
    return experiment


def _run(
    console: Console,
    root: Place,
    config: Config,
    plan: Plan,
    rungs: pruning.Ladder | None,
    experiment: Experiment | Callable[..., Experiment],
    around: AbstractContextManager[None],
) -> Experiment:
    """Run the blocks that are not in the store yet, then compact.

    `experiment` is the record to go on with, or what describes a new one once its plan is cut.
    """
    refuse_look_ahead(plan)
    estimate = calibrate(plan)

    def say(words: str) -> None:
        console.print(f"Note: {words}", soft_wrap=True, markup=False)

    with ExitStack() as stack:
        if isinstance(experiment, Experiment):
            stack.enter_context(driving(root, experiment.id, LOCK_SECONDS))
            history = History.resumed(root, plan, experiment)
        else:
            history = History.of(root, plan, config.force)
        seconds = estimate.seconds * (1 - history.skipped / plan.runs)
        executor = stack.enter_context(chosen(config, seconds, _label(plan), root, say))
        stack.enter_context(around)
        if isinstance(experiment, Experiment):
            plan = plan.cut([group["block_points"] for group in experiment.groups])
        else:
            plan = plan.cut(block_points(plan, estimate, executor.where.workers))
            describe_new = partial(experiment, plan, history, luck=luck_of(plan))
            with starting(root, LOCK_SECONDS):
                before = experiments.every(root)
                if not config.force:
                    _refuse_second(before, plan)
                experiment = _create(console, root, before, describe_new)
                stack.enter_context(driving(root, experiment.id))
        if not experiments.is_whole(experiment):
            experiment, notes = bring(root, experiment, plan)
            history = replace(
                History.resumed(root, plan, experiment), notes=(*history.notes, *notes)
            )
        plan = kept(root, experiment.id, plan)
        rungs = pruning.kept(root, experiment.id, rungs)
        work = Work.of(root, experiment.id, plan, config.search, history.known, rungs)
        record = Record(root, experiment)
        record.recover()
        show_preflight(console, plan, record.experiment, history, estimate, executor.where, rungs)
        try:
            _run_blocks(console, record, work, executor, config.time_limit)
            if plan.runs >= SLOW_TO_RANK:
                console.print(f"Merging {plan.runs:,} runs into one file ...")
            record.compact()
            record.conclude()
        except (KeyboardInterrupt, _TimeIsUp) as stop:
            stop = signals.named(stop)
            record.end("interrupted")
            raise Interrupted(
                _how_to_resume(record.experiment, stop), signals.exit_code(stop)
            ) from None
        except BaseException:
            record.end("failed")
            raise
        record.end("done")
    return record.experiment


def _label(plan: Plan) -> str:
    """What workers are called in Ray's dashboard: `sma-NASDAQ`, or `sma+rsi-2-symbols`."""
    strategies = dict.fromkeys(group.cell.strategy.name for group in plan.groups)
    symbols = list(dict.fromkeys(group.series.symbol for group in plan.groups))
    where = symbols[0] if len(symbols) == 1 else f"{len(symbols)}-symbols"
    what = "+".join(strategies) if len(strategies) < MANY else f"{len(strategies)}-strategies"
    return f"{what}-{where}"


def _refuse_second(before: Sequence[Experiment], plan: Plan) -> None:
    """Raise Driven when another process has started the same plan meanwhile."""
    other = next((one for one in before if one.plan_hash == plan.hash()), None)
    if other is not None:
        raise Driven(
            f"{other.id}: another process has started this very sweep at {other.created[:19]} UTC "
            f"on {other.host}; its results are these: give the command again when it has ended, "
            "or pass force=true to run all of it a second time"
        )


def _create(
    console: Console, root: Place, before: Sequence[Experiment], describe: Callable[..., Experiment]
) -> Experiment:
    """Make an experiment that is the latest of the store, whatever the clock says."""
    now = datetime.now(UTC)
    if before and (after := experiments.just_after(before[0])) > now:
        console.print(
            f"Note: the clock is behind the start of {before[0].id}; this experiment is dated just "
            "after that one, so that it is the latest"
        )
        now = after
    return experiments.create(root, describe(now=now))


class _TimeIsUp(Exception):
    """The sweep has run for as long as `time_limit` lets it."""


def _run_blocks(
    console: Console, record: Record, work: Work, chosen: Chosen, time_limit: float | None
) -> None:
    """Run what is left; every finished block is recorded and shown."""
    end = math.inf if time_limit is None else time.monotonic() + time_limit
    done = done_blocks(work.root, record.experiment)
    left = rounds(work, done)
    record.save("running")
    progress = Progress(
        console, record.experiment.counts["planned"], record.over, work.metric, work.mode
    )

    def watch(block: BlockDone) -> None:
        record.add(block)
        progress.update(block)
        if time.monotonic() > end:
            raise _TimeIsUp(f"time_limit={time_limit:g}")

    with progress:
        chosen.executor.run(run_block, work, left, watch)
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
