"""Settings: all that shapes a backtest and is not the strategy."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numpy.typing import ArrayLike

from kernels.engine.order_settings import COMMISSION, SLIPPAGE, WORDS, OrderSettings, check_words
from kernels.engine.setting_error import SettingError, as_percent, refuse, setting_table
from kernels.jit.array_types import Bools, Floats
from kernels.series.periods import TRADING_DAYS

__all__ = ["SettingError", "Settings", "as_percent"]

DIRECTIONS = ("long", "short", "both")
CHOICES = {
    "direction": DIRECTIONS,
    "fill": ("next_open", "same_close"),
    "stop_order": ("signal_first", "stop_first"),
    "stops_from": ("entry_bar", "next_bar"),
    "engine": ("events", "scalar"),
    **WORDS,
}


class Rules(NamedTuple):
    """Settings that all configurations of one call share, as the kernels read them."""

    long: bool
    short: bool
    same_close: bool
    arm: bool
    stop_first: bool
    next_bar: bool
    events: bool
    initial_capital: float
    periods_per_year: float
    risk_free: float


class Risk(NamedTuple):
    """Settings that each configuration may have its own value of; fractions, NaN = off."""

    commission: float
    slippage: float
    stop_loss: float
    take_profit: float
    trailing_stop: float
    risk_fraction: float


RULES = types.NamedTuple([types.boolean] * 7 + [types.float64] * 3, Rules)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class Settings(OrderSettings):
    """All that shapes a backtest and is not the strategy. docs/semantics.md explains each rule.

    Those of orders, sizes and further costs are explained in `OrderSettings`.

    The six from commission to risk_fraction are each a number, or an (n,) array with one value per
    configuration.

    Attributes:
        direction: long, short or both; the other side's code acts as flat.
        fill: next_open (a code decided at a close fills at the next open) or same_close.
        arm: ignore the code in force when the first one appears, wait for a change.
        stop_order: signal_first, or stop_first: a bar that touches the stop of a position held
            into it executes that stop alone, and its market order is dropped.
        stops_from: entry_bar, or next_bar: stops are watched from the bar after the entry.
        initial_capital: in quote currency, > 0.
        periods_per_year: bars in a year, > 0; None = from the times of the bars, 252 without.
        risk_free: rate per year, a fraction, subtracted from returns in Sharpe and Sortino.
        commission: fraction of the notional, per side, in [0, 1).
        slippage: fraction of the price, against every fill, in [0, 1).
        stop_loss: fraction of the entry price, > 0, and < 1 unless only shorts are held; None or
            NaN = off, here and below.
        take_profit: fraction of the entry price, > 0, and < 1 where only shorts are held.
        trailing_stop: fraction of the best price of earlier bars, as stop_loss.
        risk_fraction: fraction of the equity lost when the stop-loss is hit, in (0, 1]; sizes
            the position as equity * min(1, risk_fraction / stop_loss), so it needs a stop_loss.
        engine: events, or scalar: the plain loop over all bars, slower, with the same trades and
            equity, and metrics equal but for the rounding of sums.
    """

    direction: str = "long"
    fill: str = "next_open"
    arm: bool = False
    stop_order: str = "signal_first"
    stops_from: str = "entry_bar"
    initial_capital: float = 10_000.0
    periods_per_year: float | None = None
    risk_free: float = 0.0
    commission: ArrayLike = COMMISSION
    slippage: ArrayLike = SLIPPAGE
    stop_loss: ArrayLike | None = None
    take_profit: ArrayLike | None = None
    trailing_stop: ArrayLike | None = None
    risk_fraction: ArrayLike | None = None
    engine: str = "events"

    @staticmethod
    def of(given: "Settings | Mapping[str, Any] | None") -> "Settings":
        """Settings from Settings, from a mapping of some of its fields, or all defaults."""
        if isinstance(given, Settings):
            return given
        names = [field.name for field in fields(Settings)]
        for name in given or {}:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
                raise ValueError(f"settings: no setting is called {name!r}; {hint}")
        return Settings(**(given or {}))

    def check(self) -> None:
        """Raise ValueError at the first setting whose value breaks its rule."""
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                near = get_close_matches(str(value), allowed, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                raise SettingError(name, f"need one of {', '.join(allowed)}, got {value!r}{hint}")
        if not isinstance(self.arm, bool):
            raise SettingError("arm", f"need true or false, got {self.arm!r}")
        for name in ("initial_capital", "periods_per_year"):
            value = getattr(self, name)
            if value is None and name == "periods_per_year":
                continue
            if not (np.isreal(value) and 0 < value < np.inf):
                raise SettingError(name, f"need a finite number > 0, got {value!r}")
        rate: object = self.risk_free
        if not (isinstance(rate, int | float | np.floating) and -1 < rate < 1):
            raise SettingError(
                "risk_free", f"need a rate per year in (-1, 1), 0.02 for 2 %, got {rate!r}"
            )
        check_words(self)
        self.risk(None)
        self.orders(None)

    def rules(self) -> Rules:
        """The shared part, for the kernels."""
        return Rules(
            long=self.direction != "short",
            short=self.direction != "long",
            same_close=self.fill == "same_close",
            arm=bool(self.arm),
            stop_first=self.stop_order == "stop_first",
            next_bar=self.stops_from == "next_bar",
            events=self.engine == "events",
            initial_capital=float(self.initial_capital),
            periods_per_year=float(self.periods_per_year or TRADING_DAYS),
            risk_free=float(self.risk_free),
        )

    def risk(self, n: int | None) -> Floats:
        """The part that may differ: (n, 6), a row per configuration, columns as in `Risk`.

        With n None the number of rows is that of the longest array.

        Raises:
            ValueError: a value out of its range, or an array whose length is not n.
        """
        table = setting_table((*Risk._fields, "size_value"), self, n)
        table, value = np.ascontiguousarray(table[:, :-1]), table[:, -1]
        fraction = table[:, Risk._fields.index("risk_fraction")]
        if self.size == "risk":
            fraction[:] = np.where(np.isnan(value), fraction, value)
        elif self.size != "all_in":
            refuse("risk_fraction", fraction, ~np.isnan(fraction), f"size is {self.size}; drop one")
        _check_risk(table, self)
        return table

    def configurations(self) -> int:
        """Number of configurations the settings are for: the length of the longest array."""
        return max(len(self.risk(None)), len(self.orders(None)))


def _check_risk(table: Floats, settings: Settings) -> None:
    for name in ("commission", "slippage"):
        values = table[:, Risk._fields.index(name)]
        refuse(name, values, ~((values >= 0) & (values < 1)), "need a fraction in [0, 1)")
    for name in ("stop_loss", "take_profit", "trailing_stop", "risk_fraction"):
        values = table[:, Risk._fields.index(name)]
        over, wanted = _beyond(name, values, settings)
        refuse(name, values, (values <= 0) | over, f"need {wanted}, or null to switch it off")
    stop_loss, trailing, fraction = (
        table[:, Risk._fields.index(n)] for n in ("stop_loss", "trailing_stop", "risk_fraction")
    )
    if settings.size != "risk":  # then the strategy's own levels may be the stop
        lone = np.isnan(stop_loss) & np.isnan(trailing) & ~np.isnan(fraction)
        refuse("risk_fraction", fraction, lone, "needs a stop_loss to size by; set one")


def _beyond(name: str, values: Floats, settings: Settings) -> tuple[Bools, str]:
    """Which values could never have an effect, or are no size; and what is wanted instead.

    A price falls by less than its all, so neither a long's stop nor a short's target lies further
    off; what a price may rise by has no bound.
    """
    if name == "risk_fraction":
        return values > 1, "a fraction in (0, 1]"
    if settings.risk_unit == "atr":
        return values == np.inf, "a number of average true ranges > 0"
    direction = settings.direction
    bounded = direction == "short" if name == "take_profit" else direction != "short"
    if bounded:
        return values >= 1, "a fraction in (0, 1)"
    return values == np.inf, "a fraction > 0"
