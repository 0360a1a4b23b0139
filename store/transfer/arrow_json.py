"""Rows of Arrow tables as JSON, and back to the last bit.

Hashes are in hex, times in ISO 8601; NaN and the infinities are the strings "nan", "inf", "-inf",
which JSON has no numbers for, and null is a missing value.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from store.errors import DamagedFile
from store.files.arrow_types import Batch, Schema, Table
from store.runs.columns import ERRORS, IDENTITY, TRIED

_SPECIAL = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_KNOWN = {str(column.type): column.type for column in [*IDENTITY, *ERRORS, TRIED]}
_KNOWN |= {str(kind): kind for kind in (pa.int64(), pa.float64())}
_LIST = re.compile(r"float32\[(\d{1,4})\]")


def type_name(kind: Any) -> str:
    """Name that `type_of` turns into the Arrow type again."""
    return f"float32[{kind.list_size}]" if pa.types.is_fixed_size_list(kind) else str(kind)


def type_of(name: str) -> object:
    """The Arrow type that a column of runs may have under this name; ValueError otherwise."""
    if name in _KNOWN:
        return _KNOWN[name]
    if blocks := _LIST.fullmatch(name):
        return pa.list_(pa.field("element", pa.float32()), int(blocks[1]))
    raise ValueError(f"{name[:60]!r} is no type of a column")


def to_rows(table: Table | Batch) -> list[dict[str, object]]:
    """Every row of a table as JSON can hold it."""
    return [{name: _out(value) for name, value in row.items()} for row in table.to_pylist()]


def _out(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_out(item) for item in value]
    return value


def to_table(rows: Sequence[Any], schema: Schema) -> Table:
    """The table of a schema whose rows `to_rows` gave.

    Raises:
        DamagedFile: a row has other columns, or a value that its column cannot hold.
    """
    for row in rows:
        if not isinstance(row, Mapping) or list(row) != schema.names:
            raise DamagedFile("a row has not the columns that the file names")
    columns = []
    for field in schema:
        try:
            values = [_in(row[field.name], field.type) for row in rows]
            column = pa.array(values, field.type)
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            reason = str(error).partition("\n")[0]
            raise DamagedFile(f"column {field.name}: no {field.type} ({reason})") from error
        if column.null_count and not field.nullable:
            raise DamagedFile(f"column {field.name}: a value is missing")
        columns.append(column)
    table: Table = pa.table(columns, schema=schema)
    return table


def _in(value: Any, kind: object) -> object:
    if value is None:
        return None
    if pa.types.is_fixed_size_binary(kind):
        return bytes.fromhex(value)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    if pa.types.is_fixed_size_list(kind):
        return [_float(item) for item in value]
    if pa.types.is_floating(kind):
        return _float(value)
    if isinstance(value, bool) is not pa.types.is_boolean(kind):
        raise ValueError(f"got {value!r}")
    return value


def _float(value: object) -> object:
    if isinstance(value, str) and value in _SPECIAL:
        return _SPECIAL[value]
    if isinstance(value, str | bool):
        raise ValueError(f"got {value!r}")
    return value


def schema_of(columns: Iterable[tuple[str, str]], metadata: Mapping[bytes, bytes]) -> Any:
    """The schema of named types; the columns of every run are as `columns.IDENTITY` has them."""
    fixed = {field.name: field for field in IDENTITY}
    fields = [
        fixed[name] if name in fixed else pa.field(name, type_of(kind)) for name, kind in columns
    ]
    return pa.schema(fields, metadata=metadata)
