"""Bars from Parquet files: one file, or a folder with SYMBOL.parquet.

Names and times as in `store.data.sources.csv`; an index that pandas wrote into the file is a column
like the others, and when it has no name but times, it is the time column.
"""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from store.data.calendars.times import TIME_NAMES
from store.data.files import load_files
from store.data.source_table import Table
from store.data.spec import DataSpec
from store.data.text.symbol_parts import table_parts
from store.errors import BadBars

OPTIONS = ("path", "adjusted")
SUFFIXES = (".parquet",)
DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
MAX_BYTES = 16_000_000_000
MAX_RATIO = 1_000
"""Rows of bars take more than a thousandth of a byte each."""
UNNAMED = "__index_level_0__"
"""What pandas calls an index without a name."""


def load(spec: DataSpec) -> dict[str, Table | BadBars]:
    """Load the files of a spec."""
    return load_files(spec, SUFFIXES, lambda file: table_parts(read(file)), DAMAGE)


def read(file: Path) -> pd.DataFrame:
    """The table in a file; raises BadBars, or one of DAMAGE.

    What pandas noted in it is not looked at, as it may be damaged without a checksum to tell.
    """
    with pq.ParquetFile(file, page_checksum_verification=True) as opened:
        metadata = opened.metadata
        unpacked = sum(
            metadata.row_group(k).total_byte_size for k in range(metadata.num_row_groups)
        )
        if unpacked > MAX_BYTES or metadata.num_rows > MAX_RATIO * file.stat().st_size:
            raise BadBars(
                f"{file}: claims {metadata.num_rows:,} rows of {unpacked:,} bytes in a file of "
                f"{file.stat().st_size:,}; write it again"
            )
        table = opened.read()
    table.validate(full=True)
    for place, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):  # the same instants; no name of a zone to look up
            instants = table.column(place).cast(pa.timestamp("ns", "UTC"))
            table = table.set_column(place, field.name, instants)
    return _without_index(table.replace_schema_metadata(None).to_pandas())


def _without_index(frame: pd.DataFrame) -> pd.DataFrame:
    """An index without a name: the time column if it holds times, else no data at all."""
    if UNNAMED not in frame.columns:
        return frame
    named = {str(name).strip().lower() for name in frame.columns}
    is_time = isinstance(frame[UNNAMED].dtype, pd.DatetimeTZDtype) and not named & set(TIME_NAMES)
    return frame.rename(columns={UNNAMED: "time"}) if is_time else frame.drop(columns=UNNAMED)
