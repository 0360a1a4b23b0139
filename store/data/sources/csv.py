"""Bars from CSV files, gzip too: one file, or a folder with SYMBOL.csv.

Dialects are recognised by what is in a file (`store.data.dialects`); `data.csv.*` says what its
content leaves open. Times without a zone are UTC unless `data.csv.timezone` names theirs. A column
of adjusted closes is ignored unless `data.adjusted=true`.
"""

import csv
import zlib
from functools import partial
from pathlib import Path

import pandas as pd

from store.data.decompress import content
from store.data.files import load_files
from store.data.source_table import Table
from store.data.spec import DataSpec
from store.data.text.csv_body import parsed
from store.data.text.csv_options import CsvOptions
from store.data.text.csv_table import read_csv
from store.data.text.symbol_parts import Part, csv_parts
from store.data.text.text_sample import decoded, sample_of
from store.errors import BadBars

OPTIONS = ("path", "adjusted", "csv")
SUFFIXES = (".csv", ".csv.gz")
DAMAGE = (pd.errors.ParserError, UnicodeDecodeError, EOFError, OSError, zlib.error, csv.Error)


def load(spec: DataSpec) -> dict[str, Table | BadBars]:
    """Load the files of a spec."""
    options = CsvOptions.of(spec.options.get("csv"))
    return load_files(spec, SUFFIXES, partial(_parts, options=options), DAMAGE)


def _parts(file: Path, options: CsvOptions) -> list[Part]:
    return list(csv_parts(read_csv(file, options), str(file), options))


def read(file: Path) -> pd.DataFrame:
    """The table in a file of dated values, as it stands; raises BadBars, or one of DAMAGE."""
    text = decoded(content(file), file, None)
    sample, body = sample_of(text, file, CsvOptions())
    names = list(sample.names) or [f"column {place + 1}" for place in range(sample.width)]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise BadBars(f"{file}: column {twice} is there twice; keep one of them")
    return parsed(file, sample, body, names, [], ".")
