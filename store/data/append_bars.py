"""New bars next to those that are kept: added when they agree, refused when history has changed."""

import pandas as pd

from store.data.calendars.times import time_text
from store.errors import BadBars


def extended(old: pd.DataFrame, new: pd.DataFrame, what: str) -> pd.DataFrame:
    """The bars of both, when nothing that is kept would change.

    Args:
        old: bars that are kept.
        new: bars in the same shape.
        what: names the series in errors.

    Returns:
        All bars, oldest first; `old` itself when nothing is added.

    Raises:
        BadBars: the columns differ, or where both have bars not all are the same.
    """
    if list(old.columns) != list(new.columns):
        raise BadBars(
            f"{what}: has the columns {', '.join(old.columns)}, now there are "
            f"{', '.join(new.columns)}; pass --replace to keep the new bars only"
        )
    _check_same(old, new, what)
    added = new[~new.index.isin(old.index)]
    return pd.concat([old, added]).sort_index() if len(added) else old


def _check_same(old: pd.DataFrame, new: pd.DataFrame, what: str) -> None:
    """Refuse other values, and bars that only one of them has, where both have history."""
    first, last = max(old.index[0], new.index[0]), min(old.index[-1], new.index[-1])
    before, now = old.loc[first:last].align(new.loc[first:last])
    differs = ~((before == now) | (before.isna() & now.isna()))
    if differs.to_numpy().any():
        time = differs.index[differs.any(axis=1)][0]
        name = differs.columns[differs.loc[time]][0]
        raise BadBars(
            f"{what}: the bar of {time_text(time)} has {name} {_value(before.loc[time, name])} in "
            f"the store and {_value(now.loc[time, name])} now; pass --replace to keep the new bars "
            "only"
        )


def _value(value: float) -> str:
    return "nothing" if value != value else repr(float(value))
