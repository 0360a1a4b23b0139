"""Live records of a profile: append-only, named by their content, the same row never twice."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from operate.intake import statements
from operate.intake.fill_table import (
    FILLS,
    Reading,
    check_zone,
    checked_fills,
    renamed,
    times_of,
)
from operate.records import table_file
from operate.records.desk import Place
from operate.records.held import writing
from operate.records.paths import live_folder
from promote.profiles.profile import Profile
from promote.profiles.replay import holds_several

EQUITY = ("time", "equity", "flow")
PREDICTIONS = ("time", "model", "symbol", "horizon", "probability", "score", "outcome")
COLUMNS = {"fills": FILLS, "equity": EQUITY, "predictions": PREDICTIONS, "coverage": ("time",)}


@dataclass(frozen=True)
class Taken:
    """Additions by an intake.

    Attributes:
        kind: fills, equity or predictions.
        rows: of the statement.
        new: rows that were not there before.
        total: rows there are now.
    """

    kind: str
    rows: int
    new: int
    total: int


def take_in(
    place: Place, profile: Profile, file: Path, form: str, reading: Reading, until: str | None
) -> Taken:
    """Add a statement's rows to the live records; the same statement twice changes nothing.

    Args:
        place: where.
        profile: whose records they are.
        file: the statement.
        form: one of `statements.FORMATS`.
        reading: columns, symbols, time zone, currency.
        until: ISO time up to which the statement is complete; None: its last row.

    Raises:
        ValueError: a row, column, zone, currency or symbol is not what it has to be.
    """
    if not file.is_file():
        raise ValueError(f"{file}: there is no such file")
    check_zone(reading.timezone, "--map")
    kind = form if form in ("equity", "predictions") else "fills"
    if kind == "fills" and holds_several(profile):
        raise ValueError(
            f"{profile.ref}: --format {form}: it holds several positions, whose fills are not "
            "compared; take in the account's value with --format equity"
        )
    table = _table(file, form, profile, reading)
    with writing(place.root, profile.profile):
        before = records(place.root, profile.profile, kind)
        new = _unseen(before, table)
        if len(new):
            table_file.put(live_folder(place.root, profile.profile, kind), new)
        if until is not None:
            moment = times_of(pd.Series([until]), reading, "--until")
            table_file.put(
                live_folder(place.root, profile.profile, "coverage"), pd.DataFrame({"time": moment})
            )
    return Taken(kind, len(table), len(new), len(before) + len(new))


def records(root: Path, profile: str, kind: str) -> pd.DataFrame:
    """All rows of a kind of live records, oldest first."""
    folder = live_folder(root, profile, kind)
    tables = [table_file.get(folder, path.stem) for path in sorted(folder.glob("[!.]*.parquet"))]
    if not tables:
        return pd.DataFrame({name: [] for name in COLUMNS[kind]})
    return pd.concat(tables).sort_values("time", kind="stable").reset_index(drop=True)


def _table(file: Path, form: str, profile: Profile, reading: Reading) -> pd.DataFrame:
    if form == "equity":
        return _equity(statements.read_table(file), reading, str(file))
    if form == "predictions":
        return _predictions(statements.read_table(file), profile.symbol, reading, str(file))
    readers = {
        "fills": statements.read_table,
        "freqtrade": statements.freqtrade,
        "ccxt": statements.ccxt,
        "ib": statements.ib,
    }
    if form not in readers:
        raise ValueError(f"--format: need one of {', '.join(statements.FORMATS)}, got {form!r}")
    return checked_fills(readers[form](file), profile.symbol, reading, str(file))


def _equity(table: pd.DataFrame, reading: Reading, what: str) -> pd.DataFrame:
    """Equity of the account in quote currency; `flow` is what was paid in since the row before."""
    table = renamed(table, EQUITY, ("flow",), reading, what)
    result = pd.DataFrame({"time": times_of(table["time"], reading, what)})
    for name in ("equity", "flow"):
        given = table[name] if name in table else pd.Series(np.zeros(len(table)))
        result[name] = pd.to_numeric(given, errors="coerce").to_numpy(float)
    bad = ~np.isfinite(result[["equity", "flow"]].to_numpy()).all(axis=1)
    if bad.any():
        row = int(bad.argmax())
        got = table.iloc[row].to_dict()
        raise ValueError(f"{what} row {row + 1}: equity has to be finite, got {got}")
    return result.sort_values("time", kind="stable").reset_index(drop=True)


def _predictions(table: pd.DataFrame, symbol: str, reading: Reading, what: str) -> pd.DataFrame:
    optional = ("probability", "score", "outcome", "horizon")
    table = renamed(table, PREDICTIONS, optional, reading, what)
    if "probability" not in table and "score" not in table:
        raise ValueError(f"{what}: needs a column probability or score")
    result = pd.DataFrame({"time": times_of(table["time"], reading, what)})
    result["model"], result["symbol"] = table["model"].astype(str), table["symbol"].astype(str)
    result["horizon"] = table["horizon"].astype(str) if "horizon" in table else ""
    for name in ("probability", "score", "outcome"):
        result[name] = pd.to_numeric(table[name]).astype(float) if name in table else np.nan
    bad = (result["probability"] < 0) | (result["probability"] > 1) | (result["symbol"] != symbol)
    if bad.any():
        row = int(bad.to_numpy().argmax())
        raise ValueError(
            f"{what} row {row + 1}: need a probability in 0..1 and symbol {symbol}, got "
            f"{result['probability'].iloc[row]} and {result['symbol'].iloc[row]}"
        )
    return result.sort_values("time", kind="stable").reset_index(drop=True)


def _unseen(before: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Rows that are not there yet; k equal rows of one statement are k fills."""
    return table[~_keys(table).isin(set(_keys(before)))].reset_index(drop=True)


def _keys(table: pd.DataFrame) -> pd.Series:
    """A row's values as text, and how many equal rows came before it."""
    if table.empty:
        return pd.Series([], dtype=str)
    plain = table.assign(time=pd.DatetimeIndex(table["time"]).as_unit("ns").asi8)
    text = pd.Series(["|".join(map(repr, row)) for row in plain.itertuples(index=False, name=None)])
    return text + "#" + table.groupby(text).cumcount().astype(str)
