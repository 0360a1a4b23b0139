"""Settings that are numbers, out of the sections of a config."""

from collections.abc import Collection

import numpy as np

from store.files.order_keys import ALWAYS, IDLE, NUMBERS, OPTIONAL, idle
from sweeper.config.schema import Config

_PATHS = [(*name.split("."), name) for name in NUMBERS]


def setting_numbers(config: Config, swept: Collection[str]) -> dict[str, float]:
    """Settings by config path, NaN for off: those of `ALWAYS`, then what is set or swept.

    Raises:
        ValueError: a number that is NaN itself, which would count as off.
    """
    given = {name: getattr(getattr(config, part), key) for part, key, name in _PATHS}
    for name, value in given.items():
        if value is not None and np.isnan(value):
            off = "; null switches it off" if name in OPTIONAL else ""
            raise ValueError(f"{name}: must be a finite number, got nan{off}")
    numbers = {
        name: IDLE.get(name, np.nan) if value is None else float(value)
        for name, value in given.items()
    }
    return {
        name: value
        for name, value in numbers.items()
        if name in ALWAYS or name in swept or not idle(name, value)
    }
