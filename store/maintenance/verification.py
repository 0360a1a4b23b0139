"""Everything in a store is what was written: records, files, ledger, registry, ingested data."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from store.data import bar_store as data_kept
from store.data.bars import fingerprint
from store.errors import DamagedFile, StoreError
from store.files import backend, hash_chain
from store.files.arrow_types import Schema
from store.files.leftovers import remains
from store.files.paths import (
    data_folder,
    experiment_folder,
    experiments_folder,
    is_name,
    known_file,
    ledger_folder,
    registry_file,
    run_file,
)
from store.ledger import ledger
from store.ledger import verify as audit
from store.query.annotations import read_edits
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs import key_set, parquet
from store.runs.blocks import finished, read_block
from store.runs.columns import ERRORS, TRIED, check_columns, check_version

STATUSES = ("done", "pruned")
_REMAINS = (
    "a sweep was killed as it made this folder, nothing is in it; a sweep removes it after an hour"
)


@dataclass(slots=True)
class Verified:
    """Contents that were verified, and their faults.

    Attributes:
        experiments: records that were read.
        files: Parquet files, each compared with its SHA-256.
        rows: in those.
        kept: other files of experiments, which a sweep needs to go on.
        entries: of the ledger.
        data: records and files of bars and features in `data/`.
        registry: whether there is one.
        faults: a line each; empty when all is well.
        notes: what is no fault, a line each.
    """

    experiments: int = 0
    files: int = 0
    rows: int = 0
    kept: int = 0
    entries: int = 0
    data: int = 0
    registry: bool = False
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def verify(root: backend.Root) -> Verified:
    """Look at every experiment, at the ledger, at the registry and at what was ingested."""
    verified, folder = Verified(), experiments_folder(root)
    empty = {path.name for path in remains(root)}
    for name in filter(is_name, sorted(backend.names(folder))):
        if name in empty:
            verified.notes.append(f"{folder / name}: {_REMAINS}")
        else:
            _look_at(root, name, verified)
    if verified.faults:  # the ledger can be compared with sound runs only
        verified.faults += hash_chain.inspect(ledger_folder(root))[1]
    else:
        _note(verified, lambda: verified.faults.extend(audit.verify(root)))
    verified.entries = len(hash_chain.inspect(ledger_folder(root))[0])
    _note(verified, lambda: read_edits(root))
    _note(verified, lambda: verified.faults.extend(_looks(root)))
    verified.registry = bool(os.environ.get("DATABASE_URL")) or registry_file(root).exists()
    if isinstance(backend.place(root), Path):
        _data(Path(str(root)), verified)
    return verified


def _looks(root: backend.Root) -> list[str]:
    """A registry that lacks looks at holdouts which the ledger holds."""
    looks = [entry.look for entry in ledger.entries(root) if entry.look is not None]
    if not looks:
        return []
    from store.registry import open_registry  # late: 0.3 s, for stores that were judged

    kept = Counter((use.experiment, use.config_hash) for use in open_registry(root).holdout_uses())
    lost = Counter((look.experiment, look.config_hash) for look in looks) - kept
    if not (n := lost.total()):
        return []
    many = "1 look" if n == 1 else f"{n:,} looks"
    return [
        f"registry: lacks {many} at holdouts that the ledger holds: it was lost, or emptied; "
        "`python -m promote repair` puts them back"
    ]


def verify_experiment(root: backend.Root, experiment_id: str) -> Verified:
    """Look at the record and the files of one experiment."""
    verified = Verified()
    _look_at(root, experiment_id, verified)
    return verified


def lines(verified: Verified) -> list[str]:
    """The faults, and what was looked at."""
    seen = f"{verified.experiments:,} experiments, {verified.files:,} files, {verified.rows:,} rows"
    also = {
        f"{verified.kept:,} files to go on from": verified.kept,
        f"{verified.entries:,} ledger entries": verified.entries,
        "the registry": verified.registry,
        f"{verified.data:,} records and files of ingested data": verified.data,
    }
    seen = ", ".join([seen, *(words for words, count in also.items() if count)])
    text = (
        f"{len(verified.faults):,} faults" if verified.faults else "everything is as it was written"
    )
    notes = [f"Note: {note}" for note in verified.notes]
    return [*verified.faults, *notes, f"{seen}: {text}."]


def _note(verified: Verified, look: Callable[[], object]) -> None:
    """Add what a look at something raises to the faults."""
    try:
        look()
    except StoreError as error:
        verified.faults.append(str(error))


def _look_at(root: backend.Root, experiment_id: str, verified: Verified) -> None:
    try:
        experiment = records.load(root, experiment_id)
    except StoreError as error:
        verified.faults.append(str(error))
        return
    verified.experiments += 1
    _kept(root, experiment, verified)
    runs: list[object] = []
    for name, entry in experiment.files.items():
        _note(verified, partial(_file, root, experiment, name, entry, runs))
        verified.files += 1
        verified.rows += entry.rows
    numbers, counts = np.unique(np.concatenate([[], *runs]), return_counts=True)
    if (counts > 1).any():
        again = int(numbers[counts > 1][0])
        verified.faults.append(f"{experiment_id}: run {again} comes {counts.max()} times")


def _kept(root: backend.Root, experiment: Experiment, verified: Verified) -> None:
    """Look at the files without runs: known keys, proposals and survivors, with no number left out.

    Each carries checksums of its own.
    """
    folder = experiment_folder(root, experiment.id)
    completed = known_file(root, experiment.id)
    if completed.exists():
        _note(verified, partial(key_set.read, completed))
        verified.kept += 1
    for kind in ("proposals", "survivors"):
        for cell in sorted(backend.names(folder / kind)):
            numbers = finished(folder / kind / cell)
            for number in range(kind == "survivors", max(numbers, default=-1) + 1):
                _note(verified, partial(read_block, folder / kind / cell, number))
            verified.kept += len(numbers)


def _data(root: Path, verified: Verified) -> None:
    """Look at all that was ingested: every record, and every version of bars and features."""
    named = set[str]()
    for kind in ("bars", "features"):
        for path in sorted(data_folder(root, kind).glob("[!.]*.json")):
            _note(verified, partial(_data_record, root, path, named))
            verified.data += 1
    files = {path.stem for path in (root / "data" / "files").glob("[!.]*.parquet")}
    for name in sorted(files | named):
        _note(verified, partial(data_kept.read, root, name, "earlier bars"))
    verified.data += len(files)
    if files - named:
        verified.notes.append(
            f"{root / 'data'}: no record names {len(files - named):,} of its files: data that were "
            "replaced, or whose record is gone"
        )


def _data_record(root: Path, path: Path, named: set[str]) -> None:
    """Check a record of bars or of a feature against its file; note the file as named."""
    record = data_kept.load_record(path)
    named.add(record.file)
    frame = data_kept.read(root, record.file, record.name)
    if fingerprint(frame.select_dtypes("number")) != record.fingerprint:
        raise DamagedFile(f"{path}: its fingerprint is not that of its file; {data_kept.AGAIN}")


def _file(
    root: backend.Root, experiment: Experiment, name: str, entry: FileRecord, runs: list[object]
) -> None:
    """Check one listed file; add the numbers of its runs to `runs`."""
    path = run_file(root, experiment.id, name)
    parquet.require_whole(path, entry)
    with parquet.naming(path):
        system, inside = backend.arrow(path)
        schema = pq.read_schema(inside, filesystem=system)
        _check_schema(schema, path, errors=name.startswith("errors/"))
        rows = pq.read_table(inside, columns=["experiment_id", "run"], filesystem=system)
    if len(rows) != entry.rows:
        raise DamagedFile(f"{path}: has {len(rows)} rows, its record says {entry.rows}")
    if set(rows["experiment_id"].unique().to_pylist()) - {experiment.id}:
        raise DamagedFile(f"{path}: has rows of another experiment")
    if name.startswith("errors/"):
        return
    column = pq.read_table(inside, columns=["status"], filesystem=system)["status"]
    statuses = column.unique().to_pylist()
    if unknown := sorted(set(statuses) - set(STATUSES)):
        raise DamagedFile(f"{path}: a run is done or pruned, got status {unknown[0][:60]!r}")
    runs.append(rows["run"].to_numpy())


def _check_schema(schema: Schema, path: backend.Place, *, errors: bool) -> None:
    if not errors:
        check_columns(schema, path)
        return
    check_version(schema, path)
    expected = [
        column for column in ERRORS if column.name != TRIED.name or TRIED.name in schema.names
    ]
    if [(column.name, column.type) for column in schema] != [
        (column.name, column.type) for column in expected
    ]:
        raise DamagedFile(f"{path}: has not the columns of error rows")
