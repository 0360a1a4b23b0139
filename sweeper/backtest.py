"""One backtest, in Python: the same kernels and the same numbers as a sweep's row."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from kernels import METRICS, Settings
from kernels.engine.order_settings import OrderSettings
from kernels.engine.settings import Risk
from kernels.evaluate import evaluate_runs, trace
from kernels.params import params_table
from kernels.portfolio.evaluate import ALL_METRICS, trace_panel
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy
from kernels.registry import load as load_strategy
from kernels.series.bars import Series, prepare
from store.data import Dataset, DataSpec
from store.data import load as load_data
from store.data.bars import check_rules
from store.data.calendars.calendar import check_calendar
from store.data.calendars.trading_days import guessed_days
from store.data.normalise import shape
from store.replay.holdings import holdings_frame
from store.replay.retrace import trades_frame

BUILT_IN = "NASDAQ"
OWN = "bars"
"""The name, in errors, of bars that are given without one."""


@dataclass(frozen=True, kw_only=True)
class Backtest(OrderSettings):
    """Inputs of a backtest. Fractions, not percent; None switches a rule of risk off.

    Orders, sizes and further costs are those of `kernels.engine.order_settings.OrderSettings`.

    Attributes:
        strategy: a name of kernels/strategies, or the dotted path of your own module.
        params: by name; what is left out takes the strategy's default.
        bars: DataFrame with open, high, low, close, volume (and any feature columns) and a
            DatetimeIndex, oldest first; None loads `symbol` from `source`.
        symbol: names the bars in errors; the source's symbol to load when `bars` is None, then
            NASDAQ unless stated.
        source: a name of store/data/sources; None takes the built-in source of that symbol.
        start: first day to read, ISO; None for all.
        end: last day to read, inclusive; None for all.
        calendar: trading calendar of intraday `bars`, whose sessions are the days of
            `sharpe_daily`: 24/7, fx or an exchange such as XNYS; None guesses fx for bars day and
            night without Saturdays, else takes the days of UTC.
        periods_per_year: bars in a year; None derives it from the times of the bars: 252 for days
            of a stock exchange, 8,760 for hours of a market that never closes.
        risk_free: rate per year that Sharpe and Sortino ratios are in excess of.
        engine: events, or scalar, which visits every bar; see kernels.Settings, as for the rest.
        panel: bars of many symbols for a strategy that ranks them, {symbol: DataFrame} or one long
            DataFrame with a column `symbol`; then `direction` is the side that is held, stops are
            off, and the settings below count. See kernels.portfolio.settings.PanelSettings.
        side: the same as `direction`, by its name in evaluate_panel; None takes that.
        cadence: bars between rebalances, or week, month, quarter.
        weighting: equal, score or inverse_volatility.
        cap: highest weight of one symbol; None for none.
        volatility_bars: bars of the volatility in weights.
        delisting_return: of a symbol that ends, after its last close.
    """

    strategy: str
    params: Mapping[str, float] | None = None
    bars: pd.DataFrame | None = None
    symbol: str | None = None
    source: str | None = None
    start: str | None = None
    end: str | None = None
    direction: str = "long"
    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    risk_fraction: float | None = None
    commission: float = 0.0005
    slippage: float = 0.0002
    fill: str = "next_open"
    arm: bool = False
    stop_order: str = "signal_first"
    stops_from: str = "entry_bar"
    initial_capital: float = 10_000.0
    calendar: str | None = None
    periods_per_year: float | None = None
    risk_free: float = 0.0
    engine: str = "events"
    panel: Any = None
    side: str | None = None
    cadence: int | str = "month"
    weighting: str = "equal"
    cap: float | None = None
    volatility_bars: int = 63
    delisting_return: float = 0.0


@dataclass(frozen=True)
class Result:
    """Results of a backtest.

    Attributes:
        metrics: by name, in the order of kernels.METRICS.
        equity: (n_bars,) at each close, in the currency of `initial_capital`; its index is that of
            the bars given, with their zone or without one.
        trades: entry_time, exit_time, side (1 or -1), entry_price, exit_price, size, pnl, return,
            exit_reason (of `kernels.engine.position.REASONS`); oldest first. Of a
            panel with a column symbol, and delisted among the reasons.
        holdings: (n_bars, n_symbols) weights at each close, a fraction of the equity; None unless a
            panel was given.
        counts: limits_through, limits_touched, ambiguous_bars and liquidations; None where no
            setting of orders is on.
    """

    metrics: dict[str, float]
    equity: pd.Series
    trades: pd.DataFrame
    holdings: pd.DataFrame | None = None
    counts: Mapping[str, int] | None = None


def run_backtest(backtest: Backtest) -> Result:
    """Backtest one configuration on all its bars.

    Raises:
        ValueError: an unknown strategy, parameter or symbol, a value out of its limits, bad bars.
    """
    if backtest.panel is not None:
        return _run_panel(backtest)
    series, shown = _bars(backtest)
    strategy = _strategy(backtest.strategy)
    settings = Settings(**{field.name: getattr(backtest, field.name) for field in fields(Settings)})
    row = params_table(strategy, backtest.params or {}, settings)[0]
    traced = trace(series, strategy, row, settings, (0, series.n_bars))
    return Result(
        metrics=dict(zip(METRICS, traced.metrics.tolist(), strict=True)),
        equity=pd.Series(traced.equity, index=shown, name="equity"),
        trades=trades_frame(traced, shown),
        counts=traced.counts,
    )


def run_backtests(backtests: Sequence[Backtest]) -> list[dict[str, float]]:
    """Metrics of many configurations, equal bit for bit to those of `run_backtest`.

    Those that share strategy, bars and settings are evaluated in one kernel call; they may differ
    in params, stops, sizes and costs.

    Args:
        backtests: (n,) configurations.

    Returns:
        (n,) metrics by name, in the order given.

    Raises:
        ValueError: the first that is refused, named `configs[7]`.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place, backtest in enumerate(backtests):
        groups.setdefault(_shared(backtest), []).append(place)
    metrics: list[dict[str, float]] = [{} for _ in backtests]
    for places in groups.values():
        for place, row in zip(places, _group_metrics(backtests, places), strict=True):
            metrics[place] = row
    return metrics


def _shared(backtest: Backtest) -> tuple[Any, ...]:
    """All that configurations of one kernel call have in common; bars by identity."""
    own = ("params", "bars", "panel", *Risk._fields)
    values = (getattr(backtest, f.name) for f in fields(Backtest) if f.name not in own)
    return (id(backtest.bars), id(backtest.panel), *values)


def _group_metrics(backtests: Sequence[Backtest], places: Sequence[int]) -> list[dict[str, float]]:
    try:
        return _evaluated([backtests[place] for place in places])
    except ValueError:
        return [_alone(backtests[place], place) for place in places]  # says which is refused


def _evaluated(group: Sequence[Backtest]) -> list[dict[str, float]]:
    first = group[0]
    if first.panel is not None:
        return [run_backtest(backtest).metrics for backtest in group]
    series, _ = _bars(first)
    strategy = _strategy(first.strategy)
    given: dict[str, Any] = {field.name: getattr(first, field.name) for field in fields(Settings)}
    for name in Risk._fields:
        values = [getattr(backtest, name) for backtest in group]
        given[name] = np.array([math.nan if value is None else value for value in values])
    settings, window = Settings(**given), (0, series.n_bars)
    table = params_table(strategy, _columns(strategy, group), settings)
    found = evaluate_runs(series, strategy, table, settings, [window])
    return [dict(zip(METRICS, row, strict=True)) for row in found.metrics[:, 0].tolist()]


def _columns(strategy: Strategy, group: Sequence[Backtest]) -> dict[str, list[Any]]:
    """Values of each param that one of them names, its default where another leaves it out."""
    params = [backtest.params or {} for backtest in group]
    names = dict.fromkeys(name for own in params for name in own)
    defaults = strategy.defaults
    return {name: [own.get(name, defaults.get(name)) for own in params] for name in names}


def _alone(backtest: Backtest, place: int) -> dict[str, float]:
    try:
        return run_backtest(backtest).metrics
    except ValueError as error:
        raise ValueError(f"configs[{place}]: {error}") from error


def _run_panel(backtest: Backtest) -> Result:
    """Backtest one configuration on all bars of a panel."""
    panel = prepare_panel(backtest.panel)
    strategy = _strategy(backtest.strategy)
    given: dict[str, Any] = {}
    given |= {f.name: getattr(backtest, f.name, None) for f in fields(PanelSettings)}
    given |= {"side": backtest.side or backtest.direction, "rank_ic": True}
    for name in ("stop_loss", "take_profit", "trailing_stop", "risk_fraction"):
        if getattr(backtest, name) is not None:
            raise ValueError(f"{name}: a panel has no stops and no position sizes; leave it out")
    settings = PanelSettings(**given)
    row = params_table(strategy, backtest.params or {}, settings)[0]
    traced = trace_panel(panel, strategy, row, settings, (0, panel.n_bars))
    times = pd.RangeIndex(panel.n_bars) if panel.times is None else pd.DatetimeIndex(panel.times)
    return Result(
        metrics=dict(zip(ALL_METRICS, traced.metrics.tolist(), strict=True)),
        equity=pd.Series(traced.equity, index=times, name="equity"),
        trades=trades_frame(traced, times),
        holdings=holdings_frame(traced, panel, 0, times),
    )


def _bars(backtest: Backtest) -> tuple[Series, pd.DatetimeIndex]:
    """The bars to run on, checked, and their times as the user has them."""
    if backtest.bars is None:
        symbol = backtest.symbol or BUILT_IN
        source = backtest.source or symbol.lower()
        dataset = _dataset(source, symbol, backtest.start, backtest.end)
        return dataset.series(), pd.DatetimeIndex(dataset.frame.index)
    name = backtest.symbol or OWN
    whole = shape(backtest.bars, name)
    check_rules(whole, name)
    given = backtest.bars.index
    own = given if isinstance(given, pd.DatetimeIndex) else pd.DatetimeIndex(whole.index)
    kept = whole.index.slice_indexer(backtest.start, backtest.end)
    frame = whole.iloc[kept]
    if backtest.calendar is not None:
        check_calendar(backtest.calendar)
    days = guessed_days(pd.DatetimeIndex(frame.index), backtest.calendar)
    return prepare(frame, days=days), own[kept]


@lru_cache(maxsize=64)
def _strategy(name: str) -> Strategy:
    """Read its file once per process, as Python imports it once."""
    return load_strategy(name)


@lru_cache(maxsize=16)
def _dataset(source: str, symbol: str, start: str | None, end: str | None) -> Dataset:
    """Read once per process: reading takes longer than a thousand backtests."""
    (dataset,) = load_data(DataSpec(source=source, symbols=(symbol,), start=start, end=end))
    return dataset
