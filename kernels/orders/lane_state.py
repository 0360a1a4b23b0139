"""State of several configurations of weights next to one another, a lane each.

The same few operations on all lanes of a field become vector instructions: the fields lie in one
record at fixed places, so the compiler sees that none overlaps another (separate arrays took six
times as long). What happens rarely is done by the functions for one configuration, on its `State`.
"""

import numpy as np

from kernels.engine.daily_equity import Daily
from kernels.engine.metrics import Moments, Sums
from kernels.engine.order_settings import Orders
from kernels.engine.position import TURNOVER
from kernels.engine.settings import Risk
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner
from kernels.orders.position import State

LANES = 16
DUST = 1e-12
"""Share of the equity below which a difference of weights is rounding."""


class Lanes:
    """The state as Numba hands it over: a record of LANE_STATE; each field has LANES numbers.

    Attributes:
        cash: quote currency, below 0 what is borrowed.
        held: signed size.
        entered, paid, left: as in `State`.
        turnover: sum over fills of notional / equity.
        exposed: bars that closed with a position.
        wanted: weight, signed share of the equity; NaN = keep.
        band: difference of weights up to which nothing is traded.
        commission, slippage, fixed, least, margin, borrow_rate, cash_rate: settings.
        alive: 1, after ruin 0.
        way: +1 buys, -1 sells, 0 does not trade.
        event: 1 where a lane needs the functions for one configuration.
        worth: equity at the close.
        before, peak, fall, s1, s2, s3, s4, d2, p1, p2: of `metrics.measure`.
        day_equity, day_s1, day_s2: of `daily_equity.Daily`.
    """

    cash: Floats
    held: Floats
    entered: Floats
    paid: Floats
    left: Floats
    turnover: Floats
    exposed: Floats
    wanted: Floats
    band: Floats
    commission: Floats
    slippage: Floats
    fixed: Floats
    least: Floats
    margin: Floats
    borrow_rate: Floats
    cash_rate: Floats
    alive: Floats
    way: Floats
    event: Floats
    worth: Floats
    before: Floats
    peak: Floats
    fall: Floats
    s1: Floats
    s2: Floats
    s3: Floats
    s4: Floats
    d2: Floats
    p1: Floats
    p2: Floats
    day_equity: Floats
    day_s1: Floats
    day_s2: Floats


LANE_STATE = np.dtype([(name, np.float64, (LANES,)) for name in Lanes.__annotations__])


@inner
def set_lane(s: Lanes, lane: int, risk: Risk, o: Orders) -> None:
    """Settings of the configuration in a lane."""
    s.band[lane] = max(o.no_trade_band, DUST)
    s.commission[lane], s.slippage[lane] = risk.commission, risk.slippage
    s.fixed[lane], s.least[lane] = o.commission_fixed, o.min_notional
    s.margin[lane] = 0.0 if np.isnan(o.maintenance_margin) else o.maintenance_margin
    s.borrow_rate[lane], s.cash_rate[lane] = o.borrow_rate, o.cash_rate


@inner
def begin_lanes(s: Lanes, used: int, capital: float) -> None:
    """Cash only in the lanes that are used, nothing in the others."""
    for lane in range(LANES):
        s.cash[lane] = capital if lane < used else 0.0
        s.alive[lane] = 1.0 if lane < used else 0.0
        s.before[lane] = s.peak[lane] = s.day_equity[lane] = s.cash[lane]
        s.held[lane] = s.entered[lane] = s.paid[lane] = s.left[lane] = 0.0
        s.turnover[lane] = s.exposed[lane] = 0.0
        s.wanted[lane] = np.nan
        s.fall[lane] = s.s1[lane] = s.s2[lane] = s.s3[lane] = s.s4[lane] = s.d2[lane] = 0.0
        s.p1[lane] = s.p2[lane] = s.day_s1[lane] = s.day_s2[lane] = 0.0


@inner
def take_out(s: Lanes, lane: int, own: State, tally: Floats) -> None:
    """Position and tally of a lane, for the functions of one configuration."""
    held = s.held[lane]
    own.cash, own.size = s.cash[lane], abs(held)
    own.side = 0 if held == 0.0 else (1 if held > 0.0 else -1)
    own.entered, own.paid, own.left = s.entered[lane], s.paid[lane], s.left[lane]
    tally[TURNOVER] = s.turnover[lane]


@inner
def put_back(s: Lanes, lane: int, own: State, tally: Floats) -> None:
    """The same after they have changed."""
    s.cash[lane], s.held[lane] = own.cash, own.side * own.size
    s.entered[lane], s.paid[lane], s.left[lane] = own.entered, own.paid, own.left
    s.turnover[lane] = tally[TURNOVER]


@inner
def moments_of(s: Lanes, lane: int) -> Moments:
    """Moments of a lane's equity."""
    sums = Sums(s.s1[lane], s.s2[lane], s.s3[lane], s.s4[lane], s.d2[lane])
    return Moments(sums, s.fall[lane], s.before[lane])


@inner
def daily_of(s: Lanes, lane: int, day: int) -> Daily:
    """Daily returns of a lane."""
    return Daily(s.day_s1[lane], s.day_s2[lane], s.day_equity[lane], day)


@inner
def end_part(s: Lanes, sums: Floats, b: int) -> None:
    """Sums (LANES, BLOCKS, 2) of part b are complete."""
    for lane in range(LANES):
        s.s1[lane] += s.p1[lane]
        s.s2[lane] += s.p2[lane]
        sums[lane, b, 0], sums[lane, b, 1] = s.p1[lane], s.p2[lane]
        s.p1[lane] = s.p2[lane] = 0.0
