"""Buy one symbol of a pair and sell the other while their spread is far from its mean.

Pairs trading of Gatev, Goetzmann and Rouwenhorst (2006), "Pairs trading: performance of a
relative-value arbitrage rule", Review of Financial Studies 19, with the rolling hedge ratio of
Vidyamurthy (2004), "Pairs Trading", chapter 5. See `kernels.portfolio.spread` for the ratio and the
z-score. `first` and `second` are places among the symbols of the universe in the order of their
names, from 0, so that a sweep over both goes over its pairs.
"""

from typing import NamedTuple

from numba import njit

from kernels.jit.array_types import Codes, Floats


class Params(NamedTuple):
    """Places of two symbols, a length in bars of both, and levels in standard deviations."""

    first: int = 0
    second: int = 1
    length: int = 60
    entry: float = 2.0
    exit: float = 0.5
    stop: float = 4.0


LIMITS = {
    "first": (0, None),
    "second": (0, None),
    "length": (3, None),
    "entry": (0, None),
    "exit": (0, None),
    "stop": (0, None),
}
ENTRY, EXIT, STOP = 3, 4, 5
"""Places among the params."""


@njit(cache=True, error_model="numpy")
def pair(zscores: Floats, params: Floats, out: Codes) -> None:
    """Write the side of the spread wanted after each close: 1 long, -1 short, 0 none.

    A position is left once the z-score is within `exit` of 0 or has crossed it, and at `stop`;
    after a stop none is taken before the z-score has come back within `exit`. NaN keeps the side.

    Args:
        zscores: (T,) of the spread.
        params: (6,) as in `Params`.
        out: (T,) int8.
    """
    side, stopped = 0, False
    for t in range(zscores.size):
        z = zscores[t]
        if z == z:
            if stopped and abs(z) <= params[EXIT]:
                stopped = False
            if side != 0 and abs(z) >= params[STOP]:
                side, stopped = 0, True
            elif side != 0 and side * z >= -params[EXIT]:
                side = 0
            elif side == 0 and not stopped and params[ENTRY] <= abs(z) < params[STOP]:
                side = -1 if z > 0.0 else 1
        out[t] = side
