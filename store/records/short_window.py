"""Windows of hours or days, from which figures per year say nothing."""

from collections.abc import Mapping

import numpy as np

SHORT = np.timedelta64(30, "D")
"""Time of a window from which figures per year begin to say something."""


COMPOUNDED = ("annual_return", "calmar")
"""Metrics that compound the gain of a window to a year: 30 % in four days is no figure a year."""


def without_growth(
    metrics: Mapping[str, float | None], first: object, last: object
) -> dict[str, float | None]:
    """Metrics as they are shown: growth per year is not known of a window too short for it.

    Args:
        metrics: of the window, by name.
        first: time of its first bar, UTC, as NumPy reads it.
        last: of its last bar.
    """
    unknown = COMPOUNDED if short_time(first, last) else ()
    return {name: None if name in unknown else value for name, value in metrics.items()}


def short_time(first: object, last: object) -> str:
    """That a window is too short for figures per year; empty when it is not.

    Args:
        first: time of its first bar, UTC, as NumPy reads it.
        last: of its last bar.
    """
    start, stop = _plain(first), _plain(last)
    if stop - start >= SHORT:
        return ""
    hours = (stop - start) / np.timedelta64(1, "h")
    length = f"{hours / 24:.3g} days" if hours >= 48 else f"{hours:.2g} hours"
    return (
        f"lasts {length} only; figures per year (CAGR, Sharpe ratio, volatility, Calmar ratio) of "
        "so short a time mean nothing"
    )


def _plain(time: object) -> np.datetime64:
    """A time in UTC without the mark of its zone."""
    return np.datetime64(str(time).removesuffix("+00:00").removesuffix("Z"), "us")
