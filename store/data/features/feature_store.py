"""Features: dated values of their own, kept until bars ask for them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from store.data import bar_store
from store.data.calendars.times import column_names, row_name, take_times, time_text
from store.data.features.asof_join import RULES
from store.data.normalise import named, numbers
from store.errors import BadBars
from store.files.paths import feature_record


@dataclass(frozen=True)
class KeptFeature:
    """Feature as an ingest has left it in the store.

    Attributes:
        state: new, extended, unchanged or replaced.
        record: of the feature as it is now.
        added: values that were not there before.
        notes: what was done to the data on the way: one line each.
    """

    state: str
    record: bar_store.Record
    added: int
    notes: tuple[str, ...]

    def row(self) -> dict[str, object]:
        """As JSON types."""
        record = asdict(self.record)
        return {
            "state": self.state,
            **record,
            **record.pop("about"),
            "added": self.added,
            "notes": list(self.notes),
        }


def values_of(table: pd.DataFrame, what: str, rule: str, column: str | None) -> pd.DataFrame:
    """The values in a table of one time column and at least one other.

    Args:
        table: as a file holds it; empty cells are left out.
        what: names the table in errors.
        rule: level or event; of a level there is one value at a time.
        column: which column holds the values; None when there is only one.

    Returns:
        Columns `value`, `key`; index UTC times, ascending.

    Raises:
        ValueError: no such rule.
        BadBars: the table cannot be read so.
    """
    if rule not in RULES:
        raise ValueError(f"--rule: need {' or '.join(RULES)}, got {rule!r}")
    times, rest = take_times(named(table, what), what)
    name = column.strip().lower() if column else None
    if name is None and len(rest.columns) == 1:
        name = str(rest.columns[0])
    if name not in rest.columns:
        problem = f"no column {name!r}" if name else "several columns"
        among = f"{problem} among {column_names(rest)}"
        raise BadBars(
            f"{what}: {among if len(rest.columns) else 'no column next to the time'}; "
            "pass --column NAME"
        )
    values = numbers(rest[name], times, what)
    _check_finite(values, times, what)
    values = values.dropna().sort_index(kind="stable")
    if rule == "level" and (again := values.index.duplicated()).any():
        time = time_text(values.index[int(np.argmax(again))])
        raise BadBars(f"{what}: two values at {time}; a level has one, or pass --rule event")
    order = values.groupby(level=0).cumcount()
    keys = [f"{time.value} {place}" for time, place in zip(values.index, order, strict=True)]
    return pd.DataFrame({"value": values, "key": keys}, index=values.index)


def _check_finite(values: pd.Series, times: pd.DatetimeIndex, what: str) -> None:
    infinite = np.isinf(values.to_numpy())
    if infinite.any():
        row = row_name(times, int(np.argmax(infinite)))
        raise BadBars(f"{what}: {row}: the value is infinite; leave the cell empty")


def keep_feature(
    root: Path,
    name: str,
    rows: pd.DataFrame,
    rule: str,
    origin: Mapping[str, object],
    *,
    replacing: bool = False,
    notes: tuple[str, ...] = (),
) -> KeptFeature:
    """Keep dated values, next to those of this name that are kept already.

    Args:
        root: of the store.
        name: of the feature.
        rows: columns `value`, `key`; index UTC times, ascending. What has one key is one value.
        rule: level or event.
        origin: where they came from, as JSON types.
        replacing: keep these values only, whatever is kept.
        notes: passed on.

    Raises:
        BadBars: no value; or a level that is kept would change. News stay as first seen.
    """
    path = feature_record(root, name)
    if rows.empty:
        raise BadBars(f"{name}: no value to keep; {'; '.join(notes) or 'the source has none'}")
    with bar_store.writing(root):
        there = path.exists()
        old = bar_store.load_record(path) if there and not replacing else None
        if old is not None:
            rows = _union(bar_store.read(root, old.file, name), rows, old, rule)
        added = len(rows) - (old.rows if old else 0)
        about = {"rule": rule, "origin": dict(origin)}
        record = bar_store.write(root, path, rows, about) if added or not old else old
    state = ("extended" if added else "unchanged") if old else ("replaced" if there else "new")
    return KeptFeature(state, record, added, notes)


def _union(
    before: pd.DataFrame, rows: pd.DataFrame, old: bar_store.Record, rule: str
) -> pd.DataFrame:
    """Stored and new values together, ascending."""
    if old.about["rule"] != rule:
        raise BadBars(
            f"{old.name}: is kept as {old.about['rule']}, got {rule}; pass --replace to keep the "
            "new values only"
        )
    again = rows[rows["key"].isin(before["key"])]
    was = before.drop_duplicates("key").set_index("key")["value"].reindex(again["key"]).to_numpy()
    changed = again["value"].to_numpy() != was
    if rule == "level" and changed.any():
        row = int(np.argmax(changed))
        raise BadBars(
            f"{old.name}: is {float(was[row])!r} at {time_text(again.index[row])} in the store and "
            f"{float(again['value'].iloc[row])!r} now; pass --replace to keep the new values only"
        )
    new = rows[~rows["key"].isin(before["key"])]
    return pd.concat([before, new]).sort_index(kind="stable")
