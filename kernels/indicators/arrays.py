"""The three kinds of array that indicators and signals work on, each C-contiguous."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Prices, features, indicator rows, parameters. NaN: not known."""

Indices = NDArray[np.int64]
"""Which indicator rows belong to a configuration, in the order of the strategy's ROWS."""

Codes = NDArray[np.int8]
"""Signal codes: +1 long, 0 flat, -1 short, 2 HOLD."""
