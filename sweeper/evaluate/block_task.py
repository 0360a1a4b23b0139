"""Task of a block, complete for any process, and its evaluation."""

import math
import time
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from kernels.engine.evaluation import Evaluation
from store.files.backend import Place
from store.files.paths import experiment_folder
from store.runs.blocks import BlockFile, describe, finished, write_block
from store.runs.key_set import Keys, none
from store.runs.metric_order import goodness
from sweeper.config.search import SearchConfig
from sweeper.evaluate.block_batch import Batch, batch_of
from sweeper.evaluate.isolate_failures import evaluate_each
from sweeper.evaluate.rows import error_rows, experiment_schema, run_rows
from sweeper.plan.halving import Ladder
from sweeper.plan.plan import Floats, Group, Plan


@dataclass(frozen=True)
class Work:
    """An experiment as its workers see it: picklable, the bars inside.

    Attributes:
        root: of the store, absolute.
        experiment: the experiment's id.
        plan: cut into blocks.
        schema: of the rows.
        metric: ranks runs for the progress display.
        mode: max or min, which end of it is best.
        known: keys of the config hashes of runs that are left out; see `store.runs.earlier_runs`.
        ladder: which windows run in which rung, when the search prunes.
    """

    root: Place
    experiment: str
    plan: Plan
    schema: pa.Schema
    metric: str
    mode: str
    known: Keys = field(default_factory=none)
    ladder: Ladder | None = None

    def batch(self, number: int) -> Batch:
        """Runs of a block."""
        return batch_of(self.plan, self.ladder, self.known, number)

    @classmethod
    def of(
        cls,
        root: Place,
        experiment: str,
        plan: Plan,
        search: SearchConfig,
        finished: Keys | None = None,
        ladder: Ladder | None = None,
    ) -> "Work":
        """The work of an experiment whose folder exists."""
        schema = experiment_schema(plan.groups)
        return cls(
            root,
            experiment,
            plan,
            schema,
            search.metric,
            search.mode,
            none() if finished is None else finished,
            ladder,
        )


@dataclass(frozen=True, slots=True)
class BlockDone:
    """Result of a block for the driver; its rows are in the file.

    Attributes:
        number: of the block.
        runs: rows written.
        failed: error rows written.
        pruned: rows of runs that were pruned.
        seconds: wall time of evaluation and writing.
        kernel_seconds: processor time of the evaluation.
        best_metric: of the search metric, NaN when no run has one.
        best_label: the best run in words.
        file: its rows.
        errors: its error rows, None without any.
    """

    number: int
    runs: int
    failed: int
    pruned: int
    seconds: float
    kernel_seconds: float
    best_metric: float
    best_label: str
    file: BlockFile
    errors: BlockFile | None


def run_block(work: Work, number: int) -> BlockDone:
    """Evaluate a block and commit its files; a second time, the same files are found there.

    Failures are committed before the runs: the file of the runs says that the block is done.
    """
    began = time.perf_counter()
    batch = work.batch(number)
    group, numbers, points = batch.group, batch.numbers, batch.points
    started = time.thread_time()
    evaluation, failures = evaluate_each(group, numbers)
    kernel_seconds = time.thread_time() - started
    folder = experiment_folder(work.root, work.experiment)
    errors = None
    if failures:
        errors = _write_errors(
            folder / "errors",
            number,
            error_rows(work.experiment, group, numbers, points, failures),
        )
        kept = np.delete(np.arange(len(numbers)), [failure.place for failure in failures])
        numbers, points = numbers[kept], points[kept]
    done = run_rows(work.schema, work.experiment, group, numbers, points, evaluation)
    table, pruned = done, 0
    if batch.dropped is not None:
        rows = run_rows(work.schema, work.experiment, *batch.dropped, None)
        table, pruned = pa.concat_tables([done, rows]), rows.num_rows
    file = write_block(folder / "blocks", number, table)
    best, label = _best(work, group, numbers, evaluation) if batch.final else (math.nan, "")
    return BlockDone(
        number=number,
        runs=done.num_rows,
        failed=len(failures) * len(group.windows),
        pruned=pruned,
        seconds=time.perf_counter() - began,
        kernel_seconds=kernel_seconds,
        best_metric=best,
        best_label=label,
        file=file,
        errors=errors,
    )


def _write_errors(folder: Place, number: int, table: pa.Table) -> BlockFile:
    """Commit a block's failures, once: a traceback need not be the same the second time."""
    if number in finished(folder):
        return describe(folder, number)
    return write_block(folder, number, table)


def _best(work: Work, group: Group, numbers: Floats, evaluation: Evaluation) -> tuple[float, str]:
    """The best mean of the search metric over train windows, and its configuration in words."""
    train = [place for place, window in enumerate(group.windows) if window.ranks]
    with np.errstate(invalid="ignore"):  # inf and -inf have no mean
        means = evaluation.metrics[:, train].mean(axis=1)
    metrics = dict(zip(group.cell.metrics, means.T, strict=True))
    met = group.cell.config.search.require.met(metrics, len(means))
    values = np.where(met, metrics[work.metric], np.nan)
    if np.isnan(values).all():
        return float("nan"), ""
    row = int(np.nanargmax(goodness(values, work.mode == "max")))
    return float(values[row]), f"{group.cell.words(numbers[row])} on {group.series.symbol}"
