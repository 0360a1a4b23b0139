"""Metrics of some runs of an experiment under way, straight from its blocks."""

import dataclasses
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.files.arrow_types import Table
from store.files.backend import Root, each
from store.files.paths import experiment_folder
from store.records.experiment import load
from store.runs.blocks import finished, read_block
from store.runs.manifest import holding, merged
from store.runs.reader import Shelf

Floats = NDArray[np.float64]


def of_runs(
    root: Root,
    experiment_id: str,
    blocks: Collection[int],
    runs: NDArray[np.int64],
    metrics: Sequence[str],
) -> Floats:
    """Metrics of runs by their numbers.

    Args:
        root: of the store.
        experiment_id: of the experiment.
        blocks: where the runs are.
        runs: (n,) numbers, repeats allowed.
        metrics: columns.

    Returns:
        (n, m), NaN where there is no such run: it failed, or its block was given up.

    Raises:
        DamagedFile: a block is not what was written.
    """
    table = of_blocks(root, experiment_id, blocks, ["run", *metrics]).sort_by("run")
    values = np.full((len(runs), len(metrics)), np.nan)
    numbers = table["run"].to_numpy()
    place = np.minimum(np.searchsorted(numbers, runs), max(len(numbers) - 1, 0))
    here = numbers[place] == runs if len(numbers) else np.zeros(len(runs), np.bool_)
    for column, metric in enumerate(metrics):
        values[here, column] = table[metric].to_numpy()[place[here]]
    return values


def of_blocks(
    root: Root, experiment_id: str, blocks: Collection[int], columns: Sequence[str]
) -> Table:
    """Columns of the runs of some blocks, of a block that was merged those it was merged with, too.

    To be called by the driver, the only process that merges. A block that was given up has no runs.

    Raises:
        DamagedFile: a file is not what was written.
    """
    experiment = load(root, experiment_id)
    folder = experiment_folder(root, experiment_id) / "blocks"
    wanted = sorted(set(blocks).intersection(finished(folder)) - merged(experiment))
    tables = each(lambda number: read_block(folder, number, columns), wanted, folder)
    if names := holding(experiment, blocks):
        files = {name: experiment.files[name] for name in names}
        rows = Shelf(root).dataset(dataclasses.replace(experiment, files=files))
        tables.append(rows.to_table(columns=list(columns)).replace_schema_metadata())
    none = pa.table({name: pa.array([]) for name in columns})
    rows_of_blocks: Table = pa.concat_tables([none, *tables], promote_options="permissive")
    return rows_of_blocks
