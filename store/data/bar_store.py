"""Store of ingested bars and features: Parquet files, each with a record that names it.

A file is named by its own SHA-256, so it never changes and every version stays; the record, a small
JSON file replaced in one step, says which one is current. A reader compares both with what was
written before it uses a number, so a flipped bit anywhere is refused.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from store.data.bars import fingerprint
from store.data.calendars.times import time_text
from store.errors import DamagedFile
from store.files import backend, local
from store.files.canonical import canonical, digest
from store.files.paths import data_file, data_folder
from store.runs.parquet import encode

VERSION = 1
"""Of the records; raised when a field changes its name or meaning."""

AGAIN = "restore it from a copy, or ingest the data again with --replace"


@dataclass(frozen=True)
class Record:
    """The current version of one series.

    Attributes:
        name: SYMBOL-TIMEFRAME, or the name of a feature.
        file: SHA-256 of its Parquet file.
        fingerprint: of the numbers in it, whatever the file format.
        rows: how many bars or values.
        first: time of the oldest one.
        last: time of the newest one.
        about: where it came from and how it is meant; as JSON.
    """

    name: str
    file: str
    fingerprint: str
    rows: int
    first: str
    last: str
    about: Mapping[str, Any]


def write(root: Path, record: Path, frame: pd.DataFrame, about: Mapping[str, object]) -> Record:
    """Make `frame` the current version of the series whose record is `record`.

    Args:
        root: of the store.
        record: as `store.files.paths` names it.
        frame: n >= 1 rows, index of UTC times.
        about: JSON types; kept next to it.
    """
    content = encode(pa.Table.from_pandas(frame.reset_index(), preserve_index=False))
    sha256 = hashlib.sha256(content).hexdigest()
    file = data_file(root, sha256)
    local.make_folder(file.parent)
    local.replace(file, content)  # what has that name has this content, or is damaged
    numbers = frame.select_dtypes("number")
    first, last = time_text(frame.index[0]), time_text(frame.index[-1])
    kept = Record(record.stem, sha256, fingerprint(numbers), len(frame), first, last, about)
    fields = {"version": VERSION, **asdict(kept)}
    local.make_folder(record.parent)
    local.replace(record, canonical({**fields, "digest": digest(fields)}).encode())
    return kept


def load_record(path: Path) -> Record:
    """The record in a file.

    Raises:
        FileNotFoundError: there is none.
        DamagedFile: it is not what was written, or belongs to another series.
    """
    content = backend.content(path)
    try:
        fields = json.loads(content)
        stated = fields.pop("digest")
        if digest(fields) != stated or fields.pop("version") != VERSION:
            raise KeyError("digest")
        record = Record(**fields)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise DamagedFile(f"{path}: is not what was written; {AGAIN}") from error
    if record.name != path.stem:
        raise DamagedFile(f"{path}: is the record of {record.name}; {AGAIN}")
    return record


def read(root: Path, sha256: str, name: str) -> pd.DataFrame:
    """The rows of a version, index `time` in UTC.

    Args:
        root: of the store.
        sha256: of the version's file.
        name: of the series, for errors.

    Raises:
        DamagedFile: the file is missing or not what was written.
    """
    file = data_file(root, sha256)
    try:
        content = backend.content(file)
    except FileNotFoundError:
        raise DamagedFile(f"{file}: is missing, it holds a version of {name}; {AGAIN}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DamagedFile(f"{file}: is not what was written as {name}; {AGAIN}")
    frame: pd.DataFrame = pq.read_table(pa.BufferReader(content)).to_pandas()
    return frame.set_index("time")


def records(root: Path, kind: str) -> list[Record]:
    """The records of all `bars` or `features`, by name."""
    return [load_record(path) for path in sorted(data_folder(root, kind).glob("[!.]*.json"))]


def require_folder(root: Path | str) -> Path:
    """The root of a store that keeps data; ValueError for a bucket: data are kept in folders."""
    text = str(root)
    if text.startswith("s3:"):
        raise ValueError(
            f"data.path: data are kept in a folder, got {text}; ingest into one that all nodes "
            "see, and set data.path to it"
        )
    return Path(text).expanduser()


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Be the only process that changes what is kept: who extends a series must not lose rows."""
    folder = require_folder(root) / "data"
    local.make_folder(folder)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
