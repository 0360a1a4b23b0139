"""What a source hands over."""

from typing import NamedTuple

import pandas as pd


class Table(NamedTuple):
    """A frame in the shape of `store.bar_columns`, and what errors call it: its file or symbol."""

    what: str
    frame: pd.DataFrame
