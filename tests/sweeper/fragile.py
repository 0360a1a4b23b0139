"""A strategy of the user's own that breaks at some of its configurations."""

FRAGILE = '''
"""Long always; breaks at k = 3."""

from typing import NamedTuple

from numba import njit


class Params(NamedTuple):
    """A number."""

    k: int = 1


@njit
def signal(indicators, rows, params, out):
    """Write +1."""
    if params[0] == 3:
        raise ValueError("three is too much")
    out[:] = 1
'''
