"""Bars made ready for the kernels, once per series."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numba import types

from kernels.arrays import SERIES, Floats, read_only
from kernels.spans import Spans, summarise

PRICES = ("open", "high", "low", "close")


class Bars(NamedTuple):
    """The four prices of every bar, oldest first; (n_bars,) each, quote currency."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats


class Bar(NamedTuple):
    """The four prices of one bar."""

    open: float
    high: float
    low: float
    close: float


BARS = types.NamedUniTuple(SERIES, 4, Bars)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class Series:
    """One symbol's bars, checked. Make it with `prepare`; it travels to workers as it is.

    Attributes:
        columns: (n_bars,) read-only float64 by name: the prices, volume if given, features.
    """

    columns: Mapping[str, Floats]

    @property
    def n_bars(self) -> int:
        """Number of bars."""
        return self.columns["close"].size

    def bars(self) -> Bars:
        """The four prices, as the kernels take them."""
        return Bars(*(self.column(name) for name in PRICES))

    @cached_property
    def spans(self) -> Spans:
        """Summaries for the event engine; each process makes its own, they do not travel."""
        bars = self.bars()
        return summarise(bars.low, bars.high, bars.close)

    def __reduce__(self) -> tuple[type["Series"], tuple[dict[str, Floats]]]:
        return Series, (dict(self.columns),)

    def column(self, name: str) -> Floats:
        """One column, read-only (a copy through pickle has lost that flag)."""
        return read_only(self.columns[name])


def prepare(bars: Any) -> Series:
    """Check bars and lay them out for the kernels.

    Args:
        bars: a DataFrame, or a mapping of names to arrays, oldest bar first: open, high, low and
            close; volume and feature columns as the strategies need them. An index is ignored.

    Returns:
        The series, with copies of the columns.

    Raises:
        ValueError: a price column is missing, or holds something not finite and positive; a
            column is not numeric, not one-dimensional, or differs in length; there is no bar.
            Features may hold NaN. Whether low <= close <= high is for `store.data.bars` to judge.
    """
    columns = {str(name): _numbers(str(name), bars[name]) for name in bars}
    for name in PRICES:
        if name not in columns:
            raise ValueError(
                f"bars: no column {name!r}, got {', '.join(columns) or 'none'}; "
                "need open, high, low, close in lower case"
            )
    n_bars = columns["close"].size
    if n_bars == 0:
        raise ValueError("bars: need at least one bar, got 0")
    for name, column in columns.items():
        if column.size != n_bars:
            raise ValueError(f"bars.{name}: need {n_bars} values as close has, got {column.size}")
        if name in PRICES:
            _check_prices(name, column)
    return Series(columns)


def _numbers(name: str, values: Any) -> Floats:
    try:
        column = read_only(np.array(values, dtype=np.float64))
    except (TypeError, ValueError):
        raise ValueError(f"bars.{name}: need numbers; convert or drop the column") from None
    if np.ndim(values) != 1:
        raise ValueError(f"bars.{name}: need one dimension, got shape {np.shape(values)}")
    return column


def _check_prices(name: str, column: Floats) -> None:
    bad = ~((column > 0) & np.isfinite(column))
    if bad.any():
        at = int(np.argmax(bad))
        raise ValueError(
            f"bars.{name}: prices must be finite and > 0, got {column[at]} at bar {at}; "
            "repair or cut the bars"
        )
