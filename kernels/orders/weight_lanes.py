"""Backtests of weights for several configurations at once: `weight_engine`, to the bit.

Each step does for all lanes what `weight_engine.simulate_weights` does for one, in the same order
of the same operations. Entries, turns, liquidations and the end are marked as events, and done by
its functions. 16 lanes of weights that trade at every bar take a tenth of the time of 16 runs.
"""

from kernels.jit.inner import inner
from kernels.orders.lane_state import LANES, Lanes
from kernels.series.range_summaries import shortfall


@inner
def pay_funding_lanes(s: Lanes, opened: float, rate: float) -> None:
    """Longs pay shorts the rate of the bar on the notional at its open; NaN = no payment."""
    if rate == rate:
        for lane in range(LANES):
            s.cash[lane] -= s.held[lane] * opened * rate


@inner
def mark_far_lanes(s: Lanes, quoted: float) -> int:
    """Which way each lane has to trade: +1, -1, or 0 within its band; the number that do."""
    far_lanes = 0
    for lane in range(LANES):
        worth = s.cash[lane] + s.held[lane] * quoted
        off = s.wanted[lane] - s.held[lane] * quoted / worth
        far = (worth > 0.0) & (abs(off) > s.band[lane])  # False where NaN
        way = 1.0 if off > 0.0 else -1.0
        s.way[lane] = way if far else 0.0
        far_lanes += 1 if far else 0
    return far_lanes


@inner
def trade_lanes(s: Lanes, quoted: float) -> int:
    """Trade to the weights at a quoted price as `weight_engine.trade_to`; number of events.

    An entry, a turn and a weight that leaves are events: marked, and not traded.
    """
    if mark_far_lanes(s, quoted) == 0:
        return 0
    events = 0
    for lane in range(LANES):
        wanted, cash, held, way = s.wanted[lane], s.cash[lane], s.held[lane], s.way[lane]
        price = quoted * (1.0 + way * s.slippage[lane])
        equity = cash + held * price
        rate = s.commission[lane]
        left = equity - s.fixed[lane]
        target = wanted * (left + way * rate * held * price) / (price * (1.0 + way * wanted * rate))
        change = target - held
        traded = change * way
        trades = (traded > 0.0) & (not (traded * price < s.least[lane]))
        turns = trades & (not (target * held > 0.0))
        trades = trades & (not turns)
        grown = abs(target) - abs(held)
        more = grown if trades & (grown > 0.0) else 0.0
        less = grown if trades & (not (grown > 0.0)) else 0.0
        s.entered[lane] += more
        s.paid[lane] += more * price
        s.left[lane] -= less * price
        s.turnover[lane] += traded * price / equity if trades & (equity > 0.0) else 0.0
        paid = traded * (price * rate) + s.fixed[lane]
        rest = 0.0 if wanted == 1.0 else cash - (change * price + paid)
        s.cash[lane] = rest if trades else cash
        s.held[lane] = target if trades else held
        s.event[lane] = 1.0 if turns else 0.0
        events += 1 if turns else 0
    return events


@inner
def ruined_lanes(s: Lanes, low: float, high: float) -> int:
    """Mark the lanes that the bar's extreme liquidates, as `exits.ruin_level`; their number."""
    events = 0
    for lane in range(LANES):
        cash, held = s.cash[lane], s.held[lane]
        worst = low if held > 0.0 else high
        safe = cash + held * worst > s.margin[lane] * abs(held) * worst
        fatal = (held != 0.0) & (not safe) & (not ((held > 0.0) & (cash >= 0.0)))
        s.event[lane] = 1.0 if fatal else 0.0
        events += 1 if fatal else 0
    return events


@inner
def charge_lanes(s: Lanes, close: float, periods: float) -> None:
    """Interest of one bar, as `order_engine.charged`."""
    for lane in range(LANES):
        cash, held = s.cash[lane], s.held[lane]
        lent = abs(held) * close * s.borrow_rate[lane] / periods
        lent = lent if held < 0.0 else 0.0
        owed = cash * s.cash_rate[lane] / periods
        owed = owed if (held > 0.0) & (cash < 0.0) else 0.0
        s.cash[lane] = cash - lent + owed


@inner
def value_lanes(s: Lanes, close: float) -> int:
    """Equity and exposure at the close; the number of lanes that are ruined there."""
    events = 0
    for lane in range(LANES):
        held = s.held[lane]
        worth = s.cash[lane] + held * close
        ruined = (worth <= 0.0) & (s.alive[lane] > 0.0)
        s.worth[lane] = worth
        s.exposed[lane] += 1.0 if (held != 0.0) & (worth > 0.0) else 0.0
        s.event[lane] = 1.0 if ruined else 0.0
        events += 1 if ruined else 0
    return events


@inner
def measure_lanes(s: Lanes, free: float) -> None:
    """One more close of `metrics.measure`."""
    for lane in range(LANES):
        worth, before = s.worth[lane], s.before[lane]
        r = (worth - before) / before
        r = r if before > 0.0 else 0.0
        s.before[lane] = worth
        s.p1[lane] += r
        s.p2[lane] += r * r
        s.s3[lane] += r * r * r
        s.s4[lane] += r * r * r * r
        s.d2[lane] += shortfall(r, free)
        peak = worth if worth > s.peak[lane] else s.peak[lane]
        fall = 1.0 - worth / peak
        s.peak[lane] = peak
        s.fall[lane] = fall if fall > s.fall[lane] else s.fall[lane]


@inner
def sample_lanes(s: Lanes) -> None:
    """The end of a day of `daily_equity.after`."""
    for lane in range(LANES):
        worth, before = s.worth[lane], s.day_equity[lane]
        r = (worth - before) / before
        r = r if before > 0.0 else 0.0
        s.day_s1[lane] += r
        s.day_s2[lane] += r * r
        s.day_equity[lane] = worth
