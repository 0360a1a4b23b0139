"""Runs of a group of weight configurations on a window, a lane each: the bars, and the events."""

from typing import NamedTuple

from kernels.engine.metrics import BLOCKS, finish
from kernels.engine.position import EXPOSED, Log
from kernels.engine.settings import Rules
from kernels.jit.array_types import Floats, Ints
from kernels.jit.inner import inner
from kernels.orders.batch_arrays import (
    Configurations,
    Market,
    Results,
    Windows,
    orders_of,
    risk_of,
    write_parts,
)
from kernels.orders.exits import liquidate_at, ruin_at_close, ruin_level
from kernels.orders.lane_state import (
    LANES,
    Lanes,
    begin_lanes,
    daily_of,
    end_part,
    moments_of,
    put_back,
    take_out,
)
from kernels.orders.outcome import add_counts
from kernels.orders.weight_engine import count_left, trade_to
from kernels.orders.weight_lanes import (
    charge_lanes,
    measure_lanes,
    pay_funding_lanes,
    ruined_lanes,
    sample_lanes,
    trade_lanes,
    value_lanes,
)
from kernels.series.bars import Bar


class Group(NamedTuple):
    """Configurations in lanes, and what each needs by itself.

    Attributes:
        asked: of the batch.
        first: place of lane 0 among the members.
        used: lanes.
        costly: interest is charged in some lane.
        wanted: (LANES, >= n_bars) weights that are allowed.
        own: (LANES,) of `position.STATE`.
        sums: (LANES, BLOCKS, 2).
        tally: (LANES, N_TALLY).
        counted: (LANES, N_COUNTS).
        log: of no trades.
    """

    asked: Configurations
    first: int
    used: int
    costly: bool
    wanted: Floats
    own: Log
    sums: Floats
    tally: Floats
    counted: Floats
    log: Log


@inner
def run_lanes(
    s: Lanes, group: Group, market: Market, start: int, stop: int, edges: Ints, rules: Rules
) -> None:
    """Trade to the weights over bars start..stop-1, flat at the start, and measure each close."""
    begin_lanes(s, group.used, rules.initial_capital)
    free = rules.risk_free / rules.periods_per_year
    days = market.days
    for b in range(BLOCKS):
        for i in range(start + edges[b], start + edges[b + 1]):
            live_bar(s, group, market, i, rules)
            measure_lanes(s, free)
            if days.day.size and (i == stop - 1 or i == days.ends[days.day[i]]):
                sample_lanes(s)
        end_part(s, group.sums, b)


@inner
def live_bar(s: Lanes, group: Group, market: Market, i: int, rules: Rules) -> None:
    """Take all lanes through bar i, up to their equity at its close."""
    bars, funding = market.bars, market.context.funding
    bar = Bar(bars.open[i], bars.high[i], bars.low[i], bars.close[i])
    if funding.size:
        pay_funding_lanes(s, bar.open, funding[i])
    if not rules.same_close and trade_lanes(s, bar.open):
        trade_apart(s, group, bar.open, i)
    if ruined_lanes(s, bar.low, bar.high):
        liquidate_apart(s, group, bar, i)
    for lane in range(LANES):
        s.wanted[lane] = group.wanted[lane, i]
    if rules.same_close and trade_lanes(s, bar.close):
        trade_apart(s, group, bar.close, i)
    if group.costly:
        charge_lanes(s, bar.close, rules.periods_per_year)
    if value_lanes(s, bar.close):
        ruin_apart(s, group, bar.close, i)


@inner
def trade_apart(s: Lanes, group: Group, quoted: float, i: int) -> None:
    """Trade the lanes that are marked, each by itself."""
    for lane in range(group.used):
        if s.event[lane] > 0.0:
            k, own, tally = member(group, lane), group.own[lane], group.tally[lane]
            risk, orders = risk_of(group.asked.risk[k]), orders_of(group.asked.orders[k])
            take_out(s, lane, own, tally)
            trade_to(own, s.wanted[lane], quoted, i, risk, orders, tally, group.log)
            put_back(s, lane, own, tally)


@inner
def liquidate_apart(s: Lanes, group: Group, bar: Bar, i: int) -> None:
    """Liquidate the lanes that are marked."""
    for lane in range(group.used):
        if s.event[lane] > 0.0:
            k, own, tally = member(group, lane), group.own[lane], group.tally[lane]
            risk, orders = risk_of(group.asked.risk[k]), orders_of(group.asked.orders[k])
            take_out(s, lane, own, tally)
            fatal = ruin_level(own, bar, orders, False)
            liquidate_at(own, fatal, i, risk, orders, tally, group.log, group.counted[lane])
            put_back(s, lane, own, tally)


@inner
def ruin_apart(s: Lanes, group: Group, close: float, i: int) -> None:
    """Nothing is left at the close in the lanes that are marked, for good."""
    for lane in range(group.used):
        if s.event[lane] > 0.0:
            own, tally = group.own[lane], group.tally[lane]
            take_out(s, lane, own, tally)
            ruin_at_close(own, close, i, tally, group.log, group.counted[lane])
            put_back(s, lane, own, tally)
            s.worth[lane] = s.alive[lane] = 0.0


@inner
def member(group: Group, lane: int) -> int:
    """Place in the batch of the configuration in a lane."""
    return int(group.asked.members[group.first + lane])


@inner
def write_lanes(
    s: Lanes, group: Group, market: Market, w: int, windows: Windows, rules: Rules, out: Results
) -> None:
    """Results of all lanes on window w."""
    start, stop = windows.spans[w]
    day = market.days.day
    n_days = day[stop - 1] - day[start] + 1 if day.size else 0
    last = day[stop - 1] + 1 if day.size else 0
    for lane in range(group.used):
        k, own, tally = member(group, lane), group.own[lane], group.tally[lane]
        counted = group.counted[lane]
        take_out(s, lane, own, tally)
        tally[EXPOSED] = s.exposed[lane]
        if s.alive[lane] > 0.0:
            count_left(own, market.bars.close[stop - 1], stop - 1, tally, group.log, counted)
        add_counts(out.counts[k], counted)
        finish(
            moments_of(s, lane), daily_of(s, lane, last), n_days, tally, stop - start,
            windows.years[w], rules, out.equity, out.metrics[k, w],
        )  # fmt: skip
        write_parts(group.sums[lane], k, w, out)
