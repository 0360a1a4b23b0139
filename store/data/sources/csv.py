"""Bars from CSV files, gzip too: one file, or a folder with SYMBOL.csv.

The header is read in any case. The time column is called time, date, datetime or timestamp; times
without a zone are UTC. A column of adjusted closes is ignored unless `data.adjusted=true`.
"""

import warnings
import zlib
from pathlib import Path

import pandas as pd

from store.data.files import load_files
from store.data.spec import DataSpec
from store.data.table import Table

OPTIONS = ("path", "adjusted")
DAMAGE = (
    pd.errors.ParserError,
    pd.errors.EmptyDataError,
    pd.errors.ParserWarning,
    UnicodeDecodeError,
    EOFError,
    OSError,
    zlib.error,
)


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the files of a spec."""
    return load_files(spec, (".csv", ".csv.gz"), _read, DAMAGE)


def _read(file: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        # Rows longer than the header would otherwise lose cells with no more than a warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        return pd.read_csv(file, index_col=False)
