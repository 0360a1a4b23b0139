"""What a source hands over."""

from typing import NamedTuple

import pandas as pd


class Table(NamedTuple):
    """Bars of one symbol.

    Attributes:
        what: what errors call them: their file or symbol.
        frame: in the shape of `store.data.shape`.
        calendar: their market's, when the source knows it.
    """

    what: str
    frame: pd.DataFrame
    calendar: str | None = None
