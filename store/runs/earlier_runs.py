"""Runs that earlier experiments have made, copied into a later one whose plan holds them too.

An experiment's files hold all runs of its plan, so whatever reads them sees all, and whatever
becomes of the earlier experiments. The copies have this experiment's run numbers, and in the
columns `origin` and `origin_run` who has made them. The steps, in this order: a file per earlier
experiment is written and synced; the record is saved that lists them all and says how many runs
they hold. Killed before that, they are written again; after it, they are ordinary files.

Measured next to the other way, which is to keep references and to look the rows up when somebody
reads: see docs/storage.md.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.files import backend as places
from store.files.arrow_types import Dataset, Schema, Table
from store.files.backend import Root
from store.files.paths import run_file
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs import key_set
from store.runs.columns import ORIGIN
from store.runs.key_set import Keys
from store.runs.parquet_writer import write_tables
from store.runs.ranking import take_rows
from store.runs.reader import Shelf

FOLDER = "earlier"

CHUNK = 50_000
"""Rows that are copied at a time: 40 MB with their block sums."""

Ints = NDArray[np.int64]


def copied_columns(results: Sequence[str]) -> list[str]:
    """Columns to read of an earlier experiment: results of its runs, and their origin."""
    return [*results, "experiment_id", "run", *ORIGIN.names]


def find(runs: Dataset, wanted: Keys) -> tuple[Ints, Ints]:
    """Finished runs by the keys of their config hashes.

    Args:
        runs: dataset of an experiment.
        wanted: (n,) keys, in any order, repeats allowed.

    Returns:
        Places in `wanted` that there is a run for, and the rows of these, ascending by row.
    """
    table = runs.to_table(columns=["config_hash", "status"])
    rows = np.flatnonzero(pc.equal(table["status"], "done").to_numpy())
    if not rows.size:
        return np.empty(0, np.int64), rows
    there = key_set.arrow_keys(table["config_hash"].combine_chunks())[rows]
    order = np.argsort(there, kind="stable")
    place = np.minimum(np.searchsorted(there[order], wanted), rows.size - 1)
    hit = np.flatnonzero(there[order][place] == wanted)
    row = rows[order[place[hit]]]
    by_row = np.argsort(row, kind="stable")
    return hit[by_row], row[by_row]


def parts(
    runs: Dataset, places: Ints, rows: Ints, columns: Sequence[str]
) -> Iterator[tuple[Ints, Table]]:
    """Rows of a dataset some at a time: places as they are given, and a pa.Table of as many."""
    for start in range(0, rows.size, CHUNK):
        stretch = slice(start, start + CHUNK)
        yield places[stretch], take_rows(runs, rows[stretch], columns)


def write(
    root: Root, experiment_id: str, number: int, tables: Iterable[Table], schema: Schema
) -> tuple[str, FileRecord]:
    """Write the copies out of one earlier experiment; not listed in the record yet.

    Args:
        root: of the store.
        experiment_id: whose runs they are now.
        number: of the file.
        tables: at least one pa.Table.
        schema: of the tables.

    Returns:
        The file's name and its entry, for `listed`.
    """
    target = run_file(root, experiment_id, f"{FOLDER}/{number:06d}.parquet")
    places.make_folder(target.parent)
    with places.draft(target) as draft:
        entry = write_tables(tables, schema, draft)
        places.publish(draft, target)
    return f"{FOLDER}/{target.name}", entry


def listed(
    root: Root, experiment: Experiment, files: Mapping[str, FileRecord], origins: list[str]
) -> Experiment:
    """Save the record that lists all copies: from here on they are the experiment's runs.

    Args:
        root: of the store.
        experiment: its record.
        files: entries by name, as `write` gave them.
        origins: ids of the experiments that have made the runs.
    """
    brought = sum(entry.rows for entry in files.values())
    kept = {n: e for n, e in experiment.files.items() if not n.startswith(f"{FOLDER}/")}
    whole = dataclasses.replace(
        experiment,
        files={**files, **kept},
        history=dataclasses.replace(
            experiment.history, skips_runs_of=tuple(origins), brought=brought
        ),
        counts=experiment.counts | {"skipped": brought},
    )
    records.save(root, whole)
    return whole


def brought(root: Root, experiment: Experiment) -> Keys:
    """Keys of the config hashes of the copies in an experiment: what its blocks leave out."""
    if not experiment.history.brought:
        return key_set.none()
    return Shelf(root).read(experiment.id, _keys_of_copies)


def _keys_of_copies(runs: Dataset) -> Keys:
    there = pc.is_valid(pc.field(ORIGIN.names[0]))
    batches = runs.to_batches(columns=["config_hash"], filter=there)
    return key_set.union(key_set.arrow_keys(batch["config_hash"]) for batch in batches)


def own(root: Root, experiment: Experiment) -> Ints:
    """Numbers of all runs that an experiment has committed, copies left out."""

    def read(runs: Dataset) -> Ints:
        none = pc.is_null(pc.field(ORIGIN.names[0]))
        numbers: Ints = runs.to_table(columns=["run"], filter=none)["run"].to_numpy()
        return numbers

    return Shelf(root).read(experiment.id, read, committed=True)
