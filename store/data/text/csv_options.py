"""The options `data.csv.*`: how files are written, where their content alone cannot tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from store.data.spec import suggest

MARKS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "pipe": "|",
    "space": " ",
    "point": ".",
    "dot": ".",
    "apostrophe": "'",
    "none": "",
}
"""Words for signs that a shell or Hydra would read as something else."""
Unit = Literal["s", "ms", "us", "ns"]
UNITS: tuple[Unit, ...] = get_args(Unit)
ROLES = ("time", "date", "open", "high", "low", "close", "volume", "adj_close", "symbol")
"""What a column can be; any other name in `columns` is a feature to keep."""


@dataclass(frozen=True)
class CsvOptions:
    """Options for writing of a file; None is detected from its content.

    Attributes:
        separator: between cells.
        decimal: mark before the fraction of a number.
        thousands: mark between groups of three digits.
        header: the names of the columns, for a file without a line of them; False: it has none.
        columns: the file's column for a role (time, date, open, ...), or for a feature to keep.
        date_format: as strptime knows them: %d/%m/%Y.
        time_unit: s, ms, us or ns since 1970.
        timezone: of times without one: America/New_York.
        newest_first: the order of the rows.
        encoding: of the text: latin-1, utf-16.
        skip: lines above the header.
        symbol: column with the names of symbols; short for columns.symbol.
        closes_only: make bars of closes alone, flat ones.
    """

    separator: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    header: tuple[str, ...] | bool | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str | None = None
    time_unit: Unit | None = None
    timezone: str | None = None
    newest_first: bool | None = None
    encoding: str | None = None
    skip: int | None = None
    symbol: str | None = None
    closes_only: bool = False

    @classmethod
    def of(cls, given: object) -> "CsvOptions":
        """Check the value of the key `data.csv`; ValueError names the option that is wrong."""
        if given is None:
            return cls()
        if not isinstance(given, Mapping):
            raise ValueError(f"data.csv: need options such as separator and decimal, got {given!r}")
        names = [each.name for each in fields(cls)]
        checked: dict[str, Any] = {}
        for name, value in given.items():
            if name not in names:
                raise ValueError(f"data.csv.{name}: no such option; {suggest(str(name), names)}")
            if value is not None:
                checked[str(name)] = CHECKS[str(name)](str(name), value)
        if symbol := checked.get("symbol"):
            checked["columns"] = {"symbol": symbol, **checked.get("columns", {})}
        return cls(**checked)


def parse_pairs(pairs: Sequence[str]) -> dict[str, object]:
    """The options of a command line, NAME=VALUE each: `decimal=comma`, `columns.close=Last`."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ValueError(f"--csv: need NAME=VALUE such as decimal=comma, got {pair!r}")
        group, dot, key = name.partition(".")
        if dot:
            options.setdefault(group, {})[key] = value
        elif name == "header" and value.lower() not in ("none", "false", "true"):
            options[name] = [cell.strip() for cell in value.strip("[]").split(",")]
        else:
            options[name] = value
    return options


def _refuse(name: str, need: str, value: object) -> ValueError:
    return ValueError(f"data.csv.{name}: need {need}, got {value!r}")


def _mark(name: str, value: object) -> str:
    """One sign, or the word for it."""
    sign = MARKS.get(str(value).lower(), str(value)).replace("\\t", "\t")
    if name == "thousands" and not sign:
        return sign
    if len(sign) != 1 or sign.isalnum() or sign in '-+"\n\r':
        raise _refuse(name, f"one sign or its word ({', '.join(MARKS)})", value)
    if name == "decimal" and sign not in ".,":
        raise _refuse(name, "point or comma", value)
    return sign


def _header(name: str, value: object) -> tuple[str, ...] | bool:
    if isinstance(value, str):
        value = {"none": False, "false": False, "true": True}.get(value.lower(), value)
    if isinstance(value, bool):
        return value
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) < 2:
        raise _refuse(name, "the names of all columns, [time,open,high,low,close], or none", value)
    return tuple(map(str, value))


def _columns(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _refuse(name, "ROLE: NAME pairs, the roles being " + ", ".join(ROLES), value)
    return {str(role).lower(): str(column) for role, column in value.items() if column is not None}


def _format(name: str, value: object) -> str:
    text = str(value)
    if not any(part in text for part in ("%d", "%j", "%s", "%c", "%x", "%m", "%b", "%y", "%Y")):
        raise _refuse(name, "a format such as %d/%m/%Y or %m/%d/%Y %H:%M", value)
    return text


def _unit(name: str, value: object) -> str:
    if value not in UNITS:
        raise _refuse(name, f"one of {', '.join(UNITS)}", value)
    return str(value)


def _zone(name: str, value: object) -> str:
    try:
        ZoneInfo(str(value))
    except (ValueError, OSError, KeyError):
        raise _refuse(name, "a zone such as America/New_York, Europe/Berlin, UTC", value) from None
    return str(value)


def _truth(name: str, value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "false"):
        raise _refuse(name, "true or false", value)
    return word == "true"


def _encoding(name: str, value: object) -> str:
    try:
        "".encode(str(value))
    except LookupError:
        raise _refuse(name, "an encoding such as utf-8, utf-16, latin-1, cp1252", value) from None
    return str(value)


def _count(name: str, value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdecimal():
        raise _refuse(name, "a number of lines", value)
    return int(value)


def _name(name: str, value: object) -> str:
    return str(value)


CHECKS = {
    "separator": _mark,
    "decimal": _mark,
    "thousands": _mark,
    "header": _header,
    "columns": _columns,
    "date_format": _format,
    "time_unit": _unit,
    "timezone": _zone,
    "newest_first": _truth,
    "encoding": _encoding,
    "skip": _count,
    "symbol": _name,
    "closes_only": _truth,
}
