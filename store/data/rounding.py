"""Highs and lows that miss the open or close by what rounding takes away, clamped."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.times import row_name

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ROUNDING = 2.0**-23
"""A high or low off by no more than this fraction of the price is a rounding error.

The last bit of single precision, 1.2e-7: in that many files and vendors keep their prices.
"""
LARGEST = 1e-3
"""Fraction of the price beyond which no count of decimals explains a high below the close."""
DECIMALS = 6
"""Most decimals that columns are told apart by."""
MOST = 0.5
"""Share of a column's prices that have to be finer than the other column's unit."""


def repair(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Clamp highs and lows that miss open or close by a rounding error.

    Adjusted prices, prices of single precision, and files whose columns are written with unequal
    numbers of decimals, have highs a hair below the close.

    Args:
        frame: as `store.data.normalise.shape` gives it.

    Returns:
        A frame in which low <= open, close <= high holds where it failed by no more than 1.2e-7
        of the price, or half a unit of the last decimal of the coarser of the two columns and no
        more than a thousandth of the price; and one line per clamped bar.
    """
    mended = {side: _clamped(frame, side) for side in ("high", "low")}
    moved = {side: mended[side] != frame[side].to_numpy() for side in mended}
    for side, values in mended.items():
        moved[side] &= np.isfinite(values)
    rows = np.flatnonzero(moved["high"] | moved["low"]).tolist()
    if not rows:
        return frame, ()
    times = pd.DatetimeIndex(frame.index)
    return frame.assign(**mended), tuple(
        f"{row_name(times, row)}: {name} {float(frame[name].iloc[row])!r} set to "
        f"{float(mended[name][row])!r}"
        for row in rows
        for name in ("high", "low")
        if moved[name][row]
    )


def _clamped(frame: pd.DataFrame, side: str) -> Floats:
    """(n,) highs or lows, moved to the open or close that rounding alone puts beyond them."""
    values = np.asarray(frame[side].to_numpy())
    sign = 1.0 if side == "high" else -1.0
    clamped, wrong = sign * values, np.zeros(len(frame), np.bool_)
    for name in ("open", "close"):
        price = sign * frame[name].to_numpy()
        beyond = price - sign * values
        wrong |= beyond > _tolerance(frame, side, name, beyond)
        clamped = np.where(beyond > 0, np.maximum(clamped, price), clamped)
    return np.where(wrong, values, sign * clamped)


def _tolerance(frame: pd.DataFrame, side: str, name: str, beyond: Floats) -> Floats:
    """(n,) rounding error that the prices of a row may have, in their units."""
    price = np.abs(frame[name].to_numpy())
    last_bit = np.asarray(ROUNDING * price)
    if not (beyond > last_bit).any():
        return last_bit
    columns = frame[side].to_numpy(), frame[name].to_numpy()
    unit = max(_unit(column) for column in columns)
    finer = [1 - float(_on_grid(column, unit).mean()) for column in columns]
    if not unit or max(finer) < MOST:
        return last_bit
    return np.asarray(np.maximum(last_bit, np.minimum(unit / 2 * (1 + 1e-9), LARGEST * price)))


def _unit(prices: Floats) -> float:
    """Unit of the last decimal that prices are written with, 0.01 of cents; 0 beyond 6 decimals."""
    units = (float(10.0**-decimals) for decimals in range(DECIMALS + 1))
    return next((unit for unit in units if _on_grid(prices, unit).all()), 0.0)


def _on_grid(prices: Floats, unit: float) -> Bools:
    """(n,) which prices are whole multiples of a unit; those that are not finite count as such."""
    if not unit:
        return np.ones(len(prices), np.bool_)
    scaled = np.abs(np.where(np.isfinite(prices), prices, 0.0)) / unit
    return np.asarray(np.abs(scaled - np.rint(scaled)) <= np.maximum(1e-7, 1e-15 * scaled))
