"""Parts of a strategy file: the HOLD code and the indicator rows it asks for."""

from collections.abc import Callable
from dataclasses import dataclass

HOLD = 2
"""Signal code of a bar without an opinion: the code in force stays."""


@dataclass(frozen=True, init=False)
class Row:
    """One indicator series of a strategy, computed once per unique combination of its values.

    Attributes:
        function: jitted, returns (n_bars,) float64, NaN while warming up; entry i uses bars 0..i.
        arguments: handed over in this order. A string names a column of the bars or a field of
            the strategy's Params; a number is a constant.
        timeframe: of the bars that the function sees, longer than the series' own, 4h or 1w: the
            row holds at each bar the value of the last longer bar that has closed. None = own.
    """

    function: Callable[..., object]
    arguments: tuple[str | float, ...]
    timeframe: str | None

    def __init__(
        self, function: Callable[..., object], *arguments: str | float, timeframe: str | None = None
    ) -> None:
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "arguments", arguments)
        object.__setattr__(self, "timeframe", timeframe)


class CrossRow(Row):
    """A row whose function sees all symbols at once: (N, T) columns in, (N, T) out.

    Entry (i, t) uses column t of its arguments and those before it.
    """


class BarRow(Row):
    """A row of a panel whose function works out some bars alone, as a rebalance needs them.

    The function gets the bars, (R,) ascending, then its arguments, columns as (T, N) with a symbol
    per column of the array; it returns (R, N). Row r uses bars 0..bars[r], whatever other bars are
    asked for. Monthly rebalances need a twentieth of the bars, and of the time of a `Row`.
    """
