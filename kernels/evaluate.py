"""Backtest configurations of one strategy on one series, on one core."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from kernels.engine.evaluation import (
    DAILY,
    SHARPE,
    Evaluation,
    OpenPosition,
    Trace,
    Window,
    spans_of,
)
from kernels.engine.metrics import BLOCKS, METRICS, block_edges
from kernels.engine.position import LOG, Log
from kernels.engine.settings import Settings
from kernels.indicator_rows import Table, kept_rows, plan_rows
from kernels.jit.array_types import Bools, Floats, Ints, read_only
from kernels.orders.counts import COUNTS, HELD, N_COUNTS
from kernels.orders.dispatch import (
    Batch,
    Ordered,
    may_be_ambiguous,
    order_context,
    orders_needed,
    run_ordered,
    run_plain,
)
from kernels.params import check_params, params_table
from kernels.portfolio.evaluate import evaluate_panel_runs, panel_of, trace_panel
from kernels.portfolio.settings import PanelSettings
from kernels.portfolio.sleeves import evaluate_sleeves, trace_sleeves
from kernels.registry import Strategy, load
from kernels.series.bars import Series, prepare

__all__ = ["Evaluation", "Trace", "Window", "equity_paths", "evaluate", "evaluate_runs", "trace"]


def evaluate(
    bars: object,
    strategy: str | Strategy,
    params: Mapping[str, ArrayLike] | None = None,
    settings: Settings | Mapping[str, object] | None = None,
    *,
    windows: Sequence[Window] | None = None,
) -> dict[str, Floats]:
    """Backtest n configurations of one strategy on one series.

    Args:
        bars: a `Series`, or whatever `prepare` takes.
        strategy: name, dotted module path, or a loaded strategy.
        params: a number, or (n,) values, by field; a field left out takes its default.
        settings: or a mapping of some of its fields.
        windows: bars [start, stop) of each; None = all bars. Indicators see the bars before.

    Returns:
        Each metric as (n,), or (n, n_windows) when windows are given; n = 1 for numbers only.

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    series = bars if isinstance(bars, Series) else prepare(bars)
    chosen = load(strategy) if isinstance(strategy, str) else strategy
    wanted = Settings.of(settings)
    table = params_table(chosen, params or {}, wanted)
    spans = [(0, series.n_bars)] if windows is None else windows
    metrics = _run(series, chosen, table, wanted, spans, blocks=0).metrics
    if windows is None:
        metrics = metrics[:, 0]
    return {name: np.ascontiguousarray(metrics[..., k]) for k, name in enumerate(METRICS)}


def evaluate_runs(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings | PanelSettings,
    windows: Sequence[Window],
) -> Evaluation:
    """Backtest n configurations on w windows, with block sums; what a sweep's worker calls.

    Rows of indicators are kept for the next call on the same series, up to `KEPT_MEMORY`.

    Args:
        series: of `prepare`; or a panel, with its own settings and metrics.
        strategy: of `load`.
        params: (n, p), columns in the order of `strategy.fields`.
        settings: arrays in it have n values.
        windows: bars [start, stop) of each.

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    if isinstance(settings, PanelSettings):
        return evaluate_panel_runs(panel_of(series), strategy, params, settings, windows)
    return _run(series, strategy, params, settings, windows, blocks=BLOCKS, keep=True)


def trace(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings | PanelSettings,
    window: Window,
) -> Trace:
    """One configuration on one window with its equity and its trades.

    Args:
        series: of `prepare`, or a panel.
        strategy: of `load`.
        params: (p,) in the order of `strategy.fields`.
        settings: with numbers only.
        window: bars [start, stop).

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    if isinstance(settings, PanelSettings):
        return trace_panel(panel_of(series), strategy, params, settings, window)
    if strategy.members:
        row = np.asarray(params, np.float64)
        return trace_sleeves(series, strategy, row, settings, window, trace)
    table = np.atleast_2d(np.asarray(params, np.float64))
    metrics = _run(series, strategy, table, settings, [window], blocks=0).metrics[0, 0]
    equity = np.empty(window[1] - window[0])
    trades = np.zeros(int(metrics[METRICS.index("trades")]), LOG)
    counts = np.full((1, N_COUNTS), np.nan)
    plain = replace(settings, engine="scalar")  # the engine that visits every bar
    _run(
        series, strategy, table, plain, [window], blocks=0, equity=equity, log=trades, counts=counts
    )
    ordered = not np.isnan(counts[0, HELD])
    if not ordered and may_be_ambiguous(settings.risk(1)).any():
        _run(series, strategy, table, settings, [window], blocks=0, counts=counts, ordered=True)
    if np.isnan(counts[0, HELD]):
        return Trace(equity, trades, metrics)
    named = dict(zip(COUNTS, counts[0, :HELD].astype(int).tolist(), strict=True))
    left = OpenPosition(*counts[0, HELD:].tolist()) if ordered else None
    return Trace(equity, trades, metrics, counts=named, left=left)


def equity_paths(
    series: Series, strategy: Strategy, params: Floats, settings: Settings, window: Window
) -> Floats:
    """Equity after each bar of a window of n configurations, (n, bars): that of their traces.

    Trades are not listed, and what came in is checked once: 64 configurations of 2,520 bars take
    a fifth of the time of as many calls of `trace`.

    Args:
        series: of `prepare`.
        strategy: of `load`.
        params: (n, p) in the order of `strategy.fields`.
        settings: numbers, or (n,) arrays.
        window: bars [start, stop).

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    paths = np.empty((len(params), window[1] - window[0]))
    plain = replace(settings, engine="scalar")  # the engine that visits every bar
    _run(series, strategy, params, plain, [window], blocks=0, paths=paths)
    return paths


def _run(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings,
    windows: Sequence[Window],
    *,
    blocks: int,
    equity: Floats | None = None,
    log: Log | None = None,
    counts: Floats | None = None,
    ordered: bool = False,
    paths: Floats | None = None,
    keep: bool = False,
) -> Evaluation:
    """Check all that came in, then run it group by group; `ordered` by the order engine alone.

    With `paths`, (n, bars), each member runs by itself and writes its equity there; with `keep`
    its rows are there for the next batch of a sweep.
    """
    settings.check()
    if strategy.of_panel:
        raise ValueError(
            f"strategy {strategy.name}: ranks the symbols of a universe, got bars of one symbol; "
            "use evaluate_panel, or set data.universe"
        )
    if settings.periods_per_year is None:
        settings = replace(settings, periods_per_year=series.bars_a_year)
    params = np.array(params, np.float64, order="C")  # a copy: read-only is another type
    check_params(strategy, params)
    for name in strategy.columns:
        if not series.has(name):
            raise ValueError(
                f"strategy {strategy.name}: needs bars.{name}, got {', '.join(series.columns)}"
            )
    spans = spans_of(windows, series.n_bars)
    if strategy.members:
        return evaluate_sleeves(series, strategy, params, settings, spans, blocks, trace)
    lengths = spans[:, 1] - spans[:, 0]
    edges = np.stack([block_edges(int(length)) for length in lengths])
    risk = settings.risk(len(params))
    n, w = len(params), len(spans)
    out = Evaluation(
        np.empty((n, w, len(METRICS))),
        np.empty((n, w, blocks), np.float32),
        np.empty((n, w, blocks), np.float32),
    )
    equity = np.empty(lengths.max()) if equity is None else equity
    log = np.empty(0, LOG) if log is None else log
    plan = plan_rows(strategy, params)
    kept = kept_rows(series, plan.index.shape[1]) if keep else None
    table = Table(plan, series, strategy, kept)
    rules = settings.rules()
    years = read_only(series.years(spans, rules.periods_per_year))
    place = Batch(series, strategy, params, risk, rules, spans, years, edges, out, equity, log)
    special = orders_needed(strategy, settings, risk, detailed=series.detail is not None)
    special |= ordered
    context = order_context(series, strategy, settings, special)
    for members in plan.groups(table.room):
        rows = table.fetch(members)
        for own, line, target in _parts(place, members, rows, paths):
            _dispatched(target, table.values, line, own, special, context, counts)
    if series.days is not None and not series.intraday:  # every bar ends a day, or more
        out.metrics[..., DAILY] = out.metrics[..., SHARPE]
    return out


def _parts(
    place: Batch, members: Ints, rows: Ints, paths: Floats | None
) -> Iterator[tuple[Ints, Ints, Batch]]:
    """Members with their rows and where they write: all together, or each into its own path."""
    if paths is None:
        yield members, rows, place
        return
    for k, member in enumerate(members.tolist()):
        yield members[k : k + 1], rows[k : k + 1], replace(place, equity=paths[member])


def _dispatched(
    place: Batch,
    indicators: Floats,
    rows: Ints,
    members: Ints,
    special: Bools,
    context: Ordered | None,
    counts: Floats | None,
) -> None:
    """Run members, each by the engine that its settings need."""
    own = special[members]
    if not own.all():
        run_plain(place, indicators, rows[~own], members[~own])
    if own.any():
        run_ordered(place, indicators, rows[own], members[own], context, counts)
