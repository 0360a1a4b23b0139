"""Whether everything in a store is what was written: records, files, ledger, registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from store import audit, chain, parquet, places
from store import experiment as records
from store.columns import ERRORS, TRIED, check_columns, check_version
from store.edits import read_edits
from store.errors import DamagedFile, StoreError
from store.experiment import Experiment
from store.paths import experiments_folder, is_name, ledger_folder, run_file

STATUSES = ("done", "pruned")


@dataclass(slots=True)
class Verified:
    """What was looked at, and what is wrong with it.

    Attributes:
        experiments: records that were read.
        files: Parquet files, each compared with its SHA-256.
        rows: in those.
        faults: a line each; empty when all is well.
    """

    experiments: int = 0
    files: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)


def verify(root: places.Root) -> Verified:
    """Look at every experiment, at the ledger and at the registry."""
    found, folder = Verified(), experiments_folder(root)
    for name in filter(is_name, sorted(places.names(folder))):
        _look_at(root, name, found)
    if found.faults:  # the ledger can be compared with sound runs only
        found.faults += chain.inspect(ledger_folder(root))[1]
    else:
        _note(found, lambda: found.faults.extend(audit.verify(root)))
    _note(found, lambda: read_edits(root))
    return found


def verify_experiment(root: places.Root, experiment_id: str) -> Verified:
    """Look at the record and the files of one experiment."""
    found = Verified()
    _look_at(root, experiment_id, found)
    return found


def lines(found: Verified) -> list[str]:
    """The faults, and what was looked at."""
    seen = f"{found.experiments:,} experiments, {found.files:,} files, {found.rows:,} rows"
    said = f"{len(found.faults):,} faults" if found.faults else "everything is as it was written"
    return [*found.faults, f"{seen}: {said}."]


def _note(found: Verified, look: Callable[[], object]) -> None:
    """Add what a look at something raises to the faults."""
    try:
        look()
    except StoreError as error:
        found.faults.append(str(error))


def _look_at(root: places.Root, experiment_id: str, found: Verified) -> None:
    try:
        experiment = records.load(root, experiment_id)
    except StoreError as error:
        found.faults.append(str(error))
        return
    found.experiments += 1
    runs: list[Any] = []
    for name, entry in experiment.files.items():
        _note(found, partial(_file, root, experiment, name, entry, runs))
        found.files += 1
        found.rows += entry["rows"]
    numbers, counts = np.unique(np.concatenate([[], *runs]), return_counts=True)
    if (counts > 1).any():
        again = int(numbers[counts > 1][0])
        found.faults.append(f"{experiment_id}: run {again} comes {counts.max()} times")


def _file(
    root: places.Root, experiment: Experiment, name: str, entry: Mapping[str, Any], runs: list[Any]
) -> None:
    """Check one listed file; add the numbers of its runs to `runs`."""
    path = run_file(root, experiment.id, name)
    parquet.require_whole(path, entry)
    with parquet.naming(path):
        system, inside = places.arrow(path)
        schema = pq.read_schema(inside, filesystem=system)
        _check_schema(schema, path, errors=name.startswith("errors/"))
        rows = pq.read_table(inside, columns=["experiment_id", "run"], filesystem=system)
    if len(rows) != entry["rows"]:
        raise DamagedFile(f"{path}: has {len(rows)} rows, its record says {entry['rows']}")
    if set(rows["experiment_id"].unique().to_pylist()) - {experiment.id}:
        raise DamagedFile(f"{path}: has rows of another experiment")
    if name.startswith("errors/"):
        return
    column = pq.read_table(inside, columns=["status"], filesystem=system)["status"]
    statuses = column.unique().to_pylist()
    if unknown := sorted(set(statuses) - set(STATUSES)):
        raise DamagedFile(f"{path}: a run is done or pruned, got status {unknown[0][:60]!r}")
    runs.append(rows["run"].to_numpy())


def _check_schema(schema: Any, path: places.Place, *, errors: bool) -> None:
    if not errors:
        check_columns(schema, path)
        return
    check_version(schema, path)
    expected = [one for one in ERRORS if one.name != TRIED.name or TRIED.name in schema.names]
    if [(one.name, one.type) for one in schema] != [(one.name, one.type) for one in expected]:
        raise DamagedFile(f"{path}: has not the columns of error rows")
