"""Which column of a file is which: by the names that people give them."""

import re
from collections.abc import Mapping, Sequence

from store.data.spec import suggest
from store.data.text.csv_options import ROLES
from store.data.text.file_head import Reading, Sample
from store.data.trouble import Trouble, Troubles
from store.errors import shorten

CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?|\d{1,6}(\.0)?")
DATE = re.compile(r"\d{8}|[A-Za-z\d]+[-/. ][A-Za-z\d]+[-/., ]+\d+")
PRICES = ("open", "high", "low", "close")
EXACT = {
    "time": ("time", "date", "datetime", "timestamp"),
    **{role: (role,) for role in (*PRICES, "volume")},
    "adj_close": ("adj_close", "adjclose", "adjusted_close", "adjusted"),
    "symbol": ("symbol", "ticker"),
}
"""Names that count before all others."""
# German, Italian, Spanish, French, Polish: as banks and exchanges of these countries write.
OPENS = ("erster", "eröffnung", "eröffn", "apertura", "ouverture", "otwarcie")
HIGHS = ("hoch", "massimo", "máximo", "maximo", "haut", "plus_haut", "najwyzszy")
LOWS = ("tief", "minimo", "mínimo", "bas", "plus_bas", "najnizszy")
CLOSES = (
    *(
        "schluss",
        "schlusskurs",
        "letzter",
        "zuletzt",
        "chiusura",
        "ultimo",
        "último",
        "cierre",
        "clôture",
    ),
    *("dernier", "zamkniecie"),
)
USUAL = {
    "time": (
        *("date_time", "gmt_time", "local_time", "utc_time", "open_time", "opentime", "unix"),
        *("unix_timestamp", "unix_time", "window_start", "t", "ts", "ts_event", "time_utc"),
        *("date_utc", "timestamp_utc", "datetime_utc", "utc", "day", "trade_date"),
        *("trading_day", "bar_time", "start_time", "begin", "dates", "datum", "fecha", "data"),
    ),
    "open": ("o", "open_price", "opening_price", "1_open", "1a_open", "px_open", "first", *OPENS),
    "high": ("h", "high_price", "2_high", "2a_high", "px_high", "max", "highest", *HIGHS),
    "low": ("l", "low_price", "3_low", "3a_low", "px_low", "min", "lowest", *LOWS),
    "close": (
        *("c", "close_price", "closing_price", "4_close", "4a_close", "px_last", "close_last"),
        *("last", "last_price", "price", "settle", "settlement", *CLOSES),
    ),
    "volume": (
        *("v", "vol", "5_volume", "5a_volume", "px_volume", "tickvol", "tick_volume"),
        *("total_volume", "volume_traded", "base_volume", "basevolume", "volumen", "wolumen"),
    ),
    "symbol": ("instrument", "sym", "tic", "stock", "asset", "pair"),
}
"""Names that count where the exact one is not there."""


def plain(name: str) -> str:
    """A name without case, brackets and marks: `<Vol.>` is vol, `1. open` is 1_open."""
    return re.sub(r"[^0-9a-z\u00c0-\uffff]+", "_", name.lower()).strip("_")


def roles_named(names: Sequence[str]) -> set[str]:
    """The roles that some names stand for."""
    given = {plain(name) for name in names}
    tables = (EXACT, USUAL)
    return {role for table in tables for role, usual in table.items() if given & set(usual)}


def assign(
    sample: Sample, reading: Reading, given: Mapping[str, str], troubles: Troubles
) -> dict[str, str]:
    """The column of each role.

    Args:
        sample: whose names are those of the reading, where it has some.
        reading: what the dialect says.
        given: what the user says; counts first.
        troubles: takes two columns that could be the same, and names that are not there.
    """
    names = list(sample.names)
    columns: dict[str, str] = {}
    for role, wanted in given.items():
        with troubles.collect():
            columns[role] = _named(role, wanted, names)
    for role, name in reading.columns.items():
        if name in names:
            columns.setdefault(role, name)
    for role in ("time", *PRICES, "volume", "adj_close", "symbol"):
        if role not in columns and not (role == "time" and "date" in columns):
            with troubles.collect():
                taken = set(columns.values())
                _find(role, [name for name in names if name not in taken], columns, sample)
    return columns


def _named(role: str, wanted: str, names: list[str]) -> str:
    """The column that the user names, in any case."""
    for name in names:
        if wanted.strip().lower() in (name, name.strip("<>")):
            return name
    raise Trouble(f"data.csv.columns.{role}: no column {wanted!r}; {suggest(wanted, names)}")


def _find(role: str, names: list[str], columns: dict[str, str], sample: Sample) -> None:
    """The column with a name of this role."""
    for table in (EXACT, USUAL):
        fitting = [name for name in names if plain(name) in table.get(role, ())]
        if role == "time" and len(fitting) == 2 and (pair := _date_and_clock(fitting, sample)):
            columns["date"], columns["time"] = pair
            return
        if len(fitting) > 1 and role in ("adj_close", "symbol"):
            return
        if len(fitting) > 1:
            listed = ", ".join(fitting)
            noun = "time columns" if role == "time" else f"columns for the {role}"
            raise Trouble(
                f"{len(fitting)} {noun} ({listed}) among {among(names)}; name exactly one of "
                f"them, data.csv.columns.{role}={fitting[0]}"
            )
        if fitting:
            columns[role] = fitting[0]
            return


def _date_and_clock(names: Sequence[str], sample: Sample) -> tuple[str, str] | None:
    """The columns of dates and of times of day, of two columns of time, by their cells."""
    cells = {name: sample.column(sample.names.index(name)) for name in names}
    clocks = [name for name, column in cells.items() if all(map(CLOCK.fullmatch, column))]
    dates = [name for name, column in cells.items() if all(map(DATE.fullmatch, column))]
    clocks = [name for name in clocks if "date" not in name]
    if len(clocks) == 1 and dates == [name for name in names if name != clocks[0]]:
        return dates[0], clocks[0]
    return None


def among(names: Sequence[str]) -> str:
    """Names for an error."""
    listed = ", ".join(re.sub(r"\s+", "_", name) for name in names)
    return shorten(listed or "no column", 200)


def check_given(given: Mapping[str, str]) -> list[str]:
    """Names in `data.csv.columns` that are no role: features that the user wants to keep."""
    return [name for name in given if name not in ROLES]
