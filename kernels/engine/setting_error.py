"""The error of a setting that breaks its rule, and the reading of one column of settings."""

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Bools, Floats


class SettingError(ValueError):
    """A setting that breaks its rule; the text begins with the name of the field.

    Attributes:
        name: of the field.
        rule: broken, the value got, and what to change.
        place: which configuration of several, in brackets.
    """

    def __init__(self, name: str, rule: str, place: str = "") -> None:
        super().__init__(name, rule, place)
        self.name, self.rule, self.place = name, rule, place

    def __str__(self) -> str:
        """The one line."""
        return f"{self.name}: {self.rule}{self.place}"


def setting_column(name: str, value: ArrayLike | None) -> Floats:
    """One setting as (n,) or (1,) numbers, NaN for None.

    Raises:
        SettingError: no number, or more than one dimension.
    """
    try:
        column = np.atleast_1d(np.asarray(np.nan if value is None else value, dtype=np.float64))
    except (TypeError, ValueError):
        raise SettingError(name, f"need a number, got {value!r}") from None
    if column.ndim != 1:
        raise SettingError(name, f"need a number or (n,) array, got shape {column.shape}")
    return column


def setting_table(names: tuple[str, ...], values: object, n: int | None) -> Floats:
    """Settings by name as (n, len(names)), attributes of `values`; n None: the longest array's.

    Raises:
        SettingError: an array whose length is neither 1 nor n.
    """
    columns = [setting_column(name, getattr(values, name)) for name in names]
    rows = max(column.size for column in columns) if n is None else n
    table = np.empty((rows, len(columns)))
    for k, column in enumerate(columns):
        if column.size not in (1, rows):
            raise SettingError(
                names[k], f"need one number or {rows}, one per configuration, got {column.size}"
            )
        table[:, k] = column
    return table


def refuse(name: str, values: Floats, bad: Bools, why: str) -> None:
    """Raise SettingError at the first of (n,) values that is bad."""
    if bad.any():
        at = int(np.argmax(bad))
        value = float(values[at])
        where = f" (configuration {at})" if values.size > 1 else ""
        raise SettingError(name, f"{why}, got {value:.12g}{as_percent(value)}", where)


def as_percent(value: float) -> str:
    """The end of a refusal: a value between 1 and 100, as a fraction and as it may be meant."""
    if not 1 <= value <= 100:
        return ""
    return f"; {value:g} is {100 * value:g} %, {value / 100:g} is {value:g} %"
