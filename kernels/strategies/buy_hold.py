"""Buy at the first chance and never sell: what every other strategy is measured against."""

from typing import NamedTuple

from numba import njit

from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import Row


class Params(NamedTuple):
    """Nothing to choose."""


LIMITS: dict[str, tuple[float | None, float | None]] = {}
ROWS: tuple[Row, ...] = ()


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 at every bar."""
    for i in range(out.size):
        out[i] = 1
