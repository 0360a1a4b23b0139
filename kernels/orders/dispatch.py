"""Which engine runs which configurations of a batch."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kernels.engine.batch import run
from kernels.engine.evaluation import Evaluation
from kernels.engine.order_settings import Orders, OrderSettings, Terms, order_engine_needed
from kernels.engine.position import Log
from kernels.engine.setting_error import SettingError, refuse
from kernels.engine.settings import Risk, Rules, Settings
from kernels.jit.array_types import Bools, Floats, Ints, frozen, read_only
from kernels.orders.counts import N_COUNTS
from kernels.registry import Strategy
from kernels.series.bars import Series


@dataclass(frozen=True, eq=False)
class Batch:
    """Arguments that every engine is called with.

    Attributes:
        series: the bars.
        strategy: the rule.
        params: (n, p).
        risk: (n, 6), columns as in `Risk`.
        rules: of all.
        windows: (w, 2) bars [start, stop).
        years: (w,) that each lasts.
        edges: (w, BLOCKS + 1).
        out: results, written.
        equity: scratch, as long as the longest window.
        log: the first trades of the last window, written.
    """

    series: Series
    strategy: Strategy
    params: Floats
    risk: Floats
    rules: Rules
    windows: Ints
    years: Floats
    edges: Ints
    out: Evaluation
    equity: Floats
    log: Log


@dataclass(frozen=True, eq=False)
class Ordered:
    """Arguments that the order engine is called with besides a batch.

    Attributes:
        orders: (n, fields of `Orders`).
        terms: of all.
        context: as `kernels.orders.order_engine.Context`.
    """

    orders: Floats
    terms: Terms
    context: Any


def orders_needed(
    strategy: Strategy, settings: Settings, risk: Floats, *, detailed: bool = False
) -> Bools:
    """Which configurations need the order engine: (n,); finer bars are read by it alone."""
    if strategy.levels is not None or strategy.contract == "weight":
        return np.ones(len(risk), np.bool_)
    needed = order_engine_needed(settings, settings.orders(len(risk)), risk)
    return needed | may_be_ambiguous(risk) if detailed else needed


def may_be_ambiguous(risk: Floats) -> Bools:
    """Which configurations have a stop and a target, that one bar may hold: (n,)."""
    stop_loss, target, trailing = (
        risk[:, Risk._fields.index(name)] for name in ("stop_loss", "take_profit", "trailing_stop")
    )
    return ~np.isnan(target) & ~(np.isnan(stop_loss) & np.isnan(trailing))


def order_context(
    series: Series, strategy: Strategy, settings: Settings, special: Bools
) -> Ordered | None:
    """Context of the order engine, None where no configuration needs it.

    Raises:
        SettingError: a setting lacks what it works with.
    """
    if not special.any():
        return None
    # Late: the order engine is loaded, and compiled, by those who use it only.
    from kernels.orders.context import context_of

    orders = settings.orders(len(special))
    if strategy.contract == "weight":
        check_weight(settings, settings.risk(len(special)), orders)
    own = strategy.levels is not None
    if settings.entry != "market" and not own:
        distance = orders[:, Orders._fields.index("entry_distance")]
        refuse("entry_distance", distance, np.isnan(distance), f"entry {settings.entry} needs one")
    if not own and strategy.contract == "code":
        check_sizing(settings, settings.risk(len(special)))
    terms = settings.terms(levels=own)
    return Ordered(orders, terms, context_of(series, settings, orders))


PLAIN = ("stop_loss", "take_profit", "trailing_stop", "risk_fraction")
NO_WEIGHTS = ("break_even", "trail_after", "max_bars", "cooldown", "scale_out_at", "pyramiding")


def check_weight(settings: Settings, risk: Floats, orders: Floats) -> None:
    """Raise SettingError for a setting of orders, which weights have none of."""
    why = "is of the code contract; a strategy of weights says itself when it leaves"
    for name in PLAIN:
        values = risk[:, Risk._fields.index(name)]
        refuse(name, values, ~np.isnan(values), why)
    for name in NO_WEIGHTS:
        values = orders[:, Orders._fields.index(name)]
        refuse(name, values, ~np.isnan(values), why)
    for name, usual in (("entry", "market"), ("size", "all_in"), ("session_flat", False)):
        if getattr(settings, name) != usual:
            raise SettingError(name, f"{why}; keep {usual!r}")


def check_sizing(settings: OrderSettings, risk: Floats) -> None:
    """Raise SettingError for a size by risk without a stop to size by."""
    columns = {name: risk[:, place] for place, name in enumerate(Risk._fields)}
    lone = ~np.isnan(columns["risk_fraction"])
    lone &= np.isnan(columns["stop_loss"]) & np.isnan(columns["trailing_stop"])
    if settings.size == "risk" and lone.any():
        raise SettingError("size", "risk needs a stop_loss or trailing_stop to size by; set one")


def run_plain(batch: Batch, indicators: Floats, rows: Ints, members: Ints) -> None:
    """Run members by the engines of the code contract."""
    series, rules, out = batch.series, batch.rules, batch.out
    run(
        batch.strategy.signal,
        indicators,
        rows,
        members,
        batch.params,
        batch.risk,
        series.bars(),
        series.spans_above(rules.risk_free / rules.periods_per_year),
        series.day_ends,
        rules,
        batch.windows,
        batch.years,
        batch.edges,
        out.metrics,
        out.block_sum,
        out.block_sumsq,
        batch.equity,
        batch.log,
    )


def run_ordered(
    batch: Batch,
    indicators: Floats,
    rows: Ints,
    members: Ints,
    ordered: Ordered | None,
    counts: Floats | None,
) -> None:
    """Run members by the order engine; `counts` (n, N_COUNTS) is written if given."""
    assert ordered is not None
    from kernels.orders import batch_arrays as arrays  # late: see `order_context`

    strategy, series, out = batch.strategy, batch.series, batch.out
    if counts is None:
        counts = np.empty((len(batch.params), N_COUNTS))
    asked = arrays.Configurations(
        indicators, rows, frozen(members), batch.params, read_only(batch.risk),
        read_only(ordered.orders),
    )  # fmt: skip
    market = arrays.Market(series.bars(), series.day_ends, ordered.context)
    windows = arrays.Windows(frozen(batch.windows), batch.years, frozen(batch.edges))
    written = arrays.Results(
        out.metrics, out.block_sum, out.block_sumsq, batch.equity, batch.log, counts
    )
    if strategy.contract == "weight":
        from kernels.orders.weight_batch import run_weights

        run_weights(strategy.signal, asked, market, windows, batch.rules, written)
        return
    from kernels.orders.order_batch import no_levels, run_orders

    levels, terms = strategy.levels or no_levels, ordered.terms
    run_orders(strategy.signal, levels, asked, market, windows, batch.rules, terms, written)
