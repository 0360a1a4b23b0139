"""Types of what Numba hands to functions that write LLVM instructions."""

from collections.abc import Callable, Sequence
from typing import Protocol

from llvmlite import ir
from numba import types


class Target(Protocol):
    """The part of Numba's target context that is used here."""

    def make_array(self, kind: types.Type) -> Callable[..., ir.Value]:
        """The layout of an array of a type."""

    def make_tuple(
        self, builder: ir.IRBuilder, kind: types.Type, values: Sequence[ir.Value]
    ) -> ir.Value:
        """A tuple of values."""

    def get_dummy_value(self) -> ir.Value:
        """A value of no meaning, for functions that return None."""
