"""Committing the runs of one block as one immutable file: all of it, once, or not at all.

The commit: a temporary file is written and synced, then linked to the block's number, which fails
if the number is taken; then the folder is synced. Found there with the same content it is a
success, because a block may be handed out twice. Other content is a BlockConflict.

A worker writes a block's failures (to `errors/`) before its runs (to `blocks/`): the file in
`blocks/` says that the block is done.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from store import durable, parquet
from store.errors import BlockConflict, DamagedFile

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


def block_path(folder: Path, number: int) -> Path:
    """The file of block `number`, from 0 on."""
    if number < 0:
        raise ValueError(f"block number: must be 0 or more, got {number}")
    return folder / f"{number:06d}.parquet"


def write_block(folder: Path, number: int, table: Any) -> BlockFile:
    """Commit a pa.Table; once this returns, neither a kill nor a power cut loses it.

    Args:
        folder: `blocks` or `errors` in the experiment's folder; made when missing.
        number: of the block.
        table: with the schema of `store.schema`.

    Raises:
        BlockConflict: the block is there with other content.
        DamagedFile: the block is there and cannot be read.
    """
    path = block_path(folder, number)
    content = parquet.encode(table)
    durable.make_folder(folder)
    if not durable.put_if_absent(path, content):
        _check_same(path, content)
    return describe(folder, number)


def _check_same(path: Path, content: bytes) -> None:
    """Raise unless the file holds the rows of `content`, to the bit."""
    if path.read_bytes() == content:
        return
    # Another release of pyarrow writes other bytes for the same rows: so encode them here, too.
    with parquet.naming(path):
        found = pq.read_table(path, page_checksum_verification=True)
    if parquet.encode(found) != content:
        raise BlockConflict(
            f"{path}: holds {found.num_rows} other rows for the same work; something is not "
            "deterministic: check that code, data and versions are the same on every machine"
        )


def describe(folder: Path, number: int) -> BlockFile:
    """The entry of a committed block, from the file itself."""
    path = block_path(folder, number)
    with parquet.naming(path):
        content = path.read_bytes()
        rows = pq.read_metadata(path).num_rows
    return BlockFile(
        name=f"{folder.name}/{path.name}",
        rows=rows,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        footer=parquet.footer_digest(path),
    )


def finished(folder: Path) -> list[int]:
    """Numbers of the committed blocks, ascending; temporaries are ignored."""
    if not folder.is_dir():
        return []
    matches = (_FILE.fullmatch(path.name) for path in folder.iterdir())
    return sorted(int(match[1]) for match in matches if match)


def read_block(folder: Path, number: int, columns: Sequence[str] | None = None) -> Any:
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
        if not path.exists():
            raise DamagedFile(f"{path}: there is no such block; {parquet.RESTORE}")
        return pq.read_table(path, columns=columns, page_checksum_verification=True)
