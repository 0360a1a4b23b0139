"""Merging small blocks while their sweep still runs, a hundred of them at a time.

A query opens every file that the record lists, at a millisecond each: 1,000 blocks of 250 rows take
it forty times as long as one file of the same rows. So whenever there are more than MANY small
blocks, MANY of them become one segment. The steps, in this order: the segment is written and
synced; the record is switched to it; the blocks are dropped when the next segment is made, so that
a reader of the earlier record has time. Killed between any two of them, nothing is lost or
counted twice; what is left over goes when the sweep ends.

Blocks that are large already stay as they are until then: their files are no slower to read, and
to write them again while all cores are busy would cost what it saves.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store.files import backend
from store.files.arrow_types import Schema, Table
from store.files.backend import Root
from store.files.paths import experiment_folder, run_file
from store.records.experiment import Experiment
from store.runs import parquet
from store.runs.blocks import conflict, finished, read_block
from store.runs.manifest import ranges
from store.runs.parquet_writer import write_tables
from store.runs.row_groups import common_schema, conform, portions, row_groups

MANY = 100
"""Small blocks from which on some are merged, and how many at a time."""

SMALL_ROWS = parquet.ROW_GROUP // 10
"""Rows below which a block is small: to merge it takes about a hundredth of its own work."""


def gather(root: Root, experiment: Experiment) -> Experiment:
    """Merge the lowest small blocks when there are more than MANY; to be called by the driver.

    Returns:
        The experiment that lists the segment instead of them, to be saved before they are dropped;
        or the same experiment.

    Raises:
        DamagedFile: a block is not what was written.
    """
    small = [
        name
        for name, file in experiment.files.items()
        if name.startswith("blocks/") and file.rows < SMALL_ROWS
    ]
    if len(small) <= MANY:
        return experiment
    names = sorted(small, key=lambda name: int(Path(name).stem))[:MANY]
    target = run_file(root, experiment.id, f"segments/{Path(names[0]).name}")
    backend.make_folder(target.parent)
    paths = [run_file(root, experiment.id, name) for name in names]
    with backend.local_copies(paths) as copies, backend.draft(target) as draft:
        for name, path, copy in zip(names, paths, copies, strict=True):
            parquet.check_whole(path, experiment.files[name], copy)
        entry = write_tables(*_tables(copies), draft)
        backend.publish(draft, target)
    blocks = ranges(int(Path(name).stem) for name in names)
    entry = dataclasses.replace(entry, blocks=tuple(blocks))
    left = {name: file for name, file in experiment.files.items() if name not in names}
    segments = {name: file for name, file in left.items() if name.startswith("segments/")}
    files = {**segments, f"segments/{target.name}": entry, **left}
    return dataclasses.replace(experiment, files=files)


def _tables(paths: Sequence[Path]) -> tuple[Iterator[Table], Schema]:
    """The rows of some files in their order, about a row group at a time; and their schema."""
    files = [(path, pq.read_metadata(path)) for path in paths]
    schema = common_schema(metadata for _, metadata in files)
    tables = (
        pa.concat_tables([group.read(schema) for group in portion]).combine_chunks()
        for portion in portions(row_groups(files))
    )
    return tables, schema


def drop(root: Root, experiment_id: str, names: Sequence[str]) -> None:
    """Remove blocks that no record lists any more."""
    paths = [run_file(root, experiment_id, name) for name in names]
    backend.each(lambda path: path.unlink(missing_ok=True), paths, backend.place(root))


def check_late(root: Root, experiment: Experiment) -> None:
    """Compare blocks that lie there, and are in a segment, with their rows in it.

    They were left over by a kill, or a worker that was given up has come late.

    Raises:
        BlockConflict: a block holds other rows.
        DamagedFile: a file is not what was written.
    """
    folder = experiment_folder(root, experiment.id) / "blocks"
    there = set(finished(folder))
    for name, entry in experiment.files.items():
        late = sorted(there & entry.block_numbers) if name.startswith("segments/") else []
        if not late:
            continue
        path = run_file(root, experiment.id, name)
        with backend.local_copies([path]) as (copy,):
            parquet.check_whole(path, entry, copy)
            merged = pq.read_table(copy)
        for number in late:
            rows = conform(read_block(folder, number), merged.schema)
            kept = merged.filter(pc.is_in(merged["run"], rows["run"].combine_chunks()))
            if parquet.encode(rows) != parquet.encode(kept):
                raise conflict(folder, number, len(rows))
