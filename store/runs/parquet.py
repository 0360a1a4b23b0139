"""Encoding of a Parquet file, and the checks that it is unchanged when read.

Three checks, because a flipped bit in a compressed page otherwise reads as other numbers: each page
has a checksum, verified on every read; the footer, which says where the pages lie, is compared with
the digest that experiment.json holds; and who reads a file whole compares its SHA-256. DuckDB's own
Parquet reader checks none of these, so DuckDB is only ever given what pyarrow has read.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import DamagedFile, StoreUnavailable
from store.files.arrow_types import Schema, Table
from store.files.backend import Place, require_file, tail
from store.records.files import FileRecord
from store.runs.columns import BLOCK_SUMS

ROW_GROUP = 25_000
"""Rows of a row group: what a reader of one row has to decode, 4 MB without the block sums."""

BLOCK_GROUP = 5_000
"""Rows of a row group of a block: the best 20 runs of a large sweep lie in as many of them."""

RESTORE = "restore it from a copy, or delete the experiment's folder and sweep again"
"""What to do about a damaged file; messages end in it."""

TAIL = 1 << 16
"""Bytes that are read at first from a file's end: most footers are shorter."""

_MAGIC = b"PAR1"


def writer_options(schema: Schema) -> dict[str, object]:
    """Options of pq.ParquetWriter for tables of `schema`."""
    # Dictionaries on the number columns cost 1.75x the time and save nothing. The bytes of block
    # sums are split by significance: 1.5x as fast to write as zstd alone, twice as fast to read.
    return {
        "compression": "zstd",
        "use_dictionary": [field.name for field in schema if pa.types.is_string(field.type)],
        "use_byte_stream_split": [
            f"{name}.list.element" for name in BLOCK_SUMS if name in schema.names
        ],
        "write_page_checksum": True,
    }


def encode(table: Table, rows: int = ROW_GROUP) -> bytes:
    """The file of a pa.Table; equal tables give equal bytes however they are chunked.

    Args:
        table: what to write.
        rows: of a row group.
    """
    sink = pa.BufferOutputStream()
    table = table.combine_chunks()
    pq.write_table(table, sink, row_group_size=rows, **writer_options(table.schema))
    return bytes(sink.getvalue())


def footer_digest(path: Place) -> str:
    """SHA-256 of the file's footer and the eight bytes that close it, 64 hex digits."""
    return _footer_digest(path, *tail(path, TAIL))


def _footer_digest(path: Place, size: int, end: bytes) -> str:
    """The same, of a file of which size and end are known."""
    length = int.from_bytes(end[-8:-4], "little") + 8
    if end[-4:] != _MAGIC or length > size:
        raise DamagedFile(f"{path}: is cut short or no Parquet file; {RESTORE}")
    if length > len(end):
        _, end = tail(path, length)
    return hashlib.sha256(end[-length:]).hexdigest()


def content_footer_digest(path: Place, content: bytes) -> str:
    """The same, of a file of which all is known."""
    return _footer_digest(path, len(content), content)


def file_digest(path: Place) -> str:
    """SHA-256 of the whole file, 64 hex digits."""
    require_file(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_footer(path: Place, entry: FileRecord) -> None:
    """Raise DamagedFile unless size and footer are those recorded in experiment.json.

    Without a recorded footer the whole file is compared.
    """
    if not entry.footer:
        check_whole(path, entry)
        return
    size, end = tail(path, TAIL)
    if size != entry.bytes:
        raise DamagedFile(f"{path}: has {size} bytes, {entry.bytes} were written; {RESTORE}")
    if _footer_digest(path, size, end) != entry.footer:
        raise DamagedFile(f"{path}: its footer is not the one that was written; {RESTORE}")


def check_whole(path: Place, entry: FileRecord, copy: Path | None = None) -> None:
    """Raise DamagedFile unless the file's SHA-256 is the one recorded in experiment.json.

    With a `copy` the file is not read again.
    """
    digest = file_digest(copy or path)
    if digest != entry.sha256:
        raise DamagedFile(
            f"{path}: has SHA-256 {digest[:16]}..., {entry.sha256[:16]}... was written; {RESTORE}"
        )


def require_whole(path: Place, entry: FileRecord) -> None:
    """As `check_whole`, for a file that nothing replaces: missing is damaged, too."""
    try:
        check_whole(path, entry)
    except FileNotFoundError:
        raise DamagedFile(f"{path}: is missing; {RESTORE}") from None


@contextmanager
def naming(what: object) -> Iterator[None]:
    """Turn what pyarrow says of unreadable bytes into DamagedFile with `what` in front.

    A missing file stays FileNotFoundError: its reader knows whether it was compacted meanwhile.

    Raises:
        DamagedFile: the bytes are not what was written.
        StoreUnavailable: it was not the bytes, but the bucket that they are in.
    """
    try:
        yield
    except (FileNotFoundError, MemoryError):
        raise  # of the latter pyarrow's own is an ArrowException, too
    except (pa.ArrowException, OSError) as error:
        reason = str(error).partition("\n")[0]
        if "AWS Error" in reason:  # pyarrow did not get as far as the file
            raise StoreUnavailable(f"{what}: cannot be read now ({reason}); try again") from error
        raise DamagedFile(f"{what}: cannot be read ({reason}); {RESTORE}") from error
