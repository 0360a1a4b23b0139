"""Writing a large Parquet file table by table, hashed by another thread as it is written."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from store.files.arrow_types import Schema, Table
from store.records.files import FileRecord
from store.runs import parquet


def write_tables(tables: Iterable[Table], schema: Schema, draft: Path) -> FileRecord:
    """Write pa.Tables of `schema` to a new file, each in row groups of its own.

    Returns:
        Its entry in experiment.json.
    """
    rows = 0
    with draft.open("xb") as file, ThreadPoolExecutor(1) as pool:
        hashed = _Hashed(file, pool)
        with pq.ParquetWriter(
            pa.PythonFile(hashed, "w"), schema, **parquet.writer_options(schema)
        ) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=parquet.ROW_GROUP)
                rows += len(table)
    return FileRecord(
        rows=rows,
        bytes=draft.stat().st_size,
        sha256=hashed.sha256.hexdigest(),
        footer=parquet.footer_digest(draft),
    )


class _Hashed:
    """A binary file for pyarrow to write to.

    Attributes:
        sha256: of what was written, once `pool` has ended.
    """

    closed = False

    def __init__(self, file: BinaryIO, pool: ThreadPoolExecutor) -> None:
        """Write to `file`; `pool` has one thread, which so hashes all in its order."""
        self.sha256 = hashlib.sha256()
        self._file, self._pool = file, pool

    def write(self, content: bytes) -> int:
        self._pool.submit(self.sha256.update, content)
        return self._file.write(content)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Nothing: the opener of the file closes it."""
