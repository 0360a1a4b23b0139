"""A strategy that reads its codes from the bars' own column `code`: for tests of the simulation."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.strategy import Row


@njit(error_model="numpy")
def same(x):
    return np.copy(x)


@njit(error_model="numpy")
def scaled(x, factor):
    return x * factor


class Params(NamedTuple):
    """Factor of the codes +1 and -1; a scale that changes nothing but makes rows unique."""

    factor: int = 1
    scale: float = 1.0


LIMITS = {"factor": (-1, 1)}
ROWS = (Row(same, "code"), Row(scaled, "close", "scale"))


@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    script, prices = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        if script[i] != 2.0:  # what is not written holds
            out[i] = np.int8(script[i] * params[0])
        if not prices[i] > 0.0:
            out[i] = 0
