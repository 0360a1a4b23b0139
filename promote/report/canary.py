"""Canary: how to begin with a promoted configuration, and when to stop, from its backtest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kernels.jit.array_types import Floats
from store.resampling.futures import LEAST, block_of, futures

CAPITAL = 0.01
"""Share of the capital that a canary trades."""
MIN_DAYS, MIN_TRADES = 30, 5
"""How long a canary lasts at least: both have to be reached."""
LEVEL = 0.05
"""Share of good profiles that each stop ends: one in twenty."""
DRAWS = 2_000
"""Futures that the stops are read from, at least: each stop then ends 4 to 6 % of good profiles."""
MORE, FEW_BARS = 10_000, 2_000
"""Futures of so many bars or fewer, which cost no more than a third of a second."""
SEED = 0

_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Canary:
    """The plan of a first try.

    Attributes:
        capital: share of the capital.
        days: expected length: at least MIN_DAYS, and long enough for MIN_TRADES trades at the
            backtest's rate; None when it made none.
        trades: that have to be made.
        worst_drawdown: of peak; a deeper one ends it: of the futures that the backtest's bars make,
            5 % have one; None when the returns do not vary, or are too few to draw from.
        worst_return: over the canary, fraction of its capital; 5 % of these futures end with less;
            None the same.
        slippage: fraction of the price per side that the backtest allows for.
        bars: of the canary, for which both stops are made; None when `days` is.
    """

    capital: float
    days: int | None
    trades: int
    worst_drawdown: float | None
    worst_return: float | None
    slippage: float
    bars: int | None = None

    def plan(self) -> list[str]:
        """Steps of the canary, a sentence each."""
        length = "" if self.days is None else f" (about {self.days:,} days at the backtest's rate)"
        return [
            f"Trade {self.capital:.0%} of the capital, with the profile's own settings.",
            f"For at least {MIN_DAYS} days and {self.trades} closed trades{length}.",
            "Run a backtest on the same bars next to it, and compare trade by trade.",
        ]

    def stops(self) -> list[str]:
        """When to roll back, a sentence each."""
        rules = []
        if self.worst_drawdown is not None and self.worst_return is not None:
            rules += [
                f"The drawdown is deeper than {self.worst_drawdown:.1%} within {self.days:,} days: "
                "that happens one time in twenty if the backtest is right.",
                f"The return over these {self.days:,} days is below {self.worst_return:.1%}: that, "
                "too, happens one time in twenty if the backtest is right.",
            ]
        rules += [
            f"Fills are worse than the {self.slippage:.3%} per side that the backtest allows for, "
            "on average.",
            "A position is held that a backtest on the same bars does not have.",
        ]
        return rules


def canary(
    metrics: Mapping[str, float], slippage: float, returns: Floats, periods_per_year: float
) -> Canary:
    """The plan for a configuration.

    Args:
        metrics: of its backtest.
        slippage: that the backtest took, fraction per side.
        returns: (n,) of the backtest, per bar, oldest first.
        periods_per_year: bars in a year.
    """
    per_day = metrics["trades"] / (returns.size / periods_per_year) / _YEAR
    days = max(MIN_DAYS, math.ceil(MIN_TRADES / per_day)) if per_day > 0 else None
    bars = None if days is None else max(1, math.ceil(days / _YEAR * periods_per_year))
    drawdown, worst_return = (None, None) if bars is None else stops_over(returns, bars)
    return Canary(
        capital=CAPITAL,
        days=days,
        trades=MIN_TRADES,
        worst_drawdown=drawdown,
        worst_return=worst_return,
        slippage=slippage,
        bars=bars,
    )


def stops_over(returns: Floats, bars: int) -> tuple[float, float] | tuple[None, None]:
    """The drawdown that 5 % of futures exceed, and the return that 5 % fall below.

    Args:
        returns: (n,) of the backtest, per bar.
        bars: of each future.

    Returns:
        Fractions; None where the returns do not vary, or are too few to draw from.
    """
    if returns.size < LEAST or not np.ptp(returns) > 0:
        return None, None
    draws = MORE if bars <= FEW_BARS else DRAWS
    drawn = futures(returns, bars, draws, block_of(returns), SEED)
    # On the side of the profile where several futures share a value: never more than 5 %.
    drawdown = np.quantile(drawn.drawdown, 1 - LEVEL, method="higher")
    return float(drawdown), float(np.quantile(drawn.total_return, LEVEL, method="lower"))
