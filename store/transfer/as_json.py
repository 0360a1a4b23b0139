"""One JSON file of one experiment: its record, its tags and notes, a line per run, a checksum.

It is written and read line by line, so memory does not grow with the runs. The last line is the
SHA-256 of all before it: a file that was cut short or edited is refused.
"""

import dataclasses
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from store.errors import DamagedFile, StoreError
from store.files import local as durable
from store.files.arrow_types import Dataset
from store.files.backend import Root, local
from store.files.paths import experiment_folder, run_file
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs import parquet
from store.runs.blocks import BlockFile, read_block, write_block
from store.runs.columns import ERRORS, check_columns, metadata, metrics_of
from store.runs.manifest import done_blocks, entry, ranges
from store.runs.reader import Shelf
from store.transfer import arrow_json

VERSION = 1
"""Of the file's form."""

_RUNS = b'"runs": [\n'
_END = b"],\n"
_SUM = b'"sha256": "'
_FIELDS: dict[str, type] = {
    "record": dict,
    "edits": dict,
    "blocks": list,
    "errors": dict,
    "columns": dict,
}
_FIELDS |= {"sweeper_export": int, "metrics": list}
_WRITTEN_ROWS = 5_000


def write(root: Root, experiment: Experiment, edits: Mapping[str, object], draft: Path) -> None:
    """Write an experiment of a store, and what was edited about it, to a new file."""

    def action(runs: Dataset) -> None:
        digest = hashlib.sha256()
        with draft.open("wb") as file:
            for line in _lines(root, experiment, edits, runs):
                digest.update(line)
                file.write(line)
            file.write(_SUM + digest.hexdigest().encode() + b'"\n}\n')

    Shelf(root).read(experiment.id, action)


def _lines(
    root: Root, experiment: Experiment, edits: Mapping[str, object], runs: Dataset
) -> Iterator[bytes]:
    head = {
        "sweeper_export": VERSION,
        "record": experiment.to_json(),
        "edits": edits,
        "blocks": ranges(done_blocks(root, experiment)),
        "errors": _errors(root, experiment),
        "columns": {field.name: arrow_json.type_name(field.type) for field in runs.schema},
        "metrics": list(metrics_of(runs.schema)),
    }
    yield b"{\n"
    for name, value in head.items():
        yield f"{json.dumps(name)}: {json.dumps(value, allow_nan=False)},\n".encode()
    yield _RUNS
    batches = runs.to_batches(batch_size=_WRITTEN_ROWS, batch_readahead=1, fragment_readahead=1)
    comma = ""
    for row in itertools.chain.from_iterable(map(arrow_json.to_rows, batches)):
        yield f"{comma}{json.dumps(row, allow_nan=False)}".encode()
        comma = ",\n"
    yield (b"\n" if comma else b"") + _END


def _errors(root: Root, experiment: Experiment) -> dict[str, object]:
    """The error rows by the number of their block."""
    folder = experiment_folder(root, experiment.id) / "errors"
    numbers = [int(Path(name).stem) for name in experiment.files if name.startswith("errors/")]
    tables = {number: read_block(folder, number) for number in numbers}
    return {str(number): arrow_json.to_rows(table) for number, table in tables.items()}


def read(path: Path, stage: Path) -> tuple[Experiment, dict[str, object]]:
    """Put the experiment in a file that `write` made into a store of its own.

    Args:
        path: of the file.
        stage: root of a store that is not published yet.

    Returns:
        The experiment, as recorded there; and what was edited about it, as JSON.

    Raises:
        DamagedFile: the file is not what was written.
    """
    _check_sum(path)
    with path.open("rb") as file:
        head = _head(path, itertools.takewhile(lambda line: line != _RUNS, file))
        experiment = records.parse(path, json.dumps(head["record"]).encode())
        folder = local(experiment_folder(stage, experiment.id))
        durable.make_folder(folder)
        try:
            files = _write_errors(folder, head["errors"])
            files |= _write_runs(stage, experiment, head, file)
        except DamagedFile as error:
            raise DamagedFile(f"{path}: {error}") from error
    kept = dataclasses.replace(experiment, files=files)
    records.save(stage, kept)
    return kept, head["edits"]


def _check_sum(path: Path) -> None:
    """Raise unless the last lines hold the SHA-256 of those before."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for line in file:
            if line.startswith(_SUM):
                rest = file.read(3)
                break
            digest.update(line)
        else:
            raise DamagedFile(f"{path}: is no export, or was cut short: its last line is missing")
    if line != _SUM + digest.hexdigest().encode() + b'"\n' or rest != b"}\n":
        raise DamagedFile(f"{path}: was changed since it was exported; export it again")


def _head(path: Path, lines: Iterator[bytes]) -> dict[str, Any]:
    """All but the runs."""
    try:
        head = json.loads(b"".join(lines) + _RUNS.rstrip() + b"]}")
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path}: is no export ({error})") from error
    version = head.get("sweeper_export")
    if isinstance(version, int) and version > VERSION:
        raise StoreError(f"{path}: has form {version}, this checkout reads up to {VERSION}")
    for name, kind in _FIELDS.items():
        if not isinstance(head.get(name), kind):
            raise DamagedFile(f"{path}: is no export: {name} has to be a {kind.__name__}")
    return dict(head)


def _write_errors(folder: Path, errors: Mapping[str, object]) -> dict[str, Any]:
    files: dict[str, BlockFile] = {}
    for number, rows in errors.items():
        if not number.isdecimal() or not isinstance(rows, list):
            raise DamagedFile("errors: has to have a list of rows per number of a block")
        file = write_block(folder / "errors", int(number), arrow_json.to_table(rows, ERRORS))
        files[file.name] = file
    return {name: entry(file) for name, file in files.items()}


def _write_runs(
    stage: Path, experiment: Experiment, head: Mapping[str, Any], lines: Iterator[bytes]
) -> dict[str, object]:
    """Write `runs.parquet` from the lines of the runs; what the record holds of it."""
    schema = _schema(head)
    target = local(run_file(stage, experiment.id, "runs.parquet"))
    count = 0
    with pq.ParquetWriter(target, schema, **parquet.writer_options(schema)) as writer:
        for rows in _batches(lines):
            writer.write_table(arrow_json.to_table(rows, schema), row_group_size=parquet.ROW_GROUP)
            count += len(rows)
    if not count:
        target.unlink()
        return {}
    merged_file = FileRecord(
        rows=count,
        bytes=target.stat().st_size,
        sha256=parquet.file_digest(target),
        footer=parquet.footer_digest(target),
        blocks=_ranges(head["blocks"]),
    )
    return {target.name: merged_file}


def _schema(head: Mapping[str, Any]) -> Any:
    metrics = head["metrics"]
    if not all(isinstance(name, str) for name in metrics):
        raise DamagedFile("metrics: has to be a list of names")
    try:
        schema = arrow_json.schema_of(head["columns"].items(), metadata(tuple(metrics)))
    except (TypeError, ValueError) as error:
        raise DamagedFile(f"columns: {error}") from error
    check_columns(schema, "columns")
    return schema


def _batches(lines: Iterator[bytes]) -> Iterator[Sequence[object]]:
    """The rows on the lines up to the end of the list, some at a time."""
    rows = (json.loads(line.rstrip(b",\n")) for line in itertools.takewhile(_is_row, lines))
    while batch := list(itertools.islice(rows, parquet.ROW_GROUP)):
        yield batch


def _is_row(line: bytes) -> bool:
    return line != _END


def _ranges(blocks: Sequence[object]) -> tuple[tuple[int, int], ...]:
    ranges = [
        (block[0], block[1])
        for block in blocks
        if isinstance(block, list)
        and len(block) == 2
        and all(type(number) is int for number in block)
        and 0 <= block[0] <= block[1]
    ]
    if len(ranges) < len(blocks):
        raise DamagedFile("blocks: has to be a list of [first, last]")
    return tuple(ranges)
