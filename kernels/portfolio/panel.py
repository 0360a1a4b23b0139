"""A universe made ready for the kernels: the bars of many symbols on one axis of time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kernels.jit.array_types import Floats, Ints, read_only
from kernels.series.bars import Series, moments_of

NEEDED = ("open", "close")
PRICES = ("open", "high", "low", "close")
TIMES = ("time", "date", "datetime", "timestamp")
"""Names of a long table's column of times, in the order in which they are looked for."""


@dataclass(frozen=True, eq=False)
class Panel(Series):
    """Bars of N symbols on the union of their T times. Make it with `prepare_panel`.

    As a series of one symbol it is the index of its symbols: equal parts of all that trade,
    rebalanced at each bar, which is what holding the universe would have brought.

    Attributes:
        symbols: (N,) names, ascending, which is the order of all arrays.
        table: (N, T) read-only float64 by name: open and close, further prices, volume and
            features as given; NaN where a symbol has no bar.
    """

    symbols: tuple[str, ...] = ()
    table: Mapping[str, Floats] = field(default_factory=dict)

    @cached_property
    def first(self) -> Ints:
        """(N,) first bar with a close; T of a symbol that has none."""
        traded = np.isfinite(self.table["close"])
        return np.where(traded.any(axis=1), traded.argmax(axis=1), self.n_bars).astype(np.int64)

    @cached_property
    def last(self) -> Ints:
        """(N,) last bar with a close; -1 of a symbol that has none."""
        traded = np.isfinite(self.table["close"])[:, ::-1]
        last = np.where(traded.any(axis=1), self.n_bars - 1 - traded.argmax(axis=1), -1)
        return last.astype(np.int64)

    @cached_property
    def marks(self) -> Floats:
        """(N, T) last known close; NaN before the first."""
        return last_known(self.table["close"])

    def before(self, stop: int) -> "Panel":
        """The first `stop` bars; symbols that have none by then stay, without bars."""
        return panel_from(
            self.symbols,
            {name: values[:, :stop] for name, values in self.table.items()},
            None if self.times is None else self.times[:stop],
            None if self.days is None else self.days[:stop],
        )

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return panel_from, (self.symbols, dict(self.table), self.times, self.days)

    @cached_property
    def made(self) -> dict[Any, Any]:
        """Tables laid out from these bars, kept for as long as they are; not part of a copy."""
        return {}

    def by_time(self, name: str) -> Floats:
        """(T, N) one column with the symbols of a bar next to each other, read-only."""
        key = ("by_time", name)
        if key not in self.made:
            self.made[key] = read_only(np.ascontiguousarray(self.table[name].T))
        return cast(Floats, self.made[key])

    def values(self, name: str) -> Floats:
        """(N, T) one column, read-only (a copy through pickle has lost that flag)."""
        return read_only(self.table[name])


def panel_from(
    symbols: tuple[str, ...], table: Mapping[str, Floats], times: Ints | None, days: Ints | None
) -> Panel:
    """A panel of arrays that keep its rules already."""
    frozen = {name: read_only(values) for name, values in table.items()}
    return Panel(_index_of(frozen), times, days, symbols, frozen)


def last_known(close: Floats) -> Floats:
    """(N, T) the last number so far of each row; NaN before the first."""
    at = np.where(np.isfinite(close), np.arange(close.shape[1]), -1)
    np.maximum.accumulate(at, axis=1, out=at)
    marks = np.take_along_axis(close, np.maximum(at, 0), axis=1)
    return read_only(np.where(at >= 0, marks, np.nan))


def prepare_panel(panel: object, days: Any = None) -> Panel:
    """Bring the bars of many symbols onto one axis of time.

    Args:
        panel: a mapping of symbols to DataFrames (or to mappings of arrays) with open and close
            and any further columns, oldest bar first; or one long DataFrame with a column
            `symbol`, and its times in the index or in a column `time`. A row whose prices are all
            NaN is no bar.
        days: (T,) whole numbers, the trading day of each bar of the union; None takes days in UTC.

    Raises:
        ValueError: no symbol, no column open or close, prices that are not above zero, times that
            are not ascending; names the symbol.
    """
    if isinstance(panel, Panel):
        return panel
    bars = {str(name): frame for name, frame in _by_symbol(panel)}
    if not bars:
        raise ValueError("panel: holds no symbol; give {symbol: bars}")
    symbols = tuple(sorted(bars))
    tables = [_table(name, bars[name]) for name in symbols]
    clocks = [_clock(name, bars[name], table) for name, table in zip(symbols, tables, strict=True)]
    timed = all(moments is not None for moments, _ in clocks)
    if not timed and any(moments is not None for moments, _ in clocks):
        raise ValueError("panel: some symbols have times and some have none; give all of them one")
    axis = np.unique(np.concatenate([places for _, places in clocks]))
    names = dict.fromkeys(column for table in tables for column in table)
    columns = {name: np.full((len(symbols), axis.size), np.nan) for name in names}
    for row, (table, (_, places)) in enumerate(zip(tables, clocks, strict=True)):
        at = np.searchsorted(axis, places)
        for name, values in table.items():
            columns[name][row, at] = values
    times = _frozen(axis) if timed else None
    if timed:
        days = _frozen(axis // (86_400 * 10**9) if days is None else np.asarray(days, np.int64))
    return panel_from(symbols, columns, times, days)


def _by_symbol(panel: Any) -> Iterator[tuple[object, object]]:
    """Symbols and their bars, of a mapping or of a long table."""
    names = list(panel)
    if hasattr(panel, "groupby"):
        key = next((name for name in names if str(name).lower() == "symbol"), None)
        if key is None:
            raise ValueError(
                f"panel: the table has no column symbol, got {', '.join(map(str, names)) or 'none'}"
            )
        clock = next((n for n in names if str(n).lower() in TIMES), None)
        long = panel if clock is None else panel.set_index(clock)
        for name, part in long.groupby(key, sort=True):
            yield name, part.drop(columns=[key])
    else:
        yield from ((name, panel[name]) for name in names)


def _table(symbol: str, bars: Any) -> dict[str, Floats]:
    """The columns of one symbol as numbers, prices checked."""
    table = {str(name): _numbers(symbol, str(name), bars[name]) for name in list(bars)}
    for name in NEEDED:
        if name not in table:
            raise ValueError(
                f"panel: {symbol} has no column {name!r}, got {', '.join(table) or 'none'}; "
                "need open and close in lower case"
            )
    for name in PRICES:
        values = table.get(name, np.empty(0))
        bad = ~(np.isnan(values) | ((values > 0) & np.isfinite(values)))
        if bad.any():
            at = int(np.argmax(bad))
            raise ValueError(
                f"panel: {symbol}: {name} must be finite and > 0, got {values[at]} at bar {at}; "
                "NaN where there is no bar"
            )
    return table


def _numbers(symbol: str, name: str, values: object) -> Floats:
    try:
        return np.array(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise ValueError(
            f"panel: {symbol}: {name} must hold numbers; convert or drop the column"
        ) from None


def _clock(symbol: str, bars: object, table: Mapping[str, Floats]) -> tuple[Ints | None, Ints]:
    """Times of a symbol's bars, None without, and their places on the axis: times or numbers."""
    moments = moments_of(getattr(bars, "index", None))
    size = table["close"].size
    places = np.arange(size, dtype=np.int64) if moments is None else moments
    for name, values in table.items():
        if values.size != size:
            raise ValueError(f"panel: {symbol}: {name} has {values.size} values, close {size}")
    if places.size != size or (np.diff(places) <= 0).any():
        raise ValueError(f"panel: {symbol}: times must be unique and ascending; sort its rows")
    return moments, places


def _frozen(values: NDArray[np.int64]) -> Ints:
    values.flags.writeable = False
    return values


def _index_of(table: Mapping[str, Floats]) -> dict[str, Floats]:
    """Open, high, low and close of the equal-weighted index, and how many symbols trade."""
    close, opened = table["close"], table["open"]
    before = np.full_like(close, np.nan)
    before[:, 1:] = last_known(close)[:, :-1]
    level = 100.0 * np.cumprod(1.0 + _mean(close / before - 1.0))
    start = np.concatenate([[100.0], level[:-1]])
    at_open = start * (1.0 + _mean(opened / before - 1.0))
    columns = {
        "open": at_open,
        "high": np.maximum(at_open, level),
        "low": np.minimum(at_open, level),
        "close": level,
        "volume": np.isfinite(close).sum(axis=0).astype(np.float64),
    }
    return {name: read_only(values) for name, values in columns.items()}


def _mean(changes: Floats) -> Floats:
    """(T,) mean over the symbols that have a change, 0 where none has."""
    there = np.isfinite(changes)
    total = np.where(there, changes, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(there.sum(axis=0), 1))
