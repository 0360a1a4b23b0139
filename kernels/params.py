"""Params of many configurations as one checked table."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Floats
from kernels.registry import Strategy


class PerConfiguration(Protocol):
    """Settings of which some may differ between configurations."""

    def configurations(self) -> int:
        """Number of configurations the params are for: the length of the longest array."""


def params_table(
    strategy: Strategy, params: Mapping[str, ArrayLike], settings: PerConfiguration
) -> Floats:
    """Params by name as an (n, p) table; n is the longest array's length, settings included.

    Raises:
        ValueError: an unknown name, or lengths that do not fit together.
    """
    params = {str(name).replace(".", "__"): values for name, values in params.items()}
    for name in params:
        if name not in strategy.types:
            near = get_close_matches(str(name), strategy.fields, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(strategy.fields)}"
            raise ValueError(f"strategy {strategy.name}: no param is called {name!r}; {hint}")
    columns = [
        _column(strategy, name, params.get(name, strategy.defaults[name]))
        for name in strategy.fields
    ]
    sizes = [column.size for column in columns]
    n = next((size for size in sizes if size != 1), settings.configurations())
    for name, column in zip(strategy.fields, columns, strict=True):
        if column.size not in (1, n):
            raise ValueError(
                f"strategy {strategy.name}: params.{name}: need one value or {n}, one per "
                f"configuration, got {column.size}"
            )
    table = np.empty((n, len(columns)))
    for k, column in enumerate(columns):
        table[:, k] = column
    return table


def _column(strategy: Strategy, name: str, values: ArrayLike) -> Floats:
    try:
        column = np.atleast_1d(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        column = np.empty((0, 0))
    if column.ndim != 1:
        raise ValueError(
            f"strategy {strategy.name}: params.{name}: need a number or (n,) numbers, "
            f"got {values!r}"
        )
    return column


def check_params(strategy: Strategy, params: Floats) -> None:
    """Raise ValueError at the first of (n, p) params that is out of its type or limits."""
    if params.ndim != 2 or params.shape[1] != len(strategy.fields):
        raise ValueError(
            f"strategy {strategy.name}: params must be (n, {len(strategy.fields)}), "
            f"got {params.shape}"
        )
    for k, name in enumerate(strategy.fields):
        values = params[:, k]
        low, high = strategy.limits[name]
        _refuse(strategy, name, values, ~np.isfinite(values), "a finite number")
        if strategy.types[name] is int:
            _refuse(strategy, name, values, values != np.rint(values), "an integer")
        if low is not None:
            _refuse(strategy, name, values, values < low, f"at least {low}")
        if high is not None:
            _refuse(strategy, name, values, values > high, f"at most {high}")


def _refuse(strategy: Strategy, name: str, values: Floats, bad: Any, need: str) -> None:
    if bad.any():
        at = int(np.argmax(bad))
        where = f" (configuration {at})" if values.size > 1 else ""
        raise ValueError(
            f"strategy {strategy.name}: params.{name} must be {need}, got {values[at]:.17g}{where}"
        )
