"""The three kinds of axis of a search space: one swept number each.

`Choices` and `Range` are discrete: value number i is `at(i)`. An `Interval` has no numbering; it
turns uniform draws into values. Names are config paths such as `params.fast` or `risk.stop_loss`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXACT = 2**53
"""Whole numbers up to this size are exact in float64."""


@dataclass(frozen=True, eq=False)
class Choices:
    """Listed values, in the order given.

    Attributes:
        name: config path.
        values: (k,) float64, distinct (the grammar drops repeats), k >= 1; NaN stands for `null`,
            which is "off" where the parameter can be off. Made read-only.
        integer: the parameter takes whole numbers only.
        note: what the user should be told, "" when nothing.
    """

    name: str
    values: Floats
    integer: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.size == 0:
            raise ValueError(f"{self.name}: needs at least one value, got none")
        if np.isinf(values).any():
            raise ValueError(f"{self.name}: values must be finite, got inf; drop it")
        if self.integer:
            numbers = values[~np.isnan(values)]
            bad = numbers[~((numbers == np.rint(numbers)) & (np.abs(numbers) <= EXACT))]
            if bad.size:
                raise ValueError(
                    f"{self.name}: takes whole numbers, got {bad[0]:g}; use whole values and steps"
                )
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.values.size

    def at(self, index: Ints) -> Floats:
        """Values number `index`, (m,) in 0..size-1."""
        return self.values[index]

    def find(self, value: float) -> int | None:
        """Number of `value` on this axis (NaN finds `null`), None when it is not there."""
        same = np.isnan(self.values) if math.isnan(value) else self.values == value
        places = np.flatnonzero(same)
        return int(places[0]) if places.size else None

    def places(self, values: Floats) -> Ints:
        """(m,) number of each value on this axis, NaN being `null`; -1 when it is not there."""
        order = np.argsort(self.values, kind="stable")  # NaN comes last, and is found there
        ordered = self.values[order]
        at = np.minimum(np.searchsorted(ordered, values), self.size - 1)
        same = (ordered[at] == values) | (np.isnan(ordered[at]) & np.isnan(values))
        return np.where(same, order[at], -1)

    def ends(self) -> Floats:
        """Lowest and highest value, and whether `null` is one: (2,) or (3,)."""
        numbers = self.values[~np.isnan(self.values)]
        ends = [numbers.min(), numbers.max()] if numbers.size else []
        return np.array([*ends, np.nan] if np.isnan(self.values).any() else ends)

    def __str__(self) -> str:
        """The axis in Hydra's grammar."""
        return f"choice({','.join(_text(v, self.integer) for v in self.values)})"


@dataclass(frozen=True)
class Range:
    """Whole numbers in even steps, never listed: a range of 10^8 values costs no memory.

    Attributes:
        name: config path.
        start: the first value.
        step: from one value to the next; negative counts down, never 0.
        size: number of values, >= 1.
        integer: the parameter takes whole numbers only.
    """

    name: str
    start: int
    step: int
    size: int
    integer: bool = True

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"{self.name}: the range is empty; stop is excluded, widen it")
        assert self.step != 0
        last = self.start + self.step * (self.size - 1)
        if max(abs(self.start), abs(last)) > EXACT:
            raise ValueError(f"{self.name}: whole numbers end at 2^53, got {self.start}..{last}")

    def at(self, index: Ints) -> Floats:
        """Values number `index`, (m,) in 0..size-1."""
        return (self.start + self.step * index).astype(np.float64)

    def find(self, value: float) -> int | None:
        """Number of `value` on this axis, None when it is not there."""
        if not math.isfinite(value) or value != int(value):
            return None
        number, rest = divmod(int(value) - self.start, self.step)
        return number if rest == 0 and 0 <= number < self.size else None

    def places(self, values: Floats) -> Ints:
        """(m,) number of each value on this axis; -1 when it is not there."""
        whole = np.isfinite(values) & (np.abs(values) <= EXACT) & (values == np.rint(values))
        number, rest = np.divmod(
            np.where(whole, values, 0).astype(np.int64) - self.start, self.step
        )
        return np.where(whole & (rest == 0) & (number >= 0) & (number < self.size), number, -1)

    def ends(self) -> Floats:
        """First and last value."""
        return self.at(np.array([0, self.size - 1]))

    def __str__(self) -> str:
        """The axis in Hydra's grammar."""
        return f"range({self.start},{self.start + self.step * self.size},{self.step})"


@dataclass(frozen=True)
class Interval:
    """Any number between two bounds.

    Which bounds are included: `low <= x < high` for real numbers, as Hydra documents interval();
    `low <= x <= high` for whole numbers, as Optuna's IntDistribution has it.

    Attributes:
        name: config path.
        low: lower bound, included; above 0 when `log`.
        high: upper bound.
        integer: whole numbers only.
        log: uniform in log(x), so that each decade is as likely as the next.
    """

    name: str
    low: float
    high: float
    integer: bool = False
    log: bool = False

    def __post_init__(self) -> None:
        if not math.isfinite(self.high - self.low):
            raise ValueError(f"{self.name}: bounds must be finite, got {self}")
        if self.low > self.high or (self.low == self.high and not self.integer):
            raise ValueError(f"{self.name}: low must be below high, got {self}; swap or widen them")
        if self.log and self.low <= 0:
            raise ValueError(f"{self.name}: a log interval needs low > 0, got {self}; raise low")
        if self.integer and max(abs(self.low), abs(self.high)) > EXACT:
            raise ValueError(f"{self.name}: whole numbers end at 2^53, got {self}")

    def quantile(self, uniform: Floats) -> Floats:
        """Turn uniform draws into values by the inverse of the distribution function.

        A whole number n owns [n - 1/2, n + 1/2) of the (log) line, so all are equally likely on a
        linear interval, and the ends are not starved on a logarithmic one.

        Args:
            uniform: (m,) in [0, 1).

        Returns:
            (m,) float64 inside the bounds.
        """
        margin = 0.5 if self.integer else 0.0
        low, high = self.low - margin, self.high + margin
        if self.log:
            drawn = _exp(math.log(low) + uniform * (math.log(high) - math.log(low)))
        else:
            drawn = low + uniform * (high - low)
        if self.integer:
            return np.clip(np.floor(drawn + 0.5), self.low, self.high)
        return np.clip(drawn, self.low, math.nextafter(self.high, self.low))

    def contains(self, value: float) -> bool:
        """True when `value` lies between the bounds, and is whole where it has to be."""
        below = value <= self.high if self.integer else value < self.high
        return self.low <= value and below and (not self.integer or value == math.floor(value))

    def as_range(self) -> Range | None:
        """The same whole numbers as a `Range`, when they are equally likely; else None."""
        if not self.integer or self.log:
            return None
        low, high = int(self.low), int(self.high)
        return Range(self.name, low, 1, high - low + 1)

    def ends(self) -> Floats:
        """The bounds."""
        return np.array([self.low, self.high])

    def __str__(self) -> str:
        """The axis in Hydra's grammar."""
        text = f"interval({_text(self.low, self.integer)},{_text(self.high, self.integer)})"
        text = f"int({text})" if self.integer else text
        return f"tag(log,{text})" if self.log else text


Discrete = Choices | Range
Axis = Choices | Range | Interval


def _exp(x: Floats) -> Floats:
    """Give e^x from +, * and / alone, which IEEE 754 makes equal on every machine.

    np.exp is another program on each kind of processor; a last bit that differs between two nodes
    of a cluster would make two configurations of one point. Taylor about multiples of log 2.
    """
    powers = np.rint(x / math.log(2))
    rest = x - powers * math.log(2)  # at most 0.35: 14 terms leave 1e-18
    total = np.ones_like(x)
    for term in range(14, 0, -1):
        total = 1.0 + rest / term * total
    return np.ldexp(total, powers.astype(np.int64))


def _text(value: float, integer: bool) -> str:
    if math.isnan(value):
        return "null"
    return str(int(value)) if integer and math.isfinite(value) else repr(float(value))
