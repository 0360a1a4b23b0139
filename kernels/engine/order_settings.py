"""Settings of orders, sizes and costs: fields that `Settings` inherits."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import ArrayLike

from kernels.engine.setting_error import SettingError, refuse, setting_table
from kernels.jit.array_types import Bools, Floats

COMMISSION = 0.0005
"""Default commission of every backtest, a fraction of the traded notional per side."""
SLIPPAGE = 0.0002
"""Default slippage of every backtest, a fraction of the price against every fill."""

UNITS = ("fraction", "atr")
ENTRIES = ("market", "limit", "stop")
FILLS = ("through", "touch")
SIZES = ("all_in", "fraction", "risk", "fixed", "units")
ALL_IN, FRACTION, RISK, FIXED, COUNT = range(5)
MARKET, LIMIT, STOP = range(3)

WORDS = {"risk_unit": UNITS, "entry": ENTRIES, "limit_fill": FILLS, "size": SIZES}
"""Choices of the settings that are words."""


class Orders(NamedTuple):
    """Order settings of which each configuration may have its own; NaN = off."""

    atr_length: float
    break_even: float
    trail_after: float
    max_bars: float
    cooldown: float
    scale_out_at: float
    scale_out_part: float
    pyramiding: float
    add_at: float
    entry_distance: float
    entry_valid: float
    size_value: float
    lot: float
    min_notional: float
    vol_target: float
    vol_length: float
    leverage: float
    maintenance_margin: float
    no_trade_band: float
    commission_minimum: float
    commission_per_share: float
    commission_fixed: float
    maker_commission: float
    borrow_rate: float
    cash_rate: float


DEFAULTS = {
    "atr_length": 14.0,
    "entry_valid": 1.0,
    "vol_length": 20.0,
    "leverage": 1.0,
    "no_trade_band": 0.0,
    "commission_minimum": 0.0,
    "commission_per_share": 0.0,
    "commission_fixed": 0.0,
    "borrow_rate": 0.0,
    "cash_rate": 0.0,
}
"""Values that change nothing, of the order settings that are not off by None."""

WHOLE = ("atr_length", "max_bars", "cooldown", "pyramiding", "entry_valid", "vol_length")
PART = ("scale_out_part", "maintenance_margin")
NON_NEGATIVE = (
    "no_trade_band",
    "commission_minimum",
    "commission_per_share",
    "commission_fixed",
    "borrow_rate",
    "cash_rate",
)


class Terms(NamedTuple):
    """Order settings that all configurations of one call share, as the kernels read them."""

    atr: bool
    touch: bool
    session_flat: bool
    levels: bool
    target_first: bool
    entry: int
    size: int


TERMS = types.NamedTuple([types.boolean] * 5 + [types.int64] * 2, Terms)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False, kw_only=True)
class OrderSettings:
    """Orders, sizes and costs; docs/orders.md explains each. Numbers may be (n,) arrays.

    Attributes:
        risk_unit: of stop_loss, take_profit, trailing_stop and the distances below: fraction of
            the price, or atr.
        atr_length: bars of Wilder's average true range, >= 1.
        break_even: distance of profit at a close from which on the stop stands at the entry.
        trail_after: distance of profit at a close from which on the trailing stop works.
        max_bars: out at the open of this bar after the entry bar, >= 1.
        session_flat: out at the last close of each session, no entry in its last bar.
        cooldown: bars after an exit without entry, >= 1.
        scale_out_at: distance at which a part of the position is left.
        scale_out_part: that part of it, in (0, 1); half if None.
        pyramiding: units added at most, each as large as the first, >= 1.
        add_at: distance between the units' prices.
        entry: market, limit or stop.
        entry_distance: of a limit or stop from the decision's close.
        entry_valid: bars after the decision in which it works, >= 1.
        limit_fill: through (a price beyond the limit fills it) or touch.
        size: all_in, fraction (of equity), risk (of equity, by the distance of the stop), fixed
            (notional in quote currency) or units.
        size_value: of the size's kind.
        lot: sizes are whole multiples of it.
        min_notional: smaller orders are not sent.
        vol_target: volatility a year that a position is scaled to.
        vol_length: returns that the realised volatility is measured on, >= 2.
        leverage: notional / equity at most.
        maintenance_margin: equity / notional below which a position is liquidated, in (0, 1).
        no_trade_band: difference of weights up to which nothing is traded.
        commission_minimum: least commission of a fill, quote currency.
        commission_per_share: quote currency, added to the rate's commission.
        commission_fixed: quote currency a fill, added to the rest.
        maker_commission: rate of limit entries; negative is a rebate; None = commission.
        borrow_rate: a year, on the notional of a short at each close.
        cash_rate: a year, on borrowed cash at each close.
        funding: name of a feature column: the rate that longs pay shorts at the open of a bar.
        target_first: of bars in which stop and target are both inside, take the target: the other
            of the two results that are possible.
    """

    risk_unit: str = "fraction"
    atr_length: ArrayLike = 14
    break_even: ArrayLike | None = None
    trail_after: ArrayLike | None = None
    max_bars: ArrayLike | None = None
    session_flat: bool = False
    cooldown: ArrayLike | None = None
    scale_out_at: ArrayLike | None = None
    scale_out_part: ArrayLike | None = None
    pyramiding: ArrayLike | None = None
    add_at: ArrayLike | None = None
    entry: str = "market"
    entry_distance: ArrayLike | None = None
    entry_valid: ArrayLike = 1
    limit_fill: str = "through"
    size: str = "all_in"
    size_value: ArrayLike | None = None
    lot: ArrayLike | None = None
    min_notional: ArrayLike | None = None
    vol_target: ArrayLike | None = None
    vol_length: ArrayLike = 20
    leverage: ArrayLike = 1
    maintenance_margin: ArrayLike | None = None
    no_trade_band: ArrayLike = 0
    commission_minimum: ArrayLike = 0
    commission_per_share: ArrayLike = 0
    commission_fixed: ArrayLike = 0
    maker_commission: ArrayLike | None = None
    borrow_rate: ArrayLike = 0
    cash_rate: ArrayLike = 0
    funding: str | None = None
    target_first: bool = False

    def orders(self, n: int | None) -> Floats:
        """The numbers: (n, fields of `Orders`), a row per configuration; None of a default is it.

        Raises:
            SettingError: a value out of its range, or an array whose length is not n.
        """
        table = setting_table(Orders._fields, self, n)
        for name, value in DEFAULTS.items():
            column = table[:, Orders._fields.index(name)]
            column[np.isnan(column)] = value
        check_orders(table, self.size)
        return table

    def terms(self, *, levels: bool = False) -> Terms:
        """The words, for the kernels."""
        return Terms(
            atr=self.risk_unit == "atr",
            touch=self.limit_fill == "touch",
            session_flat=bool(self.session_flat),
            levels=levels,
            target_first=self.target_first,
            entry=ENTRIES.index(self.entry),
            size=SIZES.index(self.size),
        )


def check_orders(table: Floats, size: str) -> None:
    """Raise SettingError at the first of (n, fields) numbers that breaks its rule."""
    for k, name in enumerate(Orders._fields):
        values = table[:, k]
        refuse(name, values, *_rule(name, values))
    _pairs(table, "pyramiding", "add_at")
    value = table[:, Orders._fields.index("size_value")]
    if size == "all_in":
        lone = ~np.isnan(value)
        refuse(
            "size_value", value, lone, "is of a size; set size to fraction, risk, fixed or units"
        )
    else:
        refuse("size_value", value, np.isnan(value), f"size {size} needs a value")
    if size == "risk":
        refuse("size_value", value, value > 1, "need a fraction in (0, 1] to risk")


def _rule(name: str, values: Floats) -> tuple[Bools, str]:
    """Which values break the rule of a setting, and that rule."""
    if name in WHOLE:
        least = 2 if name == "vol_length" else 1
        bad = (values < least) | (values != np.rint(values)) & ~np.isnan(values)
        return bad, f"need a whole number >= {least}"
    if name in PART:
        return (values <= 0) | (values >= 1), "need a fraction in (0, 1), or null to switch it off"
    if name == "maker_commission":
        return ~(np.abs(values) < 1) & ~np.isnan(values), "need a fraction in (-1, 1)"
    if name in NON_NEGATIVE:
        return ~((values >= 0) & (values < np.inf)), "need a number >= 0"
    return (values <= 0) | (values == np.inf), "need a number > 0, or null to switch it off"


def _pairs(table: Floats, name: str, other: str) -> None:
    """Two settings of which each needs the other."""
    first, second = (table[:, Orders._fields.index(n)] for n in (name, other))
    refuse(name, first, ~np.isnan(first) & np.isnan(second), f"needs {other}; set it")
    refuse(other, second, ~np.isnan(second) & np.isnan(first), f"needs {name}; set it")


def check_words(settings: OrderSettings) -> None:
    """Raise SettingError at the first setting that is no number and breaks its rule."""
    for name in ("session_flat", "target_first"):
        value = getattr(settings, name)
        if not isinstance(value, bool):
            raise SettingError(name, f"need true or false, got {value!r}")
    funding: object = settings.funding
    if funding is not None and not (isinstance(funding, str) and funding.strip()):
        raise SettingError("funding", f"need the name of a feature column, got {funding!r}")


def order_engine_needed(settings: OrderSettings, table: Floats, risk: Floats) -> Bools:
    """Which configurations ask for more than the engines of the code contract do: (n,).

    Args:
        settings: checked.
        table: of `orders`.
        risk: (n, 6) of `Settings.risk`.
    """
    shared = (
        settings.session_flat
        or settings.target_first
        or settings.funding is not None
        or settings.entry != "market"
        or settings.size not in ("all_in", "risk")
    )
    if shared:
        return np.ones(len(table), np.bool_)
    needed = np.zeros(len(table), np.bool_)
    idle = {"atr_length", "entry_valid", "vol_length", "no_trade_band", "size_value"}
    idle |= {"entry_distance", "scale_out_part", "maker_commission"}
    for k, name in enumerate(Orders._fields):
        if name not in idle:
            off = DEFAULTS.get(name, np.nan)
            needed |= ~np.isnan(table[:, k]) & (table[:, k] != off)
    stops = risk[:, 2:5]
    if settings.risk_unit == "atr":
        needed |= ~np.isnan(stops).all(axis=1)
    needed |= ~np.isnan(risk[:, 5]) & np.isnan(risk[:, 2])  # sized by another than a stop-loss
    return needed
