"""Hydra's override grammar to axes: `params.fast=range(5,60)` becomes a `Range`.

Hydra parses the text. The values of a range of fractions are those that one would type, where Hydra
1.3 adds up floats and may include the stop. Only numbers become axes; sweeps over words (config
groups, symbols) are composed by Hydra.
"""

import math
import re
import sys
import zlib
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeGuard

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import (
    ChoiceSweep,
    IntervalSweep,
    Override,
    RangeSweep,
    Transformer,
)
from hydra.errors import HydraException

from sweeper.space.axes import Axis, Choices, Floats, Interval, Range
from sweeper.space.counter_rng import uniforms

LISTED = 1_000_000
"""Most values that an axis may list one by one; whole-number ranges are not listed."""


def is_numeric_sweep(override: Override) -> bool:
    """True when an override sweeps numbers, so that it makes an axis, rather than words or groups.

    A choice counts as soon as one of its values is a number: the axis then refuses the words in it.
    """
    swept = override.value()
    if isinstance(swept, ChoiceSweep):
        return any(_is_number(value) for value in swept.list)
    return isinstance(swept, RangeSweep | IntervalSweep)


def axis_from_override(
    override: Override,
    *,
    integer: bool | None = None,
    optional: bool = False,
    seed: int = 0,
) -> Axis:
    """Build the axis of one parsed override.

    Args:
        override: from Hydra's own OverridesParser; its key names the axis.
        integer: the parameter takes whole numbers only; None: it does if every value is written
            as one.
        optional: `null` is a value (it becomes NaN: that risk rule is off).
        seed: of shuffle().

    Raises:
        ValueError: one line: the axis, the rule broken, what it got, what to change.
    """
    name, swept = override.key_or_group, override.value()
    if isinstance(swept, IntervalSweep):
        return _interval(name, swept, integer)
    if isinstance(swept, ChoiceSweep | RangeSweep) and swept.tags:
        raise ValueError(f"{name}: tags belong to interval(), got {_tags(swept.tags)}; drop them")
    if isinstance(swept, RangeSweep):
        _refuse_moved(override, swept)
        return _range(name, swept, integer, seed)
    if not override.is_sweep_override() and _is_number(swept):
        return _choices(name, [swept], integer, optional)
    if not isinstance(swept, ChoiceSweep):
        raise ValueError(
            f"{name}: not a sweep over numbers, got {override.get_value_string()!r}; "
            "write 5,10,20 or range(5,60) or interval(0.1,0.5)"
        )
    axis = _choices(name, swept.list, integer, optional)
    return _shuffled(axis, seed) if swept.shuffle else axis


def axis_from_text(
    name: str,
    text: str,
    *,
    integer: bool | None = None,
    optional: bool = False,
    seed: int = 0,
) -> Axis:
    """Build an axis from the text right of the `=`, as a strategy's `space:` has it.

    A single number gives an axis of one value. The rest is as in `axis_from_override`.
    """
    try:
        (override,) = OverridesParser.create().parse_overrides([f"{name}={text}"])
    except HydraException as error:
        lines = [line for line in str(error).splitlines() if line.strip(" ^")]
        reason = "; ".join(line for line in lines if not line.startswith("See https"))
        raise ValueError(f"{name}: cannot read {text!r}: {reason}") from None
    return axis_from_override(override, integer=integer, optional=optional, seed=seed)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tags(tags: set[str]) -> str:
    return ", ".join(sorted(tags))


def _interval(name: str, swept: IntervalSweep, integer: bool | None) -> Interval:
    low, high = swept.start, swept.end
    assert low is not None
    assert high is not None
    if swept.tags - {"log"}:
        raise ValueError(f"{name}: the only tag known is log, got {_tags(swept.tags)}")
    whole = isinstance(low, int)  # Hydra makes the bounds float unless int() is round them
    interval = Interval(name, low, high, integer=whole, log="log" in swept.tags)
    if integer and not whole:
        raise ValueError(
            f"{name}: takes whole numbers, got interval({low:g},{high:g}); "
            f"write int(interval({low:g},{high:g}))"
        )
    return interval


def _range(name: str, swept: RangeSweep, integer: bool | None, seed: int) -> Axis:
    bounds: tuple[Any, ...] = (swept.start, swept.stop, swept.step)
    text = f"range({','.join(map(str, bounds))})"
    if not all(_is_number(bound) and abs(bound) <= sys.float_info.max for bound in bounds):
        raise ValueError(f"{name}: needs finite numbers, got {text}")
    start, stop, step = bounds
    if step == 0:
        raise ValueError(f"{name}: the step must not be 0, got {text}")
    whole = all(isinstance(bound, int) for bound in bounds)
    (first, last, gap), scale = _scaled(start, stop, step)
    count = -((first - last) // gap)
    if count < 1:
        raise ValueError(f"{name}: {text} is empty; stop is excluded, and step gives the direction")
    if whole and not swept.shuffle:
        return Range(name, first, gap, count, integer is not False)
    if count > LISTED:
        raise ValueError(
            f"{name}: {text} lists {Decimal(count):.4g} values, more than {LISTED:,}; "
            "use a larger step, whole numbers without shuffle(), or interval()"
        )
    values = ((first + gap * place) / scale for place in range(count))
    axis = _listed(name, np.fromiter(values, np.float64, count), whole, integer)
    return _shuffled(axis, seed) if swept.shuffle else axis


def _scaled(*numbers: float) -> tuple[list[int], int]:
    """Numbers as they are typed, times the power of ten that makes them all whole.

    Sums of these are exact, and their quotient by the power is the float that the typed decimal
    would give; sums of floats drift: 0.01 added up is 0.060000000000000005 after six steps.
    """
    typed = [Decimal(repr(number)) for number in numbers]
    scale = 10 ** max(0, *(-int(number.as_tuple().exponent) for number in typed))
    return [int(Fraction(number) * scale) for number in typed], scale


def _refuse_moved(override: Override, swept: RangeSweep) -> None:
    """Refuse sort(range(...)) where Hydra 1.3 would return other numbers than the range has.

    It turns a range round by swapping its ends, which is right only if the step divides them:
    sort(range(1,10,2), reverse=true) gives 8,6,4,2,0.
    """
    if not re.search(r"\bsort\(", override.get_value_string()):
        return
    start, stop, step = swept.start, swept.stop, swept.step
    assert start is not None
    assert stop is not None
    if not isinstance(start + stop + step, int) or (step and (stop - start) % step):
        raise ValueError(
            f"{override.key_or_group}: Hydra's sort() changes the values of a range unless whole "
            f"steps divide it, got {override.get_value_string()}; write the sorted range itself"
        )


def _choices(name: str, given: Sequence[object], integer: bool | None, optional: bool) -> Choices:
    numbers: list[float] = []
    for value in given:
        if value is None and optional:
            numbers.append(math.nan)
        elif _is_number(value) and abs(value) <= sys.float_info.max:
            numbers.append(float(value))
        else:
            text = Transformer.str(value)  # type: ignore[arg-type]
            raise ValueError(f"{name}: takes finite numbers only, got {text}; drop or replace it")
    whole = all(isinstance(value, int) for value in given)
    return _listed(name, np.array(numbers), whole, integer)


def _listed(name: str, values: Floats, whole: bool, integer: bool | None) -> Choices:
    """Drop repeats, keep the first of each, and say so."""
    first = np.sort(np.unique(values, return_index=True)[1])  # NaN equals NaN here
    dropped = values.size - first.size
    note = f"{name}: {dropped} repeated value(s) dropped" if dropped else ""
    return Choices(name, values[first], whole if integer is None else integer, note)


def _shuffled(axis: Choices, seed: int) -> Choices:
    """Order by a hash of (seed, name, position): the same on every machine and NumPy."""
    keys = uniforms(seed, zlib.crc32(axis.name.encode()), 0, axis.size)
    return Choices(axis.name, axis.values[np.argsort(keys, kind="stable")], axis.integer, axis.note)
