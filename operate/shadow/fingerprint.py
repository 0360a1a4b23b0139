"""Fingerprint of the first n bars, and the chain of all fingerprints that a shadow has seen."""

import hashlib

import numpy as np
import pandas as pd

SHOWN = 4
"""Columns that are named."""


def rows_of(frame: pd.DataFrame) -> np.ndarray:
    """(n, 1 + columns) times and values as 8-byte words, a row a bar; columns by name."""
    names = sorted(map(str, frame.columns))
    values = frame[names].to_numpy(np.float64) + 0.0  # -0.0 becomes 0.0
    values[np.isnan(values)] = np.nan
    times = pd.DatetimeIndex(frame.index).as_unit("ns").asi8
    return np.column_stack([times, values.view(np.int64)])


def fingerprint_of(frame: pd.DataFrame) -> str:
    """SHA-256 over the bars' times and values, row by row, 64 hex digits."""
    return hashlib.sha256(np.ascontiguousarray(rows_of(frame), "<i8").tobytes()).hexdigest()


def link(previous: str, bars: int, fingerprint: str) -> str:
    """The chain after one more fingerprint: its own digest covers all that came before."""
    return hashlib.sha256(f"{previous} {bars} {fingerprint}".encode()).hexdigest()


def first_change(old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, str] | None:
    """Number of the first bar that is not as it was, and what changed in it; None for none.

    Args:
        old: bars as they were.
        new: as they are, at least as far as they reach; columns without a value in the old bars,
            such as those of a symbol that begins after them, change nothing.
    """
    now = new.iloc[: len(old)]
    added = [name for name in now.columns if name not in old.columns and now[name].isna().all()]
    now = now.drop(columns=added)
    before, after = rows_of(old), rows_of(now)
    if changed := sorted({*map(str, old.columns)} ^ {*map(str, now.columns)}):
        return 0, f"its columns are others: {', '.join(changed[:SHOWN])}"
    n = min(len(before), len(after))
    rows = np.flatnonzero((before[:n] != after[:n]).any(axis=1))
    if not rows.size:
        return None if n == len(before) else (n, "is gone")
    at = int(rows[0])
    if before[at, 0] != after[at, 0]:
        return at, f"was at {old.index[at]}, is at {new.index[at]}"
    names = sorted(map(str, old.columns))
    column = names[int(np.flatnonzero(before[at, 1:] != after[at, 1:])[0])]
    return at, f"{column} was {old[column].iloc[at]!r}, is {new[column].iloc[at]!r}"
