"""The shadow of one version of a profile as it is kept: what it did so far, and every break."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from operate.records import json_file, table_file
from operate.records.paths import version_folder
from store.files.typed_json import JsonRecord, none_if_empty, unknown_fields

SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(JsonRecord):
    """A run whose beginning is not that of the run before.

    Attributes:
        at: time of the last bar.
        cause: data or code.
        detail: in words.
        changed: whether decisions are others.
        acknowledged: by a person.
        others: fields of later versions.
    """

    at: str
    cause: str
    detail: str
    changed: bool
    acknowledged: bool
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPosition(JsonRecord):
    """The position that is open at the last close.

    Attributes:
        entry_time: of its bar.
        side: 1 long, -1 short.
        entry_price: quote currency.
        size: units of the asset.
        others: fields of later versions.
    """

    entry_time: str
    side: int
    entry_price: float
    size: float
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True)
class Shadow(JsonRecord):
    """One shadow; the two tables that it names are files of its folder.

    Attributes:
        profile: its name.
        version: of the profile.
        fresh_from: time of the last bar that was there at the promotion.
        first: time of the bar that the run starts on.
        last: time of the last closed bar.
        closed: when that bar ended.
        bars: number of bars of the table, those before the start included.
        fingerprint: of these bars.
        chain: digest over this fingerprint and all before it.
        links: how many fingerprints that are.
        table: SHA-256 of the bars with the equity; NaN before the start.
        trades: SHA-256 of the closed trades.
        kernel: version of the kernels.
        source: hash of the strategy's file.
        warm_up: bars that a bot needs; None when not known.
        breaks: every broken prefix.
        held: the position open at the last close; None without one.
        timeframe: length of a bar.
        calendar: of the market.
        periods_per_year: bars in a mean year.
        others: fields of later versions.
    """

    profile: str
    version: int
    fresh_from: str
    first: str
    last: str
    closed: str
    bars: int
    fingerprint: str
    chain: str
    links: int
    table: str
    trades: str
    kernel: str
    source: str
    warm_up: int | None = None
    breaks: tuple[Break, ...] = ()
    held: HeldPosition | None = none_if_empty(HeldPosition)  # noqa: RUF009 -- a field, not a value
    timeframe: str = "1d"
    calendar: str = "24/7"
    periods_per_year: float = 252.0
    others: Mapping[str, object] = unknown_fields()


def load(root: Path, profile: str, version: int) -> Shadow | None:
    """The shadow of a version; None when there is none yet."""
    return json_file.load(version_folder(root, profile, version) / "shadow.json", Shadow, SCHEMA)


def save(root: Path, shadow: Shadow, table: pd.DataFrame, trades: pd.DataFrame) -> Shadow:
    """Keep a shadow with its tables; killed at any instant, the one before stays whole."""
    folder = version_folder(root, shadow.profile, shadow.version)
    names = table_file.put(folder, table), table_file.put(folder, trades)
    kept = replace(shadow, table=names[0], trades=names[1])
    json_file.save(folder / "shadow.json", kept, SCHEMA)
    table_file.drop_others(folder, set(names))
    return kept


def resave(root: Path, shadow: Shadow) -> None:
    """Keep a change of the record alone."""
    folder = version_folder(root, shadow.profile, shadow.version)
    json_file.save(folder / "shadow.json", shadow, SCHEMA)


def table_of(root: Path, shadow: Shadow) -> pd.DataFrame:
    """(bars,) times, prices, features and equity; equity is NaN before the start."""
    folder = version_folder(root, shadow.profile, shadow.version)
    return table_file.get(folder, shadow.table).set_index("time")


def trades_of(root: Path, shadow: Shadow) -> pd.DataFrame:
    """Closed trades, oldest first; columns of `store.replay.retrace.TRADES`."""
    return table_file.get(version_folder(root, shadow.profile, shadow.version), shadow.trades)
