"""Columns that no header names: found by what is in them, where only one reading fits."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from store.data.calendars.times import moments
from store.data.column_roles import PRICES, among
from store.data.text.file_head import Sample
from store.data.trouble import Trouble


def by_order(sample: Sample) -> tuple[str, ...]:
    """Names for columns without a header, where only one order fits the numbers.

    Raises:
        Trouble: several orders fit, or there are not five or six columns.
    """
    example = "data.csv.header=[time,open,high,low,close,volume]"
    width = sample.width
    clock = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
    if width > 5 and all(map(clock.fullmatch, sample.column(1))):  # 01/31/2020,09:30,...
        rest = replace(sample, names=(), rows=tuple(row[1:] for row in sample.rows))
        return ("date", *by_order(rest))
    if width not in (5, 6):
        raise Trouble(f"there is no header above the {width} columns; name them all, {example}")
    rows = [[_float(cell) for cell in row[1:5]] for row in sample.rows if len(row) >= 5]
    prices = np.array(rows, np.float64).reshape(-1, 4)
    spread = prices[prices.max(axis=1) > prices.min(axis=1)]
    tops = [(spread[:, k] == spread.max(axis=1)).all() for k in range(4)]
    bottoms = [(spread[:, k] == spread.min(axis=1)).all() for k in range(4)]
    jumps = [
        float(np.abs(prices[1:, first] - prices[:-1, last]).sum())
        for first, last in ((0, 3), (3, 0))
    ]
    if not len(spread) or tops != [0, 1, 0, 0] or bottoms != [0, 0, 1, 0] or jumps[0] > jumps[1]:
        raise Trouble(f"there is no header, and the columns could be in two orders; set {example}")
    return ("time", *PRICES, "volume")[:width]


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def dated(sample: Sample) -> str:
    """The one column that holds dates and is not named as a time."""
    fitting = []
    for place, name in enumerate(sample.names):
        column = pd.Series(sample.column(place), dtype="str")
        if len(column) and column.str.contains(r"\d[-/.]\d").all():
            try:
                times = moments(column, None).times
            except Trouble:
                continue
            if times.notna().all() and not column.str.fullmatch(r"[\d.]*").any():
                fitting.append(name)
    if len(fitting) == 1:
        return fitting[0]
    raise Trouble(
        f"no time column among {among(sample.names)}; name it, data.csv.columns.time=NAME, or in "
        "the header time, date, datetime or timestamp"
    )
