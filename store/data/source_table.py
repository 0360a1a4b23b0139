"""Table of bars as a source returns it."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd


class Table(NamedTuple):
    """Bars of one symbol.

    Attributes:
        what: what errors call them: their file or symbol.
        frame: in the shape of `store.data.normalise`.
        calendar: their market's, when the source knows it.
        options: keys of the spec, made exact: with them it gives these very bars again.
        notes: what was settled on the way, one line each.
        naive: whether its times had no zone, and were taken as UTC.
    """

    what: str
    frame: pd.DataFrame
    calendar: str | None = None
    options: Mapping[str, object] = {}
    notes: tuple[str, ...] = ()
    naive: bool = False
