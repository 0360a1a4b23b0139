"""The prefix rule: what a shadow did before must be the beginning of what it does now.

A break is named by its cause: *data* when the earlier bars are no longer what they were, *code*
when they are and the trades or the equity are not.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from operate.shadow.fingerprint import first_change

FIRST, EQUAL, DATA, CODE = "first", "equal", "data", "code"


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
    moved = _first_move(old, new)
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


def _first_move(
    old: tuple[pd.DataFrame, pd.DataFrame], new: tuple[pd.DataFrame, pd.DataFrame]
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
    unequal = np.flatnonzero(~((then == now) | (np.isnan(then) & np.isnan(now))))
    if unequal.size:
        k = int(unequal[0])
        return f"equity at {old[0].index[k]:%Y-%m-%d %H:%M}: {then[k]!r}, {now[k]!r} now"
    return ""
