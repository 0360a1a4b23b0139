"""Backtest strategies that share one purse: see `kernels.panel_strategies.sleeves`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernels.engine.evaluation import DAILY, SHARPE, Evaluation, Trace, Window
from kernels.engine.metrics import METRICS
from kernels.engine.position import END, N_TALLY, TURNOVER
from kernels.engine.settings import Settings
from kernels.jit.array_types import Bytes, Floats, Ints
from kernels.panel_strategies.sleeves import EXACT, SHARE
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.portfolio.frame import Frame
from kernels.portfolio.settings import PanelSettings
from kernels.portfolio.sleeve_simulation import (
    ENTRY,
    GAIN,
    MONEY,
    N_COLUMNS,
    OWNER,
    combine,
    count_exposure,
    count_trades,
)
from kernels.registry import Strategy
from kernels.series.bars import Series

Tracer = Callable[[Series, Strategy, Floats, Any, Window], Trace]
"""Backtest of one member in full."""
ROOM = 128 * 2**20
"""Bytes of paths that are kept at one time."""
TURNED = METRICS.index("turnover")
COST, HOLDINGS = (len(METRICS) + PANEL_METRICS.index(name) for name in ("cost", "holdings"))


@dataclass(frozen=True, eq=False)
class SleevesTrace(Trace):
    """One purse in full.

    Attributes:
        names: (M,) of the sleeves.
        values: (M, T) of each at each close, transfers made, quote currency.
        members: (M,) traces of a unit of capital times the initial one.
        scales: (M, T) by which a member's money is to be taken.
        initial: capital of each member's own backtest.
    """

    names: tuple[str, ...]
    values: Floats
    members: tuple[Trace, ...]
    scales: Floats
    initial: float


@dataclass(frozen=True, eq=False)
class _Paths:
    """Members' runs on one window, each different one once.

    Attributes:
        growth: (u, T) of a unit of capital.
        held: (u, T) 1 where it closes with a position.
        trades: (u,) tables (k, N_COLUMNS) without owners.
        metrics: (u,) of each.
        traces: (u,).
        places: (n, M) path of each sleeve of each configuration.
    """

    growth: Floats
    held: Bytes
    trades: list[Floats]
    metrics: list[Floats]
    traces: list[Trace]
    places: Ints


def evaluate_sleeves(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings | PanelSettings,
    windows: Ints,
    blocks: int,
    tracer: Tracer,
) -> Evaluation:
    """Backtest n configurations on w windows; limits are checked by the caller.

    Args:
        series: bars of one symbol, or a panel.
        strategy: with members.
        params: (n, p) in the order of `strategy.fields`.
        settings: of all members; arrays in it have n values.
        windows: (w, 2) bars [start, stop).
        blocks: BLOCKS, or 0 for no block sums.
        tracer: of one member.

    Raises:
        ValueError: shares that do not add to 1.
    """
    check_shares(strategy, params)
    n, w, panel = len(params), len(windows), isinstance(settings, PanelSettings)
    width = len(METRICS) + (len(PANEL_METRICS) if panel else 0)
    out = Evaluation(
        np.full((n, w, width), np.nan),
        np.empty((n, w, blocks), np.float32),
        np.empty((n, w, blocks), np.float32),
    )
    frame = Frame.of(series, settings, windows)
    for place, window in enumerate(windows):
        length = int(window[1] - window[0])
        step = max(ROOM // (8 * length * len(strategy.members)), 1)
        for begin in range(0, n, step):
            rows = np.arange(begin, min(begin + step, n))
            paths = _paths(series, strategy, params, settings, rows, window, tracer)
            for j, c in enumerate(rows.tolist()):
                purse = _Purse.of(strategy, params[c], paths, j, frame, length)
                metrics = out.metrics[c, place]
                sums = out.block_sum[c, place], out.block_sumsq[c, place]
                frame.write(purse.equity, purse.tally, place, metrics, *sums)
                if panel:
                    purse.write_panel(metrics, frame.rules.periods_per_year / length)
    if series.days is not None and not series.intraday:
        out.metrics[..., DAILY] = out.metrics[..., SHARPE]
    return out


def trace_sleeves(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings | PanelSettings,
    window: Window,
    tracer: Tracer,
) -> SleevesTrace:
    """One configuration on one window in full; trades are those of all members, by their ends."""
    windows, table = np.array([window], np.int64), params[None]
    own = evaluate_sleeves(series, strategy, table, settings, windows, 0, tracer)
    paths = _paths(series, strategy, table, settings, np.arange(1), windows[0], tracer)
    frame = Frame.of(series, settings, windows)
    purse = _Purse.of(strategy, params, paths, 0, frame, window[1] - window[0])
    members = tuple(paths.traces[place] for place in paths.places[0])
    scales = purse.scales / frame.rules.initial_capital
    trades = np.concatenate(
        [_scaled(member, scales[i], window[0]) for i, member in enumerate(members)]
    )
    return SleevesTrace(
        purse.equity,
        trades[np.argsort(trades["exit_bar"], kind="stable")],
        own.metrics[0, 0],
        names=tuple(name for name, _ in strategy.members),
        values=np.hstack([purse.scales[:, 1:], purse.scales[:, -1:]])
        * paths.growth[paths.places[0]],
        members=members,
        scales=scales,
        initial=frame.rules.initial_capital,
    )


def check_shares(strategy: Strategy, params: Floats) -> None:
    """Raise ValueError at the first configuration whose shares do not add to 1."""
    total = shares_of(strategy, params).sum(axis=1)
    off = np.abs(total - 1.0) > EXACT
    if off.any():
        at = int(np.argmax(off))
        where = f" (configuration {at})" if len(params) > 1 else ""
        raise ValueError(
            f"strategy sleeves: params.shares must add to 1, got {total[at]:g}{where}; sweep them "
            "by params.shares='simplex(0,1,0.1)'"
        )


def shares_of(strategy: Strategy, params: Floats) -> Floats:
    """(n, M) shares of the sleeves."""
    columns = [strategy.fields.index(f"{SHARE}{name}") for name, _ in strategy.members]
    return np.ascontiguousarray(params[:, columns])


def _paths(
    series: Series,
    strategy: Strategy,
    params: Floats,
    settings: Settings | PanelSettings,
    rows: Ints,
    window: Ints,
    tracer: Tracer,
) -> _Paths:
    """Each different member of some configurations run once on a window."""
    span = (int(window[0]), int(window[1]))
    traces: list[Trace] = []
    seen: dict[tuple[object, ...], int] = {}
    places = np.empty((len(rows), len(strategy.members)), np.int64)
    for i, (name, member) in enumerate(strategy.members):
        columns = [strategy.fields.index(f"{name}__{field}") for field in member.fields]
        for j, row in enumerate(rows.tolist()):
            own, numbers = params[row, columns], _numbers(settings, row, len(params))
            key = (member.module, own.tobytes(), tuple(map(repr, numbers.values())))
            if key not in seen:
                seen[key] = len(traces)
                traces.append(tracer(series, member, own, replace(settings, **numbers), span))
            places[j, i] = seen[key]
    initial = float(settings.initial_capital)
    growth = np.stack([trace.equity / initial for trace in traces])
    held = np.stack([_held(trace, span) for trace in traces])
    tables = [_table(trace, initial, span[0]) for trace in traces]
    metrics = [trace.metrics for trace in traces]
    return _Paths(growth, held, tables, metrics, traces, places)


def _numbers(settings: Settings | PanelSettings, row: int, n: int) -> dict[str, Any]:
    """Settings of one configuration out of those that are arrays."""
    own = {}
    for name, value in vars(settings).items():
        if isinstance(value, np.ndarray) and value.ndim:
            own[name] = float(value[row if value.size == n else 0])
    return own


def _held(trace: Trace, span: Window) -> Bytes:
    flags = np.zeros(span[1] - span[0], np.uint8)
    for begin, end, reason in _spans(trace):
        last = end + 1 if reason == END else end
        flags[begin - span[0] : last - span[0]] = 1
    return flags


def _spans(trace: Trace) -> Iterator[tuple[int, int, int]]:
    names = ("entry_bar", "exit_bar", "exit_reason")
    return zip(*(trace.trades[name].tolist() for name in names), strict=True)


def _table(trace: Trace, initial: float, start: int) -> Floats:
    table = np.zeros((trace.trades.size, N_COLUMNS))
    table[:, ENTRY] = trace.trades["entry_bar"] - start
    table[:, GAIN] = trace.trades["return_"]
    table[:, MONEY] = trace.trades["pnl"] / initial
    return table


def _scaled(trace: Trace, scales: Floats, start: int) -> object:
    """Trades of a member in the money of its sleeve."""
    trades = trace.trades.copy()
    at = scales[trades["entry_bar"] - start]
    trades["pnl"] *= at
    trades["size"] *= at
    return trades


@dataclass(frozen=True, eq=False)
class _Purse:
    """One configuration on one window: equity (T,), scales (M, T), tally, and its members."""

    equity: Floats
    scales: Floats
    tally: Floats
    paid: float
    shares: Floats
    members: Sequence[Floats]

    @classmethod
    def of(
        cls, strategy: Strategy, row: Floats, paths: _Paths, j: int, frame: Frame, length: int
    ) -> "_Purse":
        """Divide the purse; turnover is that of transfers, and of the members by their shares."""
        shares = shares_of(strategy, row[None])[0]
        places, tally = paths.places[j], np.zeros(N_TALLY)
        equity, scales = np.empty(length), np.empty((len(places), length))
        cadence = int(row[strategy.fields.index("cadence")])
        cost = float(row[strategy.fields.index("transfer_cost")])
        initial = frame.rules.initial_capital
        paid = combine(paths.growth, places, shares, cadence, cost, initial, equity, scales, tally)
        tables = [paths.trades[place].copy() for place in places]
        for i, table in enumerate(tables):
            table[:, OWNER] = i
        count_trades(np.concatenate(tables), scales, tally)
        count_exposure(paths.held, places, tally)
        members = [paths.metrics[place] for place in places]
        turned = np.array([metrics[TURNED] for metrics in members]) @ shares
        tally[TURNOVER] += turned * length / frame.rules.periods_per_year
        return cls(equity, scales, tally, float(paid), shares, members)

    def write_panel(self, metrics: Floats, rate: float) -> None:
        """Write cost and holdings of a universe; what ranks has no meaning for a mix."""
        costs = np.array([own[COST] for own in self.members])
        metrics[COST] = np.nan_to_num(costs) @ self.shares + self.paid * rate
        metrics[HOLDINGS] = np.nan_to_num([own[HOLDINGS] for own in self.members]).sum()
