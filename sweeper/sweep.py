"""A sweep from its cells to its leaderboard: plan, find what is done, run the rest, compact."""

import shlex
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from rich.console import Console

from store import durable
from store import experiment as experiments
from store.blocks import describe as describe_block
from store.blocks import finished
from store.compaction import compact
from store.experiment import Experiment
from store.paths import experiment_folder
from sweeper.calibration import block_points, calibrate
from sweeper.cells import Cell
from sweeper.config import Config
from sweeper.errors import Interrupted
from sweeper.executors.choice import Chosen, chosen
from sweeper.outcome import show_outcome
from sweeper.plan import Plan, build_plan, load_datasets
from sweeper.preflight import show_preflight
from sweeper.progress import Progress
from sweeper.record import Record, describe
from sweeper.work import BlockDone, Work, run_block


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
    console = Console(stderr=config.output == "json")
    datasets = load_datasets(cells)
    plan = build_plan(cells, datasets)
    root = Path(config.store.root).absolute()
    durable.require_writable(root)
    experiment = None if config.force else experiments.find(root, plan.hash())
    around = around or nullcontext()
    if experiment is None or experiment.status != "done":
        describe_new = partial(describe, cells, datasets, command=command)
        experiment = _run(console, root, config, plan, experiment or describe_new, around)
    else:
        with around:
            console.print(f"{experiment.id} holds all of these runs; force=true runs them again")
    show_outcome(console, root, experiment, plan, config)
    return experiment


def _run(
    console: Console,
    root: Path,
    config: Config,
    plan: Plan,
    experiment: Experiment | Callable[[Plan], Experiment],
    around: AbstractContextManager[None],
) -> Experiment:
    """Run the blocks that are not in the store yet, then compact.

    `experiment` is the record to go on with, or what describes a new one once its plan is cut.
    """
    estimate = calibrate(plan)
    with chosen(config, estimate.seconds, config.name, root) as executor, around:
        if isinstance(experiment, Experiment):
            plan = plan.cut([group["block_points"] for group in experiment.groups])
        else:
            plan = plan.cut(block_points(plan, estimate, executor.workers))
            experiment = experiments.create(root, experiment(plan))
        record = Record(root, experiment)
        left = _left(root, plan, record)
        show_preflight(console, plan, experiment, estimate, executor)
        _run_blocks(
            console, record, Work.of(root, experiment.id, plan, config.search), left, executor
        )
    compact(root, experiment.id)
    return experiments.load(root, experiment.id)


def _left(root: Path, plan: Plan, record: Record) -> Sequence[int]:
    """Blocks still to run. Those committed but not recorded, after a kill, are recorded first."""
    folder = experiment_folder(root, record.experiment.id) / "blocks"
    done = set(finished(folder))
    for number in sorted(done):
        record.count(describe_block(folder, number), plan.skipped(number), 0)
    return (
        [number for number in range(plan.blocks) if number not in done]
        if done
        else range(plan.blocks)
    )


def _run_blocks(
    console: Console, record: Record, work: Work, left: Sequence[int], chosen: Chosen
) -> None:
    record.save("running")
    done, planned = record.experiment.counts["done"], record.experiment.counts["planned"]
    progress = Progress(planned - done, work.metric, work.mode, console)
    try:
        with progress:

            def watch(block: BlockDone) -> None:
                record.add(block)
                progress.update(block)

            chosen.executor.run(run_block, work, left, watch)
    except KeyboardInterrupt:
        record.save("interrupted")
        raise Interrupted(_how_to_resume(record.experiment)) from None
    except BaseException:
        record.save("failed")
        raise
    record.save("done")


def _how_to_resume(experiment: Experiment) -> str:
    done, planned = experiment.counts["done"], experiment.counts["planned"]
    return (
        f"Stopped. {done:,} of {planned:,} runs are kept in {experiment.id}; the same command goes "
        f"on from there:\n  {shlex.join(experiment.command)}"
    )
