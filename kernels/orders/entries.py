"""Working orders and their sizes: from a code's close to the fill."""

import math

import numpy as np

from kernels.engine.order_settings import (
    ALL_IN,
    COUNT,
    FIXED,
    FRACTION,
    LIMIT,
    MARKET,
    STOP,
    Orders,
    Terms,
)
from kernels.engine.settings import Risk, Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.orders.position import State, affordable, in_lots, open_position, value
from kernels.series.bars import Bar


@inner
def place(
    s: State, side: int, i: int, close: float, atr: float, limit: float, o: Orders, t: Terms
) -> None:
    """Let an order of this side work from the next bar on; `side` 0 takes it back.

    A limit price of the strategy's own, if it is a number, stands in for the distance.
    """
    s.order = side
    s.decided = i
    if side == 0:
        return
    s.kind = t.entry
    s.until = i + int(o.entry_valid)
    if not np.isnan(limit):
        s.kind = STOP if t.entry == STOP else LIMIT
        s.level = limit
    elif t.entry != MARKET:
        distance = o.entry_distance * (atr / close if t.atr else 1.0)
        s.level = close * (1.0 + (side if t.entry == STOP else -side) * distance)


@inner
def reached(s: State, bar: Bar, touch: bool) -> bool:
    """The bar fills the working limit or stop."""
    near = bar.low if s.order > 0 else bar.high
    if s.kind == STOP:
        near = bar.high if s.order > 0 else bar.low
        return s.order * near >= s.order * s.level
    if touch:
        return s.order * near <= s.order * s.level
    return s.order * near < s.order * s.level


@inner
def order_price(s: State, bar: Bar) -> float:
    """Quoted price at which a reached order fills: its level, or the open if that is beyond."""
    if s.kind == STOP:
        return s.order * max(s.order * bar.open, s.order * s.level)
    return s.order * min(s.order * bar.open, s.order * s.level)


@inner
def fill_order(
    s: State,
    quoted: float,
    i: int,
    atr: Floats,
    vol: Floats,
    stop: float,
    risk: Risk,
    o: Orders,
    t: Terms,
    rules: Rules,
    tally: Floats,
) -> bool:
    """Fill the working order at a quoted price; False if it comes to no size, and lapses.

    Args:
        s: flat.
        quoted: price before slippage, which a limit does not pay.
        i: bar of the fill.
        atr: (n_bars,) of the configuration; read at the decision.
        vol: (n_bars,) realised volatility per bar; read at the decision, empty when it is off.
        stop: the strategy's own stop, NaN = none.
        risk: of the configuration.
        o: of the configuration.
        t: of all.
        rules: of all.
        tally: out.
    """
    side, limit = s.order, s.kind == LIMIT
    s.order = 0
    price = quoted if limit else quoted * (1.0 + side * risk.slippage)
    rate = o.maker_commission if limit and not np.isnan(o.maker_commission) else risk.commission
    unit = atr[s.decided] / price if t.atr else 1.0
    scale = 1.0
    if o.vol_target > 0.0:
        scale = o.vol_target / (vol[s.decided] * math.sqrt(rules.periods_per_year))
    if np.isnan(unit) or np.isnan(scale):
        return False  # not warm at the decision
    size = sized(s.cash, side, price, rate, unit, stop, scale, risk, o, t)
    if not size > 0.0:
        return False
    s.unit = unit
    open_position(s, side, size, price, rate, i, o, tally)
    if o.leverage == 1.0 and scale == 1.0 and t.size == ALL_IN and side > 0 and whole(risk, o):
        s.cash = 0.0  # nothing is left, to the last bit
    return True


@inner
def whole(risk: Risk, o: Orders) -> bool:
    """All the equity goes into the position."""
    return np.isnan(risk.risk_fraction) and not (o.lot > 0.0)


@inner
def sized(
    equity: float,
    side: int,
    price: float,
    rate: float,
    unit: float,
    stop: float,
    scale: float,
    risk: Risk,
    o: Orders,
    t: Terms,
) -> float:
    """Size of a first fill; 0 or NaN where there is none."""
    cap = o.leverage * equity
    room = affordable(cap, price, rate, o)
    if t.size == COUNT:
        return in_lots(min(o.size_value * scale, room), price, o)
    budget = equity if o.vol_target > 0.0 else cap
    if t.size == FRACTION:
        budget = o.size_value * equity
    elif t.size == FIXED:
        budget = o.size_value
    elif not np.isnan(risk.risk_fraction):
        distance = risk.stop_loss * unit
        if np.isnan(distance):
            distance = risk.trailing_stop * unit
        if np.isnan(distance):
            distance = side * (price - stop) / price
        if not distance > 0.0:
            return 0.0
        budget = min(o.leverage, risk.risk_fraction / distance) * equity
    budget = min(cap, budget * scale)
    if t.size == FIXED:
        return in_lots(min(budget / price, room), price, o)
    return in_lots(affordable(budget, price, rate, o), price, o)


@inner
def room_for_more(s: State, price: float, rate: float, o: Orders) -> float:
    """Size that leverage still allows to add at a price."""
    equity = value(s, price)
    return affordable(o.leverage * equity - s.size * price, price, rate, o)
