"""The bytes of a text file, packed or not, and no more of them than a file of bars can have."""

import gzip
from pathlib import Path

from store.errors import BadBars

MAX_BYTES = 4_000_000_000
MAX_RATIO = 200
"""Bars shrink 3 to 20 times; what unpacks to more than this is made to fill the memory."""
SMALL = 16_000_000
"""Bytes below which the ratio does not matter."""
CHUNK = 4_000_000


def content(file: Path) -> bytes:
    """All of a file; of a .gz file what is packed in it.

    Raises:
        BadBars: it is too large, or unpacks to what no file of bars does.
        OSError, EOFError, zlib.error: it cannot be read.
    """
    if file.suffix.lower() != ".gz":
        if file.stat().st_size > MAX_BYTES:
            raise BadBars(f"{file}: larger than {MAX_BYTES:,} bytes; split it, or use Parquet")
        return file.read_bytes()
    parts: list[bytes] = []
    with file.open("rb") as packed, gzip.open(packed) as plain:
        while part := plain.read(CHUNK):
            parts.append(part)
            size = sum(map(len, parts))
            if size > MAX_BYTES or (size > SMALL and size > MAX_RATIO * packed.tell()):
                raise BadBars(
                    f"{file}: unpacks to over {size:,} bytes, {size // packed.tell()} times its "
                    "size; no file of bars does"
                )
    return b"".join(parts)
