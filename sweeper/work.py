"""What any process needs to evaluate any block of an experiment, and the evaluation itself."""

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kernels import METRICS
from kernels.bars import Series, prepare
from kernels.evaluate import Evaluation, evaluate_runs
from store.blocks import BlockFile, write_block
from store.paths import experiment_folder
from sweeper.cells import SETTINGS
from sweeper.config import SearchConfig
from sweeper.plan import Floats, Group, Plan
from sweeper.rows import experiment_schema, run_rows


@dataclass(frozen=True)
class Work:
    """An experiment as its workers see it: picklable, the bars inside.

    Attributes:
        root: the store's folder, absolute.
        experiment: the experiment's id.
        plan: cut into blocks.
        schema: of the rows.
        metric: ranks runs for the progress display.
        mode: max or min, which end of it is best.
    """

    root: Path
    experiment: str
    plan: Plan
    schema: pa.Schema
    metric: str
    mode: str

    @classmethod
    def of(cls, root: Path, experiment: str, plan: Plan, search: SearchConfig) -> "Work":
        """The work of an experiment whose folder exists."""
        schema = experiment_schema(plan.groups)
        return cls(root, experiment, plan, schema, search.metric, search.mode)


@dataclass(frozen=True, slots=True)
class BlockDone:
    """What the driver learns of a block; its rows are in the file.

    Attributes:
        number: of the block.
        runs: rows written.
        skipped: runs left out as duplicates of a baseline.
        failed: error rows written.
        seconds: wall time of evaluation and writing.
        best_metric: of the search metric, NaN when no run has one.
        best_label: the best run in words.
        file: what was written.
    """

    number: int
    runs: int
    skipped: int
    failed: int
    seconds: float
    best_metric: float
    best_label: str
    file: BlockFile


def run_block(work: Work, number: int) -> BlockDone:
    """Evaluate a block and commit its file; a second time, the same file is found there."""
    began = time.perf_counter()
    group, start, stop = work.plan.locate(number)
    numbers, points, skipped = group.configurations(start, stop)
    evaluation = evaluate_group(group, numbers)
    table = run_rows(work.schema, work.experiment, group, numbers, points, evaluation)
    file = write_block(experiment_folder(work.root, work.experiment) / "blocks", number, table)
    best, label = _best(work, group, numbers, evaluation)
    return BlockDone(
        number=number,
        runs=table.num_rows,
        skipped=skipped * len(group.windows),
        failed=0,
        seconds=time.perf_counter() - began,
        best_metric=best,
        best_label=label,
        file=file,
    )


def evaluate_group(group: Group, numbers: Floats) -> Evaluation:
    """Evaluate configurations (n, d), columns as `group.cell.names`, on the group's windows."""
    names = group.cell.names
    swept: dict[str, Any] = {
        name.partition(".")[2]: numbers[:, names.index(name)] for name in SETTINGS
    }
    settings = replace(group.settings, **swept)
    params = numbers[:, [names.index(name) for name in group.cell.params]]
    ranges = [(window.start, window.stop) for window in group.windows]
    return evaluate_runs(_series(group), group.cell.strategy, params, settings, ranges)


_prepared: dict[tuple[str, str, int], Series] = {}


def _series(group: Group) -> Series:
    """The group's bars, prepared once per process."""
    key = (group.series.symbol, group.series.fingerprint, len(group.series.times))
    if key not in _prepared:
        _prepared[key] = prepare(group.series.columns)
    return _prepared[key]


def _best(work: Work, group: Group, numbers: Floats, evaluation: Evaluation) -> tuple[float, str]:
    """The best value of the search metric in a block and its configuration in words."""
    values = evaluation.metrics[:, 0, METRICS.index(work.metric)]
    if not np.isfinite(values).any():
        return float("nan"), ""
    sign = 1 if work.mode == "max" else -1
    row = int(np.nanargmax(np.where(np.isfinite(values), values * sign, np.nan)))
    return float(values[row]), f"{group.cell.words(numbers[row])} on {group.series.symbol}"
