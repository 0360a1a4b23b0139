"""Merging an experiment's blocks into one file, sorted by what the search looked for.

Ten thousand small files make a query 10 to 80 times slower than one. The steps, in this order:
the merged file is written and synced; the record is switched to it; the old files are dropped.
Killed between any two of them, readers see all old files or the new one, never a mixture, and
compacting again finishes the work.

Memory stays bounded however many runs there are. First only the sort keys are read (16 bytes a
run), which gives each run its rank; then every row is scattered to the spill file of its part of
the ranks; then each part is sorted by itself. 1,000,000 runs took 1.3 GB, 4,000,000 took 1.2 GB.
"""

import contextlib
import dataclasses
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from store import durable, parquet, places
from store.blocks import block_path
from store.catalogue import merged, ranges, with_committed
from store.experiment import Experiment, load, objective, save
from store.layout import Layout
from store.paths import experiment_folder, run_file
from store.places import Root
from store.ranking import configuration_scores

PART_ROWS = 10 * parquet.ROW_GROUP
"""Rows that are sorted at a time: about 170 MB, a few times over."""

_RANK = "rank"
_MERGED = re.compile(r"runs(?:-(\d+))?\.parquet")


def compact(root: Root, experiment_id: str) -> Experiment:
    """Merge every committed block into `runs.parquet`; to be called by the sweep's one driver.

    Rows come best first by the search's metric, NaN last, ties by run number. With several windows
    a configuration's rows stay together, in the place of its mean over the train windows.

    Returns:
        The experiment as its record is now.

    Raises:
        DamagedFile: an input is not what was written. Nothing has been changed then.
    """
    before = load(root, experiment_id)
    listed = with_committed(root, before)
    inputs = [name for name in listed.files if not name.startswith("errors/")]
    if [name for name in inputs if name.startswith("blocks/")]:
        listed = _merge(root, listed, inputs)
    if listed != before:
        save(root, listed)
    _drop_unlisted(root, listed)
    return listed


def _merge(root: Root, experiment: Experiment, inputs: Sequence[str]) -> Experiment:
    """Write the merged file; return the experiment that lists it in place of its inputs."""
    paths = [run_file(root, experiment.id, name) for name in inputs]
    target = run_file(root, experiment.id, _next_name(inputs))
    metric, descending = objective(experiment)
    with places.local_copies(paths) as copies, places.draft(target) as draft:
        for name, path, copy in zip(inputs, paths, copies, strict=True):
            with parquet.naming(path):
                parquet.check_whole(path, experiment.files[name], copy)
        layout = Layout.of(experiment.groups)
        rows = _write_sorted(copies, metric, descending, layout, draft)
        assert rows == sum(experiment.files[name]["rows"] for name in inputs)
        entry = {
            "rows": rows,
            "bytes": draft.stat().st_size,
            "sha256": parquet.file_digest(draft),
            "footer": parquet.footer_digest(draft),
            "blocks": ranges(merged(experiment) | _numbers(inputs)),
        }
        places.publish(draft, target)
    errors = {name: file for name, file in experiment.files.items() if name not in inputs}
    return dataclasses.replace(experiment, files={target.name: entry, **errors})


def _next_name(inputs: Sequence[str]) -> str:
    """A name that no listed file has: files are never edited, not even by the next compaction."""
    taken = [_MERGED.fullmatch(name) for name in inputs]
    last = max((int(match[1] or 1) for match in taken if match), default=0)
    return f"runs-{last + 1}.parquet" if last else "runs.parquet"


def _numbers(inputs: Sequence[str]) -> set[int]:
    return {int(Path(name).stem) for name in inputs if name.startswith("blocks/")}


def _write_sorted(
    paths: Sequence[Path], metric: str, descending: bool, layout: Layout, draft: Path
) -> int:
    """Write all rows of `paths` to `draft`, best first; return how many."""
    schema = pa.unify_schemas(
        [pq.read_schema(path) for path in paths], promote_options="permissive"
    )
    if metric not in schema.names:
        raise ValueError(f"search.metric: the runs have no column {metric!r}")
    ranks = _ranks(paths, metric, descending, layout)
    with (
        durable.temporary(draft.with_name("spill")) as spill,
        pq.ParquetWriter(draft, schema, **parquet.writer_options(schema)) as writer,
    ):
        spill.mkdir()
        _scatter(paths, schema, ranks, spill)
        for part in _sorted_parts(spill, len(ranks)):
            writer.write_table(part, row_group_size=parquet.ROW_GROUP)
    return len(ranks)


def _ranks(
    paths: Sequence[Path], metric: str, descending: bool, layout: Layout
) -> NDArray[np.int64]:
    """Place of every row, in the order of the files, among all of them: 0 is the best."""
    tables = [
        pq.read_table(path, columns=[metric, "run"], page_checksum_verification=True)
        for path in paths
    ]
    score = np.concatenate([table[metric].to_numpy().astype(np.float64) for table in tables])
    run = np.concatenate([table["run"].to_numpy() for table in tables])
    score = configuration_scores(layout, run, score)
    ranks = np.empty(len(run), np.int64)
    ranks[np.lexsort((run, -score if descending else score))] = np.arange(len(run))
    return ranks


def _scatter(paths: Sequence[Path], schema: Any, ranks: NDArray[np.int64], spill: Path) -> None:
    """Append every row, with its rank, to the spill file of its part."""
    spilled = schema.append(pa.field(_RANK, pa.int64()))
    with contextlib.ExitStack() as stack:
        writers = [
            stack.enter_context(pa.ipc.new_stream(_part(spill, number), spilled))
            for number in range(_parts(len(ranks)))
        ]
        offset = 0
        for table in _chunks(paths, schema):
            rank = ranks[offset : offset + len(table)]
            offset += len(table)
            table = table.append_column(_RANK, pa.array(rank))
            for number in np.unique(rank // PART_ROWS):
                rows = np.flatnonzero(rank // PART_ROWS == number)
                writers[number].write_table(table.take(rows).cast(spilled))


def _chunks(paths: Sequence[Path], schema: Any) -> Iterator[Any]:
    """The rows of all files in their order, as tables of the common schema."""
    for path in paths:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for batch in file.iter_batches(batch_size=parquet.ROW_GROUP):
                yield _conform(pa.Table.from_batches([batch]), schema)


def _conform(table: Any, schema: Any) -> Any:
    """The table with every column of the schema; null where it had none."""
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


def _sorted_parts(spill: Path, rows: int) -> Iterator[Any]:
    """The parts in their order, each sorted by rank."""
    for number in range(_parts(rows)):
        path = _part(spill, number)
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
            order = np.argsort(table[_RANK].to_numpy())
            yield table.drop_columns(_RANK).combine_chunks().take(order)
        path.unlink()


def _parts(rows: int) -> int:
    return -(-rows // PART_ROWS)


def _part(spill: Path, number: int) -> Path:
    return spill / f"{number:06d}.arrow"


def _drop_unlisted(root: Root, experiment: Experiment) -> None:
    """Remove what is merged and no longer listed, and what killed writers left."""
    folder = experiment_folder(root, experiment.id)
    # By number, not by glob: a straggler may have committed a block since the record was made.
    old = [f"blocks/{block_path(folder, number).name}" for number in merged(experiment)]
    merged_files = [name for name in places.names(folder) if _MERGED.fullmatch(name)]
    unlisted = [name for name in [*old, *merged_files] if name not in experiment.files]
    places.each(lambda name: (folder / name).unlink(missing_ok=True), unlisted, folder)
    for part in (folder, folder / "blocks", folder / "errors"):
        places.sweep_temporaries(part)
