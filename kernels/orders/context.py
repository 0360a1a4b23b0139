"""Context of the order engine: arrays that it reads next to the bars, made once per batch."""

from typing import Any

import numpy as np

from kernels.engine.order_settings import Orders, OrderSettings
from kernels.engine.setting_error import SettingError
from kernels.indicators.ranges import atr, volatility
from kernels.jit.array_types import Bools, Floats, Ints, frozen, read_only
from kernels.orders.order_engine import Context
from kernels.series.bars import Bars, Series


def context_of(series: Series, settings: OrderSettings, orders: Floats) -> Context:
    """The context of a batch.

    Args:
        series: the bars.
        settings: checked.
        orders: (n, fields of `Orders`) of the batch.

    Raises:
        SettingError: the bars lack what a setting reads.
    """
    high, low, close = (series.column(name) for name in ("high", "low", "close"))
    lengths = orders[:, Orders._fields.index("atr_length")]
    windows = orders[:, Orders._fields.index("vol_length")]
    ranged = settings.risk_unit == "atr"
    targeted = not np.isnan(orders[:, Orders._fields.index("vol_target")]).all()
    ranges, range_rows = _rows(lengths, ranged, lambda n: atr(high, low, close, n), close)
    spreads, spread_rows = _rows(windows, targeted, lambda n: volatility(close, n), close)
    return Context(
        ranges,
        spreads,
        range_rows,
        spread_rows,
        frozen(last_of_sessions(series) if settings.session_flat else np.zeros(0, np.bool_)),
        _funding(series, settings.funding),
        *_detail_of(series),
    )


def _rows(lengths: Floats, wanted: bool, row: Any, like: Floats) -> tuple[Floats, Ints]:
    """One row per different length, and which of them each configuration reads."""
    if not wanted:
        return read_only(np.full((1, like.size), np.nan)), frozen(np.zeros(lengths.size, np.int64))
    distinct, places = np.unique(lengths, return_inverse=True)
    table = np.array([row(int(length)) for length in distinct])
    return read_only(table), frozen(places.astype(np.int64))


def last_of_sessions(series: Series) -> Bools:
    """Which bars are the last of their session, (n_bars,).

    Raises:
        SettingError: the sessions are not known, or every bar is one.
    """
    if not series.intraday and "bars_to_session_end" not in series.columns:
        raise SettingError(
            "session_flat",
            "needs bars shorter than a session, with their times; the position of longer bars is "
            "never left within one",
        )
    return np.asarray(series.column("bars_to_session_end") == 0)


def _funding(series: Series, name: str | None) -> Floats:
    if name is None:
        return read_only(np.zeros(0))
    if name not in series.columns:
        raise SettingError(
            "funding", f"the bars have no column {name!r}, they have {', '.join(series.columns)}"
        )
    return series.column(name)


def _detail_of(series: Series) -> tuple[Bars, Ints]:
    """Finer bars and the first of each bar; empty where there are none."""
    if series.detail is None:
        nothing = read_only(np.zeros(0))
        return Bars(nothing, nothing, nothing, nothing), frozen(np.zeros(0, np.int64))
    return Bars(*map(read_only, series.detail.bars)), frozen(series.detail.first)
