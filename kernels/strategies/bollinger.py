"""Buy below the lower Bollinger band, sell above the upper one.

Bands of John Bollinger (2002), Bollinger on Bollinger Bands: mean of the last closes plus and minus
`width` standard deviations (population). Traded against the move: inside the bands the last
opinion stays, so a position lasts from one band to the other.
"""

from typing import NamedTuple

from numba import njit

from kernels.indicators import zscore
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.strategy import HOLD, Row


class Params(NamedTuple):
    """Period in bars; width in standard deviations."""

    period: int = 20
    width: float = 2.0


LIMITS = {"period": (2, None), "width": (0, None)}
ROWS = (Row(zscore, "close", "period"),)


@njit(cache=True, error_model="numpy")
def signal(indicators: Floats, rows: Ints, params: Floats, out: Codes) -> None:
    """Write +1 below the lower band, -1 above the upper one, HOLD inside and on the bands."""
    distance = indicators[rows[0]]
    width = params[1]
    for i in range(out.size):
        out[i] = 1 if distance[i] < -width else (-1 if distance[i] > width else HOLD)
