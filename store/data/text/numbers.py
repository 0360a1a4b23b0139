"""Numbers as people and vendors write them: 1,997.63, 99,8815, $12.50, 7.54K."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.trouble import Trouble
from store.errors import shorten

SIGNS = "$\u20ac\u00a3\u00a5"
BLANKS = " '\u00a0\u202f\u2019"
"""Marks of thousands that can be nothing else."""
FACTORS = {"K": 3, "M": 6, "B": 9, "T": 12}
NOTHING = ("-", "--", "\u2014", "n/a", "N/A")
"""Ways to write that no volume is known."""
LOOKED_AT = 20_000
"""Cells by which the marks of a file are judged."""

Floats = NDArray[np.float64]


class Marks:
    """The decimal mark and the mark of thousands, as far as cells with marks tell."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.decimals: set[str] = set()
        self.groups: set[str] = set()
        self.open: str | None = None

    def see(self, cells: Iterable[str]) -> None:
        """Learn from some cells."""
        for cell in cells:
            self._see(cell.strip().strip(SIGNS).rstrip("KMBT%"))

    def _see(self, cell: str) -> None:
        marks = [sign for sign in cell if sign in ",." or sign in BLANKS]
        if not marks or not cell.lstrip("+-").translate(DROP).isdecimal():
            return
        self.groups |= {sign for sign in marks if sign in BLANKS}
        marks = [sign for sign in marks if sign in ",."]
        if len(set(marks)) == 2:
            self.groups.add(marks[0])
            self.decimals.add(marks[-1])
        elif len(marks) > 1:
            self.groups.add(marks[0])
        elif marks:
            whole, _, part = cell.lstrip("+-").partition(marks[0])
            if len(part) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
                self.decimals.add(marks[0])
            elif marks[0] == ",":
                self.open = self.open or cell

    def settle(self, decimal: str | None, thousands: str | None) -> tuple[str, str]:
        """The two marks, options first.

        Raises:
            Trouble: a mark is used both ways, or could be either.
        """
        if decimal is None and len(self.decimals) == 2:
            raise Trouble(
                "numbers have point and comma as decimal marks; set data.csv.decimal=comma or "
                "data.csv.decimal=point"
            )
        mark = decimal or next(iter(self.decimals), None)
        if mark is None and thousands in (",", "."):
            mark = "." if thousands == "," else ","
        if mark is None and "," in self.groups:
            mark = "."
        if mark is None and "." in self.groups:
            mark = ","
        if mark is None and self.open is not None:
            raise Trouble(
                f"{shorten(self.open)} is either {self.open.replace(',', '')} or "
                f"{self.open.replace(',', '.')}; set data.csv.thousands=comma or "
                "data.csv.decimal=comma"
            )
        mark = mark or "."
        other = "," if mark == "." else "."
        return mark, other if thousands is None else thousands


DROP = {ord(sign): None for sign in ",." + BLANKS}


def numbers(
    cells: pd.Series,
    decimal: str,
    thousands: str,
    name: str,
    *,
    volume: bool,
    row_name: Callable[[int], str],
) -> Floats:
    """A column of text as numbers, missing cells as NaN.

    Args:
        cells: (n,) text or missing.
        decimal: mark before the fraction.
        thousands: mark between groups of three digits; empty: there is none.
        name: of the column, for errors.
        volume: 7.54K, and a dash for none, are allowed.
        row_name: words for the row of a place, in errors.

    Raises:
        Trouble: a cell is no number; its row is named.
    """
    text = cells.str.strip()
    missing = text.isna() | (text == "")
    given = text[~missing]
    if len(given) and given.str[0].isin(list(SIGNS)).all():
        given = given.str[1:].str.strip()
    if volume:
        given = given.where(~given.isin(NOTHING), "0")
    given = _without_groups(given, decimal, thousands)
    parsed = pd.to_numeric(given, errors="coerce").astype("float64")
    values: Floats = np.asarray(parsed.to_numpy(na_value=np.nan), np.float64)
    if volume and np.isnan(values).any():
        values = _with_factors(given, values)
    wrong = np.isnan(values)
    if wrong.any():
        row = int(given.index[int(np.argmax(wrong))])
        raise Trouble(
            f"{row_name(row)}: {shorten(name)} is not a number, got "
            f"{shorten(repr(str(cells.iloc[row])))}; correct the cell, or drop the column"
        )
    result = np.full(len(cells), np.nan)
    result[~missing.to_numpy()] = values
    return result


def _without_groups(text: pd.Series, decimal: str, thousands: str) -> pd.Series:
    """Cells in the form 1234.5 where their marks of thousands stand where they should."""
    groups = re.escape(BLANKS + thousands)
    pattern = rf"[+-]?\d{{1,3}}(?:[{groups}]\d{{3}})+(?:{re.escape(decimal)}\d+)?[KMBT]?"
    grouped = text.str.fullmatch(pattern)
    if grouped.any():
        text = text.where(~grouped, text.str.replace(f"[{groups}]", "", regex=True))
    if decimal != ".":  # a point that is left over is a fault, not a mark
        text = text.str.replace(".", "?", regex=False).str.replace(decimal, ".", regex=False)
    return text


def _with_factors(text: pd.Series, values: Floats) -> Floats:
    """Numbers that end in K, M, B or T, without the rounding of a product of floats."""
    values = values.copy()
    for place in np.flatnonzero(np.isnan(values)).tolist():
        cell = str(text.iloc[place])
        power = FACTORS.get(cell[-1:].upper())
        if power is not None:
            try:
                values[place] = float(Decimal(cell[:-1].strip()).scaleb(power))
            except InvalidOperation:
                continue
    return values
