"""Backtest configurations of one score strategy on one panel, on one core."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kernels.engine.evaluation import DAILY, SHARPE, Evaluation, Trace, Window, spans_of
from kernels.engine.metrics import BLOCKS, METRICS, block_edges
from kernels.engine.position import Log
from kernels.indicator_rows import plan_rows
from kernels.jit.array_types import Floats, Ints, read_only
from kernels.params import check_params, params_table
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.portfolio.batch import Out, Shared, run
from kernels.portfolio.features import Cube
from kernels.portfolio.pairs import evaluate_pairs, trace_pair
from kernels.portfolio.panel import Panel, prepare_panel
from kernels.portfolio.purse import TRADE
from kernels.portfolio.rebalances import Layout, Layouts, by_phase, first_rebalances
from kernels.portfolio.settings import WEIGHTINGS, PanelSettings
from kernels.portfolio.sleeves import SleevesTrace, evaluate_sleeves, trace_sleeves
from kernels.registry import Strategy, load
from kernels.series.bars import Series

ALL_METRICS = (*METRICS, *PANEL_METRICS)
"""Metrics of a run on a panel, in the order of their columns."""
SIDE = {"long": 1, "short": -1, "both": 0}


@dataclass(frozen=True, eq=False)
class PanelTrace(Trace):
    """One backtest of a panel in full: `metrics` as `ALL_METRICS`, `trades` of `purse.TRADE`.

    Attributes:
        symbols: (N,) names.
        bars: (R,) rebalance bars, decided at their close.
        scores: (R, N) NaN of what was not ranked.
        shares: (R, N) held after the fill that follows.
        returns: (R, N) from that fill to the next; NaN at the last, and without an open.
        sleeves: of several strategies, their values; None of one.
    """

    symbols: tuple[str, ...]
    bars: Ints
    scores: Floats
    shares: Floats
    returns: Floats
    sleeves: SleevesTrace | None = None

    def shares_at(self, bars: Ints) -> Floats:
        """(T, N) shares held at the closes of some bars, an ended symbol's still among them."""
        place = np.searchsorted(self.bars + 1, bars, side="right") - 1
        return np.vstack([self.shares, np.zeros(len(self.symbols))])[place]


def evaluate_panel(
    panel: object,
    strategy: str | Strategy,
    params: Mapping[str, ArrayLike] | None = None,
    settings: PanelSettings | Mapping[str, object] | None = None,
    windows: Sequence[Window] | None = None,
) -> dict[str, Floats]:
    """Backtest n configurations of one strategy on one panel.

    The first rebalance is the first bar of the cadence at which k symbols have a score; it fills at
    the next open. Until then all is cash.

    Args:
        panel: a `Panel`, or whatever `prepare_panel` takes.
        strategy: name, dotted module path, or a loaded strategy.
        params: a number, or (n,) values, by field; a field left out takes its default.
        settings: or a mapping of some of its fields.
        windows: bars [start, stop) of each; None = all bars. Rows see the bars before.

    Returns:
        Each metric of `ALL_METRICS` as (n,), or (n, n_windows) when windows are given.

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    prepared = prepare_panel(panel)
    chosen = load(strategy) if isinstance(strategy, str) else strategy
    wanted = PanelSettings.of(settings)
    table = params_table(chosen, params or {}, wanted)
    spans = [(0, prepared.n_bars)] if windows is None else windows
    metrics = evaluate_panel_runs(prepared, chosen, table, wanted, spans, blocks=0).metrics
    if windows is None:
        metrics = metrics[:, 0]
    return {name: np.ascontiguousarray(metrics[..., k]) for k, name in enumerate(ALL_METRICS)}


def evaluate_panel_runs(
    panel: Panel,
    strategy: Strategy,
    params: Floats,
    settings: PanelSettings,
    windows: Sequence[Window],
    *,
    blocks: int = BLOCKS,
) -> Evaluation:
    """Backtest n configurations on w windows, with block sums; what a sweep's worker calls.

    Args:
        panel: of `prepare_panel`.
        strategy: of `load`, with the contract `score`.
        params: (n, p), columns in the order of `strategy.fields`.
        settings: arrays in it have n values.
        windows: bars [start, stop) of each.
        blocks: BLOCKS, or 0 for no block sums.

    Raises:
        ValueError: anything given that breaks a rule, by name.
    """
    if strategy.contract != "score":
        checked, table, spans = _checked(panel, strategy, params, settings, windows)
        if strategy.contract == "pair":
            return evaluate_pairs(panel, strategy, table, checked, spans, blocks)
        return evaluate_sleeves(panel, strategy, table, checked, spans, blocks, _traced)
    batch = _Batch.of(panel, strategy, params, settings, windows)
    n, w = len(batch.params), len(batch.shared.windows)
    out = Out(
        np.empty((n, w, len(ALL_METRICS))),
        np.empty((n, w, blocks), np.float32),
        np.empty((n, w, blocks), np.float32),
        np.empty(int((batch.shared.windows[:, 1] - batch.shared.windows[:, 0]).max())),
        np.empty((0, 0)),
        np.empty((0, 0)),
    )
    batch.run(out, np.empty(0, TRADE))
    return Evaluation(out.metrics, out.block_sum, out.block_sumsq)


def trace_panel(
    panel: Panel, strategy: Strategy, params: Floats, settings: PanelSettings, window: Window
) -> PanelTrace:
    """One configuration on one window with its equity, holdings, scores and trades.

    Args:
        panel: of `prepare_panel`.
        strategy: of `load`.
        params: (p,) in the order of `strategy.fields`.
        settings: with numbers only.
        window: bars [start, stop).
    """
    table = np.atleast_2d(np.asarray(params, np.float64))
    if strategy.contract != "score":
        return _trace_other(panel, strategy, table, settings, window)
    batch = _Batch.of(panel, strategy, table, settings, [window])
    first = evaluate_panel_runs(panel, strategy, table, settings, [window], blocks=0)
    metrics = first.metrics[0, 0]
    layout = batch.layout_of_first()
    shape = (layout.bars.size, len(panel.symbols))
    out = Out(
        np.empty((1, 1, len(ALL_METRICS))),
        np.empty((1, 1, 0), np.float32),
        np.empty((1, 1, 0), np.float32),
        np.empty(window[1] - window[0]),
        np.full(shape, np.nan),
        np.full(shape, np.nan),
    )
    trades = np.zeros(int(metrics[METRICS.index("trades")]), TRADE)
    batch.run(out, trades)
    made = np.isfinite(out.shares).all(axis=1)
    returns = layout.returns[made]
    returns[-1:] = np.nan  # the period that the window's end cuts
    return PanelTrace(
        out.equity,
        trades,
        metrics,
        panel.symbols,
        layout.bars[made],
        out.scores[made],
        out.shares[made],
        returns,
    )


def _traced(
    series: Series, strategy: Strategy, params: Floats, settings: PanelSettings, window: Window
) -> PanelTrace:
    """One member of sleeves."""
    return trace_panel(panel_of(series), strategy, params, settings, window)


def _trace_other(
    panel: Panel, strategy: Strategy, table: Floats, settings: PanelSettings, window: Window
) -> PanelTrace:
    """The same of a pair, or of sleeves, with the shares at each close."""
    metrics = evaluate_panel_runs(panel, strategy, table, settings, [window], blocks=0)
    start, stop = window
    size = (stop - start, len(panel.symbols))
    shares, bars = np.zeros(size), np.arange(start, stop) - 1
    blank = np.full(size, np.nan)
    own = metrics.metrics[0, 0]
    if strategy.contract == "pair":
        run = trace_pair(panel, strategy, table[0], settings, window)
        shares[:, list(run.places)] = run.shares
        return PanelTrace(run.equity, run.trades, own, panel.symbols, bars, blank, shares, blank)
    purse = trace_sleeves(panel, strategy, table[0], settings, window, _traced)
    for member, scale in zip(purse.members, purse.scales, strict=True):
        assert isinstance(member, PanelTrace)
        after = np.append(scale[1:], scale[-1])  # transfers are made at the close
        shares += member.shares_at(np.arange(start, stop)) * after[:, None]
    return PanelTrace(
        purse.equity, purse.trades, own, panel.symbols, bars, blank, shares, blank, purse
    )


def _checked(
    panel: Panel,
    strategy: Strategy,
    params: Floats,
    settings: PanelSettings,
    windows: Sequence[Window],
) -> tuple[PanelSettings, Floats, Ints]:
    """Settings, params and windows of a strategy that does not rank, all checked."""
    settings.check()
    if not strategy.of_panel:
        raise ValueError(_NOT_OF_PANEL.format(strategy.name))
    if settings.periods_per_year is None:
        settings = replace(settings, periods_per_year=panel.bars_a_year)
    table = np.array(params, np.float64, order="C")
    check_params(strategy, table)
    return settings, table, spans_of(windows, panel.n_bars)


_NOT_OF_PANEL = "strategy {}: trades one symbol; a panel needs one with a function score or pair"


@dataclass(frozen=True, eq=False)
class _Batch:
    """Checked configurations of one strategy, ready to run."""

    panel: Panel
    strategy: Strategy
    params: Floats
    settings: PanelSettings
    choices: Floats
    costs: Floats
    shared: Shared
    layouts: Layouts

    @classmethod
    def of(
        cls,
        panel: Panel,
        strategy: Strategy,
        params: Floats,
        settings: PanelSettings,
        windows: Sequence[Window],
    ) -> "_Batch":
        """Check all that came in."""
        settings.check()
        if settings.periods_per_year is None:
            settings = replace(settings, periods_per_year=panel.bars_a_year)
        params = np.array(params, np.float64, order="C")
        check_params(strategy, params)
        for name in strategy.columns:
            if name not in panel.table:
                raise ValueError(
                    f"strategy {strategy.name}: needs the column {name}, the panel has "
                    f"{', '.join(panel.table)}"
                )
        spans = spans_of(windows, panel.n_bars)
        edges = np.stack([block_edges(int(stop - start)) for start, stop in spans])
        rules = settings.rules()
        shared = Shared(
            spans,
            read_only(panel.years(spans, rules.periods_per_year)),
            edges,
            SIDE[settings.side],
            WEIGHTINGS.index(settings.weighting),
            np.nan if settings.cap is None else float(settings.cap),
            float(settings.delisting_return),
            bool(settings.rank_ic),
        )
        return cls(
            panel,
            strategy,
            params,
            settings,
            choices_of(strategy, params, len(panel.symbols)),
            settings.costs(len(params)),
            shared,
            Layouts(panel, settings),
        )

    def run(self, out: Out, log: Log) -> None:
        """Run it group by group of rows, and phase by phase of the cadence."""
        plan = plan_rows(self.strategy, self.params)
        cube = Cube(plan, self.panel, self.strategy, self.layouts.n_rebalances)
        rules = self.settings.rules()
        for members in plan.groups(cube.room):
            rows = cube.fetch(members)
            first = self.first(cube, rows, members)
            phases = self.layouts.phases(first)
            for phase, runs in by_phase(phases, first, self.layouts.candidates.size):
                places, windows = np.divmod(runs, len(self.shared.windows))
                used, inverse = np.unique(rows[places], return_inverse=True)
                market = self.layouts.market(phase, cube, used)
                bars = np.append(self.layouts.candidates, self.panel.n_bars)[first.ravel()[runs]]
                jobs = np.column_stack(
                    [
                        members[places],
                        np.arange(runs.size),
                        windows,
                        np.searchsorted(market.bars, bars),
                    ]
                )
                run(
                    self.strategy.signal,
                    market,
                    np.ascontiguousarray(jobs, np.int64),
                    np.ascontiguousarray(inverse.reshape(runs.size, -1), np.int64),
                    self.params,
                    self.choices,
                    self.costs,
                    self.shared,
                    self.panel.day_ends,
                    rules,
                    out,
                    log,
                )
        panel = self.panel
        if panel.days is not None and not panel.intraday:  # every bar ends a day, or more
            out.metrics[..., DAILY] = out.metrics[..., SHARPE]

    def first(self, cube: Cube, rows: Ints, members: Ints) -> Ints:
        """(m, w) first rebalances, as places among the candidates."""
        k = np.minimum(self.choices[members, 0], len(self.panel.symbols)).astype(np.int64)
        return first_rebalances(
            self.strategy.signal,
            cube,
            rows,
            self.params[members],
            k,
            self.panel,
            self.layouts.candidates,
            self.shared.windows,
        )

    def layout_of_first(self) -> Layout:
        """The layout of the only configuration on the only window."""
        plan = plan_rows(self.strategy, self.params)
        cube = Cube(plan, self.panel, self.strategy, self.layouts.n_rebalances)
        first = self.first(cube, cube.fetch(np.arange(1)), np.arange(1))
        phase = int(self.layouts.phases(first)[0, 0])
        return self.layouts.layout(phase if first[0, 0] < self.layouts.candidates.size else 0)


def choices_of(strategy: Strategy, params: Floats, n_symbols: int) -> Floats:
    """(n, 2) k and threshold of each configuration; without a param k all symbols are wanted.

    Raises:
        ValueError: more symbols are wanted than there are.
    """
    choices = np.empty((len(params), 2))
    choices[:, 0], choices[:, 1] = n_symbols, -np.inf
    for column, name in enumerate(("k", "threshold")):
        if name in strategy.fields:
            choices[:, column] = params[:, strategy.fields.index(name)]
    most = choices[:, 0].max(initial=0)
    if most > n_symbols:
        raise ValueError(
            f"params.k: {most:.0f} symbols are wanted of a universe of {n_symbols}; lower k"
        )
    return choices


def panel_of(series: Series) -> Panel:
    """The series as the panel that it is, or ValueError."""
    if not isinstance(series, Panel):
        raise ValueError("the bars are those of one symbol; a score needs those of a universe")
    return series
