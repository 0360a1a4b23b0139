"""Decorators that compile the functions inside the kernels."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def inner(function: Function) -> Function:
    """Compile a function that the driver calls, directly or not; it allocates nothing.

    error_model: division by zero gives inf or NaN as in NumPy; with a check for an exception in
    it, no loop becomes vector instructions. _nrt=False: Numba would count a reference to every
    array within a tuple at every call (its removal of such counts covers plain arrays only); a
    backtest took 8 times as long. Such a function can use the arrays it is given, and make none.
    """
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": False, "forceinline": True}
    return cast(Function, njit(**options)(function))
