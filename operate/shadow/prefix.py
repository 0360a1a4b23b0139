"""The prefix rule: what a shadow did before must be the beginning of what it does now.

A break is named by its cause: *data* when the earlier bars are no longer what they were, *code*
when they are and the trades or the equity are not. The equity of a universe may move by rounding
alone: its holdings are summed in another order from the bar on at which one of them ends.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from operate.shadow.fingerprint import first_change

FIRST, EQUAL, DATA, CODE = "first", "equal", "data", "code"
ROUNDING = 1e-12
"""Relative difference of the equities of a universe that is none."""
SHOWN = 3
"""Symbols that are named."""


@dataclass(frozen=True)
class Prefix:
    """The comparison of a shadow with the one before.

    Attributes:
        word: first, equal, data or code.
        detail: which bar, trade or version, in words; empty when equal.
        changed: earlier trades or equity are no longer what they were.
    """

    word: str
    detail: str = ""
    changed: bool = False


def compare(
    old: tuple[pd.DataFrame, pd.DataFrame],
    new: tuple[pd.DataFrame, pd.DataFrame],
    versions: tuple[tuple[str, str], tuple[str, str]],
) -> Prefix:
    """Compare what was kept with what a run now gives.

    Args:
        old: table (bars with `equity`) and closed trades, as kept.
        new: the same of the run now.
        versions: kernel version and strategy source, then and now.
    """
    bars = first_change(old[0].drop(columns="equity"), new[0].drop(columns="equity"))
    moved = _first_move(old, new, ROUNDING if "symbol" in new[1] else 0.0)
    if moved and bars is None:
        bars = _traded_again(old[0], new[0])
    if bars is not None:
        at, what = bars
        time = old[0].index[min(at, len(old[0]) - 1)]
        effect = f"; {moved}" if moved else "; no trade and no equity changed"
        return Prefix(DATA, f"bar {time:%Y-%m-%d %H:%M}: {what}{effect}", bool(moved))
    if moved:
        return Prefix(CODE, f"{moved}; {_version_words(*versions)}", True)
    return Prefix(EQUAL)


def _version_words(then: tuple[str, str], now: tuple[str, str]) -> str:
    if then[0] != now[0]:
        return f"kernel version {then[0]} then, {now[0]} now"
    if then[1] != now[1]:
        return "the file of the strategy has changed"
    return "same kernel and same file: the strategy repaints, it looks ahead or is random"


def _traded_again(old: pd.DataFrame, new: pd.DataFrame) -> tuple[int, str] | None:
    """The last bar that was, and the symbols that had ended by it and trade after it; or None.

    What has no bar at the last close counts as ended: that it was a hole only shows later.
    """
    closes = [name for name in old.columns if str(name).endswith(".close")]
    ended = old[closes].iloc[-1].isna() & old[closes].notna().any()
    back = [name for name in ended.index[ended] if new[name].iloc[len(old) :].notna().any()]
    if not back:
        return None
    names = ", ".join(str(name).removesuffix(".close") for name in back[:SHOWN])
    return len(old) - 1, f"{names} had no bar and counted as ended, and trades again"


def _first_move(
    old: tuple[pd.DataFrame, pd.DataFrame],
    new: tuple[pd.DataFrame, pd.DataFrame],
    rounding: float,
) -> str:
    """The first trade or equity that is not as it was, in words; empty for none."""
    if len(new[1]) < len(old[1]):
        return f"{len(old[1])} closed trades then, {len(new[1])} now"
    before, after = old[1], new[1].iloc[: len(old[1])]
    for column in before.columns:
        unequal = np.flatnonzero(before[column].to_numpy() != after[column].to_numpy())
        if unequal.size:
            k = int(unequal[0])
            return f"trade {k + 1}: {column} {before[column].iloc[k]}, {after[column].iloc[k]} now"
    then, now = old[0]["equity"].to_numpy(), new[0]["equity"].to_numpy()[: len(old[0])]
    if then.size > now.size:
        return f"{then.size} bars then, {now.size} now"
    unequal = np.flatnonzero(~np.isclose(now, then, rtol=rounding, atol=0.0, equal_nan=True))
    if unequal.size:
        k = int(unequal[0])
        return f"equity at {old[0].index[k]:%Y-%m-%d %H:%M}: {then[k]!r}, {now[k]!r} now"
    return ""
