"""The shadow of one version of a profile as it is kept: what it did so far, and every break."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from operate.records import json_file, table_file
from operate.records.paths import version_folder

SCHEMA = 1


@dataclass(frozen=True)
class Shadow:
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
        breaks: every broken prefix: at, cause, detail, changed, acknowledged.
        held: the position open at the last close: entry_time, side, entry_price, size; empty: none.
        timeframe: length of a bar.
        calendar: of the market.
        periods_per_year: bars in a mean year.
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
    breaks: Sequence[dict[str, Any]] = field(default_factory=list)
    held: dict[str, Any] = field(default_factory=dict)
    timeframe: str = "1d"
    calendar: str = "24/7"
    periods_per_year: float = 252.0


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
