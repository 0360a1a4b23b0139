"""One backtest, in Python: the same kernels and the same numbers as a sweep's row."""

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from kernels import METRICS, Settings
from kernels.engine.order_settings import COMMISSION, SLIPPAGE, OrderSettings
from kernels.engine.settings import Risk
from kernels.evaluate import evaluate_runs, trace
from kernels.params import params_table
from kernels.portfolio.evaluate import ALL_METRICS, trace_panel
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.portfolio.sleeves import SleevesTrace
from kernels.registry import Strategy
from kernels.registry import load as load_strategy
from kernels.series.bars import Series, prepare
from store.data import Dataset, DataSpec
from store.data import load as load_data
from store.data.bars import check_rules
from store.data.calendars.calendar import check_calendar
from store.data.calendars.trading_days import guessed_days
from store.data.detail import finer_bars_of
from store.data.normalise import shape
from store.records.holdout import bars_before, holdout_note, read_holdout
from store.replay.holdings import contributions_of, holdings_frame, sleeve_table, sleeves_frame
from store.replay.retrace import trades_frame
from sweeper.result import Result

__all__ = ["Backtest", "Result", "run_backtest", "run_backtests", "stored_bars"]

log = logging.getLogger(__name__)

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
        detail: finer bars of the same prices, like `bars`: they tell which of a stop and a target
            was touched first in a bar that holds both; None leaves that to `target_first`.
        symbol: names the bars in errors; the source's symbol to load when `bars` is None, then
            NASDAQ unless stated.
        source: a name of store/data/sources; None takes the built-in source of that symbol.
        start: first day to read, ISO; None for all.
        end: last day to read, inclusive; None for all.
        holdout: of stored bars (`bars` is None): the newest share of the whole series, or the day
            from which on it is left alone, as in a sweep; 0 reads all. Bars that are given are
            read whole.
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
    detail: pd.DataFrame | None = None
    symbol: str | None = None
    source: str | None = None
    start: str | None = None
    end: str | None = None
    holdout: float | str = 0.2
    direction: str = "long"
    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    risk_fraction: float | None = None
    commission: float = COMMISSION
    slippage: float = SLIPPAGE
    fill: str = "next_open"
    arm: bool = False
    stop_order: str = "signal_first"
    stops_from: str = "entry_bar"
    initial_capital: float = 10_000.0
    calendar: str | None = None
    periods_per_year: float | None = None
    risk_free: float = 0.0
    engine: str = "events"
    panel: object = None
    side: str | None = None
    cadence: int | str = "month"
    weighting: str = "equal"
    cap: float | None = None
    volatility_bars: int = 63
    delisting_return: float = 0.0


def run_backtest(backtest: Backtest) -> Result:
    """Backtest one configuration on all its bars.

    Raises:
        ValueError: an unknown strategy, parameter or symbol, a value out of its limits, bad bars.
    """
    if backtest.panel is not None:
        return _run_panel(backtest)
    series, shown, note = _bars(backtest)
    if note:
        log.warning("%s", note)
    strategy = _strategy(backtest.strategy)
    settings = Settings(**{field.name: getattr(backtest, field.name) for field in fields(Settings)})
    row = params_table(strategy, backtest.params or {}, settings)[0]
    traced = trace(series, strategy, row, settings, (0, series.n_bars))
    return Result(
        metrics=dict(zip(METRICS, traced.metrics.tolist(), strict=True)),
        equity=pd.Series(traced.equity, index=shown, name="equity"),
        trades=trades_frame(traced, shown),
        sleeves=sleeves_frame(traced, shown),
        contributions=sleeve_table(traced) if isinstance(traced, SleevesTrace) else None,
        counts=traced.counts,
        note=note,
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
    groups: dict[tuple[object, ...], list[int]] = {}
    for place, backtest in enumerate(backtests):
        groups.setdefault(_shared(backtest), []).append(place)
    metrics: list[dict[str, float]] = [{} for _ in backtests]
    for places in groups.values():
        for place, row in zip(places, _group_metrics(backtests, places), strict=True):
            metrics[place] = row
    return metrics


def _shared(backtest: Backtest) -> tuple[object, ...]:
    """All that configurations of one kernel call have in common; bars by identity."""
    return (id(backtest.bars), id(backtest.detail), id(backtest.panel), *_common(backtest))


_OWN = ("params", "bars", "detail", "panel", *Risk._fields)
_common = attrgetter(*(field.name for field in fields(Backtest) if field.name not in _OWN))


def _group_metrics(backtests: Sequence[Backtest], places: Sequence[int]) -> list[dict[str, float]]:
    try:
        return _evaluated([backtests[place] for place in places])
    except ValueError:
        return [_alone(backtests[place], place) for place in places]  # says which is refused


def _evaluated(group: Sequence[Backtest]) -> list[dict[str, float]]:
    first = group[0]
    if first.panel is not None:
        return [run_backtest(backtest).metrics for backtest in group]
    series, _, _ = _bars(first)
    strategy = _strategy(first.strategy)
    given: dict[str, Any] = {field.name: getattr(first, field.name) for field in fields(Settings)}
    for name in Risk._fields:
        values = [getattr(backtest, name) for backtest in group]
        given[name] = np.array([math.nan if value is None else value for value in values])
    settings, window = Settings(**given), (0, series.n_bars)
    table = params_table(strategy, _columns(strategy, group), settings)
    evaluation = evaluate_runs(series, strategy, table, settings, [window])
    return [dict(zip(METRICS, row, strict=True)) for row in evaluation.metrics[:, 0].tolist()]


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
        sleeves=sleeves_frame(traced.sleeves, times),
        contributions=contributions_of(traced, settings.initial_capital, times),
    )


def stored_bars(
    symbol: str = BUILT_IN,
    source: str | None = None,
    *,
    start: str | None = None,
    end: str | None = None,
    holdout: float | str = 0.2,
) -> Series:
    """Stored bars as `kernels.evaluate` takes them, the holdout left alone as in a sweep.

    Args:
        symbol: of the source.
        source: a name of store/data/sources; None takes the built-in source of that symbol.
        start: first day, ISO; None for all.
        end: last day, inclusive; None for all.
        holdout: the newest share of the whole series, or its first day; 0 reads all.
    """
    whole = Backtest(
        strategy="", symbol=symbol, source=source, start=start, end=end, holdout=holdout
    )
    series, _, note = _bars(whole)
    if note:
        log.warning("%s", note)
    return series


def _bars(backtest: Backtest) -> tuple[Series, pd.DatetimeIndex, str]:
    """The bars to run on, checked, their times as the user has them, and a note on the holdout."""
    if backtest.bars is None:
        symbol = backtest.symbol or BUILT_IN
        source = backtest.source or symbol.lower()
        holdout = read_holdout(backtest.holdout)
        series, shown, note = _stored(source, symbol, backtest.start, backtest.end, holdout)
        if backtest.detail is not None:
            prices = {name: series.column(name) for name in ("high", "low")}
            series = _with_finer(series, pd.DataFrame(prices, shown), backtest, symbol)
        return series, shown, note
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
    return _with_finer(prepare(frame, days=days), frame, backtest, name), own[kept], ""


def _with_finer(series: Series, frame: pd.DataFrame, backtest: Backtest, name: str) -> Series:
    """The series with the finer bars that are given, if any are."""
    if backtest.detail is None:
        return series
    finer = shape(backtest.detail, f"{name}: detail")
    check_rules(finer, f"{name}: detail")
    return finer_bars_of(frame, finer, f"{name}: detail").added_to(series)


@lru_cache(maxsize=64)
def _strategy(name: str) -> Strategy:
    """Read its file once per process, as Python imports it once."""
    return load_strategy(name)


@lru_cache(maxsize=64)
def _stored(
    source: str, symbol: str, start: str | None, end: str | None, holdout: float | str
) -> tuple[Series, pd.DatetimeIndex, str]:
    """Bars of a source before the holdout of its whole series, prepared once per process."""
    dataset = _dataset(source, symbol, start, end)
    if not holdout:
        return dataset.series(), pd.DatetimeIndex(dataset.frame.index), ""
    every = pd.DatetimeIndex(_dataset(source, symbol, None, None).frame.index)
    last = every[bars_before(every, holdout) - 1]
    kept = dataset.frame.loc[:last]
    if kept.empty:
        raise ValueError(
            f"start: {start} lies in the holdout, which begins after {last:%Y-%m-%d}; holdout=0 "
            "reads it, and the gate can then judge nothing on it"
        )
    if len(kept) == len(dataset.frame):
        return dataset.series(), pd.DatetimeIndex(dataset.frame.index), ""
    return (
        replace(dataset, frame=kept).series(),
        pd.DatetimeIndex(kept.index),
        f"{symbol}: {holdout_note(holdout)}",
    )


@lru_cache(maxsize=16)
def _dataset(source: str, symbol: str, start: str | None, end: str | None) -> Dataset:
    """Read once per process: reading takes longer than a thousand backtests."""
    (dataset,) = load_data(DataSpec(source=source, symbols=(symbol,), start=start, end=end))
    return dataset
