"""How to begin with a promoted configuration, and when to stop: numbers from its backtest."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

CAPITAL = 0.01
"""Share of the capital that a canary trades."""
MIN_DAYS, MIN_TRADES = 30, 5
"""How long a canary lasts at least: both have to be reached."""
ONE_IN_TWENTY = 1.645
"""Standard errors below the mean that luck alone goes one time in twenty."""

_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Canary:
    """The plan of a first try.

    Attributes:
        capital: share of the capital.
        days: expected length: at least MIN_DAYS, and long enough for MIN_TRADES trades at the
            backtest's rate; None when it made none.
        trades: that have to be made.
        worst_drawdown: of peak; a deeper one ends it.
        worst_return: over the canary, fraction of its capital; less than that is had one time in
            twenty if the backtest's mean and volatility hold and returns are normal; None when
            there is no volatility to tell by.
        slippage: fraction of the price per side that the backtest allows for.
    """

    capital: float
    days: int | None
    trades: int
    worst_drawdown: float
    worst_return: float | None
    slippage: float

    def plan(self) -> list[str]:
        """What to do, a sentence each."""
        length = "" if self.days is None else f" (about {self.days:,} days at the backtest's rate)"
        return [
            f"Trade {self.capital:.0%} of the capital, with the profile's own settings.",
            f"For at least {MIN_DAYS} days and {self.trades} closed trades{length}.",
            "Run a backtest on the same bars beside it, and compare trade by trade.",
        ]

    def stops(self) -> list[str]:
        """When to roll back, a sentence each."""
        told = [f"The drawdown is deeper than {self.worst_drawdown:.1%}, the backtest's deepest."]
        if self.worst_return is not None:
            told.append(
                f"The return over the canary is below {self.worst_return:.1%}: luck alone would "
                "do that one time in twenty if the backtest is right."
            )
        told += [
            f"Fills are worse than the {self.slippage:.3%} per side that the backtest allows for, "
            "on average.",
            "A position is held that a backtest on the same bars does not have.",
        ]
        return told


def canary(
    metrics: Mapping[str, float], slippage: float, bars: int, periods_per_year: float
) -> Canary:
    """The plan for a configuration.

    Args:
        metrics: of its backtest.
        slippage: that the backtest took, fraction per side.
        bars: of the backtest.
        periods_per_year: bars in a year.
    """
    per_day = metrics["trades"] / (bars / periods_per_year) / _YEAR
    days = max(MIN_DAYS, math.ceil(MIN_TRADES / per_day)) if per_day > 0 else None
    return Canary(
        capital=CAPITAL,
        days=days,
        trades=MIN_TRADES,
        worst_drawdown=metrics["max_drawdown"],
        worst_return=None if days is None else _low_return(metrics, days / _YEAR),
        slippage=slippage,
    )


def _low_return(metrics: Mapping[str, float], years: float) -> float | None:
    """Mean less ONE_IN_TWENTY standard errors of the return over some years."""
    volatility, sharpe = metrics["volatility"], metrics["sharpe"]
    low = sharpe * volatility * years - ONE_IN_TWENTY * volatility * math.sqrt(years)
    return low if math.isfinite(low) and volatility > 0 else None
