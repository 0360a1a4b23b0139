"""Settings of a panel: all that shapes its backtest and is not the strategy."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from kernels.engine.order_settings import COMMISSION, SLIPPAGE
from kernels.engine.settings import Rules, SettingError, Settings
from kernels.jit.array_types import Floats

RISK = ("stop_loss", "take_profit", "trailing_stop", "risk_fraction")
"""Settings of one symbol that a panel has not."""
SIDES = ("long", "short", "both")
WEIGHTINGS = ("equal", "score", "inverse_volatility")
CADENCES = ("week", "month", "quarter")


@dataclass(frozen=True, eq=False)
class PanelSettings:
    """All that shapes the backtest of a panel and is not the strategy. See docs/panels.md.

    Commission and slippage are each a number, or an (n,) array with one value per configuration.

    Attributes:
        side: long holds the k best; short sells the k worst; both does both, with half of the
            equity each.
        weighting: equal, score (in proportion to the part of the score on the right side of 0), or
            inverse_volatility.
        cadence: bars from one rebalance to the next, or week, month, quarter: the last bar of each.
        cap: highest share of the equity in one symbol, in (0, 1]; what is above stays in cash.
        volatility_bars: returns, close to close, in the volatility of `inverse_volatility`.
        delisting_return: what a symbol that ends returns after its last close, >= -1.
        commission: fraction of the notional, per side, in [0, 1).
        slippage: fraction of the price, against every fill, in [0, 1).
        initial_capital: in quote currency, > 0.
        periods_per_year: bars in a year, > 0; None = from the times of the bars, 252 without.
        risk_free: rate per year, a fraction, subtracted from returns in Sharpe and Sortino.
        rank_ic: work out the rank correlation too, which takes several times as long.
    """

    side: str = "long"
    weighting: str = "equal"
    cadence: int | str = "month"
    cap: float | None = None
    volatility_bars: int = 63
    delisting_return: float = 0.0
    commission: ArrayLike = COMMISSION
    slippage: ArrayLike = SLIPPAGE
    initial_capital: float = 10_000.0
    periods_per_year: float | None = None
    risk_free: float = 0.0
    rank_ic: bool = False

    @staticmethod
    def of(given: "PanelSettings | Mapping[str, Any] | None") -> "PanelSettings":
        """Settings from themselves, from a mapping of some of their fields, or all defaults."""
        if isinstance(given, PanelSettings):
            return given
        names = [field.name for field in fields(PanelSettings)]
        for name in given or {}:
            if name not in names:
                near = get_close_matches(str(name), names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
                raise ValueError(f"settings: a panel has no setting {name!r}; {hint}")
        return PanelSettings(**(given or {}))

    def check(self) -> None:
        """Raise ValueError at the first setting whose value breaks its rule."""
        _one_of("side", self.side, SIDES)
        _one_of("weighting", self.weighting, WEIGHTINGS)
        if isinstance(self.cadence, str):
            _one_of("cadence", self.cadence, CADENCES)
        else:
            _check_count("cadence", self.cadence, 1)
        _check_count("volatility_bars", self.volatility_bars, 2)
        if self.cap is not None:
            _check_number("cap", self.cap, 0 < self.cap <= 1, "a fraction in (0, 1], or null")
        low = self.delisting_return
        _check_number("delisting_return", low, -1 <= low < np.inf, "a fraction >= -1")
        for name in ("initial_capital", "periods_per_year"):
            value = getattr(self, name)
            if value is not None or name == "initial_capital":
                fits = np.isreal(value) and 0 < value < np.inf
                _check_number(name, value, bool(fits), "a finite number > 0")
        rate = self.risk_free
        _check_number("risk_free", rate, -1 < rate < 1, "a rate per year in (-1, 1)")
        self.costs(None)

    def costs(self, n: int | None) -> Floats:
        """(n, 2) commission and slippage, a row per configuration; n None: of the longest array."""
        columns = [_column(name, getattr(self, name)) for name in ("commission", "slippage")]
        rows = max(column.size for column in columns) if n is None else n
        table = np.empty((rows, 2))
        for k, (name, column) in enumerate(zip(("commission", "slippage"), columns, strict=True)):
            if column.size not in (1, rows):
                raise SettingError(
                    name, f"need one number or {rows}, one per configuration, got {column.size}"
                )
            table[:, k] = column
        return table

    def configurations(self) -> int:
        """Number of configurations the settings are for: the length of the longest array."""
        return len(self.risk(None))

    def risk(self, n: int | None) -> Floats:
        """The part that may differ between configurations, as `kernels.params` asks for it."""
        return self.costs(n)

    def rules(self) -> Rules:
        """Rules that the metrics read, in the form of the single symbol's."""
        return Rules(
            long=self.side != "short",
            short=self.side != "long",
            same_close=False,
            arm=False,
            stop_first=False,
            next_bar=False,
            events=False,
            initial_capital=float(self.initial_capital),
            periods_per_year=float(self.periods_per_year or 252.0),
            risk_free=float(self.risk_free),
        )


def settings_from(values: Mapping[str, Any]) -> Settings | PanelSettings:
    """Settings by name: those of a panel if they have a cadence, without stops and sizes then."""
    if "cadence" not in values:
        return Settings(**values)
    return PanelSettings(**{k: v for k, v in values.items() if k not in RISK})


def with_numbers(
    settings: Settings | PanelSettings, own: Mapping[str, Any]
) -> Settings | PanelSettings:
    """The settings with numbers of the configurations' own; stops and sizes only where they are."""
    if isinstance(settings, PanelSettings):
        return replace(settings, **{k: v for k, v in own.items() if k not in RISK})
    return replace(settings, **own)


def _column(name: str, value: ArrayLike) -> Floats:
    try:
        column = np.atleast_1d(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        raise SettingError(name, f"need a number, got {value!r}") from None
    bad = ~((column >= 0) & (column < 1))
    if column.ndim != 1 or bad.any():
        raise SettingError(name, f"need a fraction in [0, 1), got {column[bad].tolist()[:1]}")
    return column


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        near = get_close_matches(str(value), allowed, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise SettingError(name, f"need one of {', '.join(allowed)}, got {value!r}{hint}")


def _check_count(name: str, value: object, low: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        what = "bars" if name != "cadence" else f"bars, or {', '.join(CADENCES)}"
        raise SettingError(name, f"need a whole number of {what}, at least {low}, got {value!r}")


def _check_number(name: str, value: object, fits: bool, need: str) -> None:
    if isinstance(value, bool) or not fits:
        raise SettingError(name, f"need {need}, got {value!r}")
