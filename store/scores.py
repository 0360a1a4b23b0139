"""Metrics of some runs of an experiment under way, straight from its blocks."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from store.blocks import finished, read_block
from store.catalogue import merged
from store.experiment import Experiment
from store.paths import experiment_folder
from store.places import Root, each
from store.shelf import Shelf

Floats = NDArray[np.float64]


def of_runs(
    root: Root,
    experiment: Experiment,
    blocks: Iterable[int],
    runs: NDArray[np.int64],
    metrics: Sequence[str],
) -> Floats:
    """Metrics of runs by their numbers.

    Args:
        root: of the store.
        experiment: as its record was when its driver began; blocks may have come since.
        blocks: where the runs are.
        runs: (n,) numbers, repeats allowed.
        metrics: columns.

    Returns:
        (n, m), NaN where there is no such run: it failed, or its block was given up.

    Raises:
        DamagedFile: a block is not what was written.
    """
    folder = experiment_folder(root, experiment.id) / "blocks"
    columns, there = ["run", *metrics], set(finished(folder))
    wanted = sorted(set(blocks) & there)
    tables = each(lambda number: read_block(folder, number, columns), wanted, folder)
    if merged(experiment):
        tables.append(Shelf(root).read(experiment.id, lambda all_runs: _rows(all_runs, columns)))
    found = np.full((len(runs), len(metrics)), np.nan)
    if not tables:
        return found
    table = pa.concat_tables(tables).sort_by("run")
    numbers = table["run"].to_numpy()
    place = np.minimum(np.searchsorted(numbers, runs), max(len(numbers) - 1, 0))
    here = numbers[place] == runs if len(numbers) else np.zeros(len(runs), np.bool_)
    for column, metric in enumerate(metrics):
        found[here, column] = table[metric].to_numpy()[place[here]]
    return found


def _rows(dataset: Any, columns: list[str]) -> Any:
    return dataset.to_table(columns=columns).replace_schema_metadata()
