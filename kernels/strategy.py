"""Parts of a strategy file: the HOLD code and the indicator rows it asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

HOLD = 2
"""Signal code of a bar without an opinion: the code in force stays."""


@dataclass(frozen=True, init=False)
class Row:
    """One indicator series of a strategy, computed once per unique combination of its values.

    Attributes:
        function: jitted, returns (n_bars,) float64, NaN while warming up; entry i uses bars 0..i.
        arguments: handed over in this order. A string names a column of the bars or a field of
            the strategy's Params; a number is a constant.
    """

    function: Callable[..., Any]
    arguments: tuple[str | float, ...]

    def __init__(self, function: Callable[..., Any], *arguments: str | float) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)


class CrossRow(Row):
    """A row whose function sees all symbols at once: (N, T) columns in, (N, T) out.

    Entry (i, t) uses column t of its arguments and those before it.
    """
