"""A word to the person at the terminal while the kernels are compiled for the first time."""

import sys

from kernels.jit.cache import is_cold

COMPILING = (
    "compiling the kernels, once for this version: about half a minute; later runs start at once"
)


def compiling_note() -> str:
    """That the kernels are about to be compiled; empty when they are, or no terminal is there."""
    return COMPILING if sys.stderr.isatty() and is_cold() else ""
