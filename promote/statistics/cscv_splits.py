"""All ways to take half of the blocks, in an order in which neighbours differ by one exchange."""

from functools import lru_cache
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels.jit.array_types import Ints

Bools = NDArray[np.bool_]


class Splits(NamedTuple):
    """C splits of S blocks.

    Attributes:
        inside: (C, S) whether a block is among those chosen on.
        enters: (C - 1,) the block that comes in from one split to the next.
        leaves: (C - 1,) the block that goes out.
    """

    inside: Bools
    enters: Ints
    leaves: Ints


@lru_cache(maxsize=4)
def half_splits(blocks: int) -> Splits:
    """All C(S, S/2) splits of an even number of blocks into halves.

    All calls share the arrays, which are not to be written to.
    """
    inside = revolving_door(blocks, blocks // 2)
    step = inside[1:].astype(np.int8) - inside[:-1].astype(np.int8)
    return Splits(inside, step.argmax(axis=1), step.argmin(axis=1))


def revolving_door(n: int, k: int) -> Bools:
    """(C(n, k), n) all choices of k out of n; one comes in and one goes out from row to row.

    Source: Nijenhuis, A. and Wilf, H. S. (1978), Combinatorial Algorithms, 2nd edition, chapter 3:
    those without the last, then those with it in reverse order.
    """
    if k in (0, n):
        return np.full((1, n), k == n)
    without, last = revolving_door(n - 1, k), revolving_door(n - 1, k - 1)[::-1]
    members = np.empty((comb(n, k), n), np.bool_)
    members[: len(without), :-1], members[: len(without), -1] = without, False
    members[len(without) :, :-1], members[len(without) :, -1] = last, True
    return members
