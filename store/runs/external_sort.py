"""Writing the rows of many files as one file, best first, on several cores and in little memory.

Three passes. Each file is compared with its SHA-256 while its sort keys are read, 16 bytes a run,
which give every run its rank. Then all rows are decoded: up to PART_ROWS they stay in memory, more
are scattered to a spill file per part of the ranks. Then each part is written in the order of its
ranks, a row group at a time: while one is compressed the next ones are gathered and the one before
is hashed. Whatever can be done next to the rest is: Arrow and hashlib let other threads run.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from store.files import local
from store.files.arrow_types import Schema, Table
from store.files.backend import Place
from store.records.files import FileRecord
from store.records.run_numbering import Layout
from store.runs import parquet
from store.runs.metric_order import goodness
from store.runs.parquet_writer import write_tables
from store.runs.ranking import configuration_scores
from store.runs.requirement import NONE, Requirement
from store.runs.row_groups import THREADS, RowGroup, ahead, common_schema, portions, row_groups

PART_ROWS = 10 * parquet.ROW_GROUP
"""Rows that are sorted at a time: 170 MB with their block sums."""

_RANK = "rank"

Ints = NDArray[np.int64]
Files = Sequence[tuple[Path, object]]
"""Local files, each with its pq.FileMetaData."""


class Source(NamedTuple):
    """A file whose rows are wanted: its place, a local copy, and its entry in the record."""

    place: Place
    copy: Path
    entry: FileRecord


def write_sorted(
    sources: Sequence[Source],
    metric: str,
    descending: bool,
    layout: Layout,
    draft: Path,
    require: Requirement = NONE,
) -> FileRecord:
    """Write all rows of some files to `draft`, best first.

    Args:
        sources: the files.
        metric: that ranks a run; infinities rank last but for NaN, ties are ranked by run number.
        descending: whether the highest value is the best.
        layout: of the experiment; the runs of one configuration stay together, in the place of its
            mean over the train windows.
        draft: a file that is not there yet; spill files lie next to it.
        require: what does not meet it ranks last, as NaN does.

    Returns:
        The entry of what was written: rows, bytes, sha256 and footer.

    Raises:
        DamagedFile: a source is not what was written.
        ValueError: no source has the metric.
    """
    with ThreadPoolExecutor(THREADS) as pool:
        files = [
            (source.copy, checked)
            for source, checked in zip(sources, pool.map(_checked, sources), strict=True)
        ]
        schema = common_schema(metadata for _, metadata in files)
        if metric not in schema.names:
            raise ValueError(f"search.metric: the runs have no column {metric!r}")
        ranks = _ranks(pool, files, metric, descending, layout, require)
        with local.temporary(draft.with_name("spill")) as spill:
            spill.mkdir()
            tables = _decoded(pool, files, schema, ranks)
            small = len(ranks) <= PART_ROWS
            parts = [list(tables)] if small else _scattered(tables, schema, len(ranks), spill)
            groups = (
                group
                for number, part in enumerate(parts)
                for group in _in_order(pool, part, number * PART_ROWS)
            )
            return write_tables(groups, schema, draft)


def _checked(source: Source) -> object:
    """The pq.FileMetaData of a file that is compared with its SHA-256."""
    with parquet.naming(source.place):
        parquet.check_whole(source.place, source.entry, source.copy)
        return pq.read_metadata(source.copy)


def _ranks(
    pool: ThreadPoolExecutor,
    files: Files,
    metric: str,
    descending: bool,
    layout: Layout,
    require: Requirement,
) -> Ints:
    """Place of every row, in the order of the files, among all of them: 0 is the best."""

    def keys(opened: tuple[Path, object]) -> Any:
        path, metadata = opened
        with pq.ParquetFile(path, metadata=metadata, page_checksum_verification=True) as file:
            names = dict.fromkeys([metric, "run", *require.columns(file.schema_arrow)])
            return file.read(list(names), use_threads=False)

    tables = list(pool.map(keys, files))
    score = np.concatenate([table[metric].to_numpy().astype(np.float64) for table in tables])
    run = np.concatenate([table["run"].to_numpy() for table in tables])
    score = configuration_scores(layout, run, score)
    if require:
        score = require.ranked(score, pa.concat_tables(tables), layout)
    ranks = np.empty(len(run), np.int64)
    ranks[np.lexsort((run, -goodness(score, descending)))] = np.arange(len(run))
    return ranks


def _decoded(
    pool: ThreadPoolExecutor, files: Files, schema: Schema, ranks: Ints
) -> Iterator[Table]:
    """All rows in tables of about a row group, each with its ranks and sorted by them."""

    def read(groups: Sequence[RowGroup]) -> Table:
        start = groups[0].start
        table: Table = pa.concat_tables([group.read(schema) for group in groups])
        rank = ranks[start : start + len(table)]
        return table.append_column(_RANK, pa.array(rank)).take(np.argsort(rank))

    return ahead(pool, read, portions(row_groups(files)))


def _scattered(
    tables: Iterable[Table], schema: Schema, rows: int, spill: Path
) -> Iterator[list[Table]]:
    """The tables cut into parts of PART_ROWS ranks, by way of a file for each part."""
    spilled = schema.append(pa.field(_RANK, pa.int64()))
    files = [spill / f"{start:012d}.arrow" for start in range(0, rows, PART_ROWS)]
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_stream(file, spilled)) for file in files]
        edges = np.arange(len(files) + 1) * PART_ROWS
        for table in tables:
            for writer, cut in zip(writers, _cut(table, edges), strict=True):
                writer.write_table(cut)
    for path in files:
        with pa.memory_map(str(path)) as file, pa.ipc.open_stream(file) as stream:
            yield [pa.Table.from_batches([batch]) for batch in stream]
        path.unlink()


def _cut(table: Table, edges: Ints) -> list[Table]:
    """Cuts of a table sorted by rank, between each two ranks that follow each other."""
    stops = np.searchsorted(table[_RANK].to_numpy(), edges)
    return [table.slice(start, stop - start) for start, stop in itertools.pairwise(stops)]


def _in_order(pool: ThreadPoolExecutor, part: Sequence[Any], first: int) -> Iterator[Any]:
    """The rows of a part's tables by rank, `first` being the lowest, a row group at a time."""
    last = first + sum(map(len, part))
    edges = np.append(np.arange(first, last, parquet.ROW_GROUP), last)

    def gather(cuts: Sequence[object]) -> object:
        table = pa.concat_tables(cuts).combine_chunks()
        return table.drop_columns(_RANK).take(np.argsort(table[_RANK].to_numpy()))

    return ahead(pool, gather, zip(*(_cut(table, edges) for table in part), strict=True))
