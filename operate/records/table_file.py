"""Tables as Parquet files that are named by their content, so that a name never changes meaning."""

import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import DamagedFile
from store.files import local
from store.runs.parquet import encode


def put(folder: Path, table: pd.DataFrame) -> str:
    """Keep a table; its SHA-256, which is its name, 64 hex digits."""
    content = encode(pa.Table.from_pandas(table, preserve_index=False))
    name = hashlib.sha256(content).hexdigest()
    path = folder / f"{name}.parquet"
    if not path.exists():
        local.make_folder(folder)
        local.replace(path, content)
    return name


def get(folder: Path, name: str) -> pd.DataFrame:
    """The table of a name.

    Raises:
        DamagedFile: its file is missing, or is not what was written.
    """
    path = folder / f"{name}.parquet"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DamagedFile(f"{path}: is missing; restore it from a copy") from None
    if hashlib.sha256(content).hexdigest() != name:
        raise DamagedFile(f"{path}: is not what was written; restore it from a copy")
    table: pd.DataFrame = pq.read_table(pa.BufferReader(content)).to_pandas()
    return table


def drop_others(folder: Path, names: set[str]) -> None:
    """Remove tables that no record names any more, and what killed writers left."""
    local.sweep_temporaries(folder)
    for path in folder.glob("*.parquet"):
        if path.stem not in names:
            path.unlink(missing_ok=True)
