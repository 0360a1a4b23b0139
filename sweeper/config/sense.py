"""Settings without sense: combinations that are left out, and fractions that look like percent.

What can have no effect at all is refused by the kernels (`kernels.engine.settings`); here is what a
whole sweep makes of it, in the words of the config.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from kernels.engine.settings import SettingError
from store.files.order_keys import KEY_OF
from sweeper.space.axes import Axis, Choices, Floats, Interval
from sweeper.space.constraint import Sense, senses
from sweeper.space.space import Space

KEYS = {
    **KEY_OF,
    "fill": "fill",
    "direction": "strategy.direction",
    "periods_per_year": "data.periods_per_year",
}
"""Keys of the config that set fields of `kernels.Settings` under another name."""

UNLIKELY = {
    "risk.stop_loss": 0.5,
    "risk.trailing_stop": 0.5,
    "risk.risk_fraction": 0.5,
    "risk.take_profit": 10.0,
    "costs.commission": 0.01,
    "costs.slippage": 0.01,
}
"""Fractions above which a value is more likely a percentage; for the stops from them on."""


DISTANCES = ("risk.stop_loss", "risk.trailing_stop", "risk.take_profit")


@contextmanager
def keyed() -> Iterator[None]:
    """Errors about settings name the key of the config instead of the field."""
    try:
        yield
    except SettingError as error:
        raise ValueError(f"{KEYS.get(error.name, error.name)}: {error.rule}") from None


def sense_of(
    direction: str,
    fixed: Mapping[str, float],
    axes: Sequence[Axis],
    rows: Floats | None = None,
    *,
    by_risk: bool = False,
) -> tuple[tuple[Sense, ...], str]:
    """The rules that some combination breaks; and, when all break one, which key is to blame.

    Args:
        direction: the sides that are taken.
        fixed: every number of a configuration by its config path.
        axes: of what is swept.
        rows: of a list: only these combinations, (n, axes), are asked for.
        by_risk: positions are sized by the distance of a stop.
    """
    rules = senses(direction, fixed, by_risk=by_risk)
    met = [(sense, _meeting(sense, fixed, axes, rows)) for sense in rules]
    hopeless = (f"{sense.key}: {sense.needs}" for sense, made in met if not made.any())
    return tuple(sense for sense, made in met if not made.all()), next(hopeless, "")


def _meeting(
    sense: Sense, fixed: Mapping[str, float], axes: Sequence[Axis], rows: Floats | None
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which combinations of what a rule mentions meet it; of an interval its ends stand for all."""
    names = sense.rule.names
    space = Space(tuple(map(_counted, (a for a in axes if a.name in names))), sense.rule, fixed)
    if rows is None:
        return space.valid(space.values(np.arange(space.size)))
    return space.valid(rows[:, [place for place, axis in enumerate(axes) if axis.name in names]])


def _counted(axis: Axis) -> Axis:
    return Choices(axis.name, axis.ends()) if isinstance(axis, Interval) else axis


def doubts(
    fixed: Mapping[str, float], axes: Sequence[Axis], unit: str = "fraction"
) -> tuple[str, ...]:
    """Fractions that look like percentages, one line each; distances in ATR are none."""
    largest = {axis.name: float(np.nanmax(np.append(axis.ends(), -np.inf))) for axis in axes}
    values = {path: largest.get(path, fixed[path]) for path in UNLIKELY}
    return tuple(
        f"{path}={value:g} is {100 * value:g} %; if {value:g} % is meant, set {value / 100:g}"
        for path, value in values.items()
        if _unlikely(path, value) and not (unit == "atr" and path in DISTANCES)
    )


def _unlikely(path: str, value: float) -> bool:
    limit = UNLIKELY[path]
    return value >= limit if limit == 0.5 else value > limit
