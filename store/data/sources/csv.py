"""Bars from CSV files, gzip too: one file, or a folder with SYMBOL.csv.

The header is read in any case. The time column is called time, date, datetime or timestamp; times
without a zone are UTC. A column of adjusted closes is ignored unless `data.adjusted=true`.
"""

import csv
import io
import warnings
import zlib
from pathlib import Path

import pandas as pd

from store.data.files import load_files
from store.data.spec import DataSpec
from store.data.table import Table
from store.data.unpack import content
from store.errors import BadBars, shorten

OPTIONS = ("path", "adjusted")
SUFFIXES = (".csv", ".csv.gz")
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST = 200_000
"""Bytes in which a header has to lie; half of it is longer than any header."""
DAMAGE = (
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    pd.errors.ParserWarning,
    UnicodeDecodeError,
    EOFError,
    OSError,
    zlib.error,
    csv.Error,
)


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the files of a spec."""
    return load_files(spec, SUFFIXES, read, DAMAGE)


def read(file: Path) -> pd.DataFrame:
    """The table in a file; raises BadBars, or one of DAMAGE."""
    text = content(file)
    _check_header(text, file)
    with warnings.catch_warnings():
        # Rows longer than the header would otherwise lose cells with no more than a warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(io.BytesIO(text), index_col=False)


def _check_header(text: bytes, file: Path) -> None:
    """Refuse what pandas would read as something else, or not say clearly."""
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadBars(f"{file}: is UTF-16 text; save it as UTF-8")
    if text.startswith(b"\x1f\x8b"):
        raise BadBars(f"{file}: is packed with gzip; call it .csv.gz")
    if b"\0" in text:
        raise BadBars(f"{file}: holds a zero byte, which no text does; write it anew")
    line = next(iter(text[:LONGEST].lstrip().splitlines()), b"").decode("utf-8-sig")
    if len(line) > LONGEST // 2:
        raise BadBars(f"{file}: its first line has over {LONGEST // 2:,} bytes; that is no header")
    names = [name.strip() for name in next(csv.reader([line]), [])]
    for mark, word in SEPARATORS.items():
        if len(names) == 1 and mark in line:
            raise BadBars(f"{file}: its cells are separated by {word}; separate them by commas")
    for name in names:
        if name and names.count(name) > 1:  # pandas would call the second one NAME.1
            raise BadBars(f"{file}: column {shorten(name)} is there twice; keep one of them")
