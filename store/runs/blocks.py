"""Committing the runs of one block as one immutable file: all of it, once, or not at all.

The commit: a temporary file is written and synced, then linked to the block's number, which fails
if the number is taken; then the folder is synced. In a bucket it is one conditional write. Found
there with the same content it is a success, because a block may be handed out twice. Other content
is a BlockConflict.

A worker writes a block's failures (to `errors/`) before its runs (to `blocks/`): the file in
`blocks/` says that the block is done.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import BlockConflict, DamagedFile
from store.files import backend
from store.files.arrow_types import Table
from store.files.backend import Place
from store.runs import parquet

_FILE = re.compile(r"(\d{6,12})\.parquet")


@dataclass(frozen=True, slots=True)
class BlockFile:
    """A committed file.

    Attributes:
        name: relative to the experiment's folder: `blocks/000123.parquet`.
        rows: of the table.
        bytes: of the file.
        sha256: of the file, 64 hex digits.
        footer: SHA-256 of the file's footer; empty when unknown, and then readers of a few
            columns have to check the whole file.
    """

    name: str
    rows: int
    bytes: int
    sha256: str
    footer: str = ""


def block_path(folder: Place, number: int) -> Place:
    """The file of block `number`, from 0 on."""
    if number < 0:
        raise ValueError(f"block number: must be 0 or more, got {number}")
    return folder / f"{number:06d}.parquet"


def write_block(folder: Place, number: int, table: Table) -> BlockFile:
    """Commit a pa.Table; once this returns, neither a kill nor a power cut loses it.

    Args:
        folder: `blocks` or `errors` in the experiment's folder; made when missing.
        number: of the block.
        table: with the schema of `store.runs.schema`.

    Raises:
        BlockConflict: the block is there with other content.
        DamagedFile: the block is there and cannot be read.
    """
    path = block_path(folder, number)
    content = parquet.encode(table, parquet.BLOCK_GROUP)
    backend.make_folder(folder)
    if not backend.put_if_absent(path, content):
        _check_same(folder, number, content)
    return describe(folder, number)


def _check_same(folder: Place, number: int, content: bytes) -> None:
    """Raise unless the block's file holds the rows of `content`, to the bit."""
    path = block_path(folder, number)
    if backend.content(path) == content:
        return
    # Another release of pyarrow writes other bytes for the same rows: so encode them here, too.
    stored = read_block(folder, number)
    if parquet.encode(stored, parquet.BLOCK_GROUP) != content:
        raise conflict(folder, number, stored.num_rows)


def conflict(folder: Place, number: int, rows: int) -> BlockConflict:
    """Error for a block file that differs from what the same work gave another time."""
    return BlockConflict(
        f"{block_path(folder, number)}: holds {rows} other rows for the same work; something is "
        "not deterministic: check that code, data and versions are the same on every machine"
    )


def describe(folder: Place, number: int) -> BlockFile:
    """The entry of a committed block, from the file itself."""
    path = block_path(folder, number)
    with parquet.naming(path):
        content = backend.content(path)
        rows = pq.read_metadata(pa.BufferReader(content)).num_rows
    return BlockFile(
        name=f"{folder.name}/{path.name}",
        rows=rows,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        footer=parquet.content_footer_digest(path, content),
    )


def finished(folder: Place) -> list[int]:
    """Numbers of the committed blocks, ascending; temporaries are ignored."""
    matches = map(_FILE.fullmatch, backend.names(folder))
    return sorted(int(match[1]) for match in matches if match)


def read_block(folder: Place, number: int, columns: Sequence[str] | None = None) -> Table:
    """The pa.Table of a committed block, its page checksums verified.

    Args:
        folder: as for `write_block`.
        number: of the block.
        columns: names; None means all.

    Raises:
        DamagedFile: missing or unreadable.
    """
    path = block_path(folder, number)
    with parquet.naming(path):
        try:
            content = backend.content(path)
        except FileNotFoundError:
            raise DamagedFile(f"{path}: there is no such block; {parquet.RESTORE}") from None
        table: Table = pq.read_table(
            pa.BufferReader(content), columns=columns, page_checksum_verification=True
        )
    return table
