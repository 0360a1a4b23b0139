"""Reading Parquet files row group by row group, some of them ahead of the reader."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from store.files.arrow_types import Schema, Table
from store.runs import parquet

THREADS = min(4, os.cpu_count() or 1)

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class RowGroup:
    """One row group of one of several files.

    Attributes:
        path: of the file.
        number: of the row group in it.
        start: rows of the files and row groups before it.
        rows: in it.
        metadata: of the file.
    """

    path: Path
    number: int
    start: int
    rows: int
    metadata: object

    def read(self, schema: Schema) -> Table:
        """Rows as a pa.Table of `schema`, page checksums verified."""
        with pq.ParquetFile(
            self.path, metadata=self.metadata, page_checksum_verification=True
        ) as file:
            table = file.read_row_group(self.number, use_threads=False)
        return conform(table, schema)


def conform(table: Table, schema: Schema) -> Table:
    """The table with every column of the schema; null where it had none."""
    columns = [
        table[field.name] if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    whole: Table = pa.table(columns, names=schema.names)
    return whole.cast(schema)


def row_groups(files: Iterable[tuple[Path, Any]]) -> Iterator[RowGroup]:
    """All row groups of some files, each given with its pq.FileMetaData, in their order."""
    start = 0
    for path, metadata in files:
        for number in range(metadata.num_row_groups):
            rows = metadata.row_group(number).num_rows
            yield RowGroup(path, number, start, rows, metadata)
            start += rows


def common_schema(files: Iterable[Any]) -> Schema:
    """The pa.Schema of all columns that any of some files has, by their pq.FileMetaData."""
    schemas = [metadata.schema.to_arrow_schema() for metadata in files]
    united: Schema = pa.unify_schemas(schemas, promote_options="permissive")
    return united


def portions(groups: Iterable[RowGroup]) -> Iterator[list[RowGroup]]:
    """Row groups in their order, so many together that they are as large as one should be."""
    portion: list[RowGroup] = []
    for group in groups:
        portion.append(group)
        if sum(part.rows for part in portion) >= parquet.ROW_GROUP:
            yield portion
            portion = []
    if portion:
        yield portion


def ahead(pool: ThreadPoolExecutor, action: Callable[[A], T], items: Iterable[A]) -> Iterator[T]:
    """Results of `action` on each item, in their order; at most 2 THREADS are made in advance."""
    waiting: deque[Future[T]] = deque()
    for item in items:
        waiting.append(pool.submit(action, item))
        if len(waiting) > 2 * THREADS:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
