"""Bars from Parquet files: one file, or a folder with SYMBOL.parquet.

Names and times as in `store.data.sources.csv`; an index that pandas wrote into the file is read as
such.
"""

from pathlib import Path

import pandas as pd
import pyarrow as pa

from store.data.files import load_files
from store.data.spec import DataSpec
from store.data.table import Table

OPTIONS = ("path", "adjusted")


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the files of a spec."""
    return load_files(spec, (".parquet",), _read, (pa.ArrowException, OSError))


def _read(file: Path) -> pd.DataFrame:
    frame = pd.read_parquet(file, engine="pyarrow")
    is_plain = isinstance(frame.index, pd.RangeIndex | pd.DatetimeIndex)
    return frame if is_plain else frame.reset_index()
