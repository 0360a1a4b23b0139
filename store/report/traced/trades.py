"""Trades of the drawn run: on its prices, in a list, by return, over time, and at other costs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels import Settings
from kernels.engine.evaluation import Trace
from kernels.engine.position import REASONS
from kernels.portfolio.settings import PanelSettings
from store.data import Dataset
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.replay.buy_and_hold import hold_settings, hold_trace
from store.replay.configuration import settings_of
from store.replay.cost_stress import at_costs
from store.replay.replay import (
    Replay,
    group_of,
    load_bars,
    replay_of,
    trace_again,
    window_of,
)
from store.replay.retrace import trades_frame
from store.report.equity import thin
from store.report.number_format import metric_text, percent_text
from store.report.traced.trades_view import CostRow, Fall, Marks, Rolling, TradeRow, Trades

LISTED = 200
"""Trades in the table: the newest."""
MARKED = 1_000
"""Trades that are marked on the price, the newest; more would hide it."""
FALLS = 5
FACTORS = (0, 1, 2, 3)
"""Times the costs."""
COSTED = ("sharpe", "total_return", "annual_return", "max_drawdown", "trades", "profit_factor")
END = REASONS.index("end")

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TracedRun:
    """A run traced again: everything that the parts of the section read."""

    run: RunRow
    data: Dataset
    again: Replay
    window: tuple[int, int]
    traced: Trace
    held: Trace | None
    periods: float

    @property
    def index(self) -> pd.DatetimeIndex:
        """Times of the window's bars."""
        return pd.DatetimeIndex(self.data.frame.index)[slice(*self.window)]

    @property
    def form(self) -> str:
        """Days alone where every bar starts one."""
        return "%Y-%m-%d" if (self.index == self.index.normalize()).all() else "%Y-%m-%d %H:%M"


def trades_of(case: TracedRun | None) -> Trades | None:
    """The trades of a run; None when it cannot be traced, or never traded."""
    if case is None or not len(case.traced.trades):
        return None
    run = case.run
    frame = trades_frame(case.traced, pd.DatetimeIndex(case.data.frame.index))
    window = rolling_bars(len(case.index), case.periods)
    headings, rows = _rows(frame, case.form)
    panel = isinstance(case.again.settings, PanelSettings)
    close = case.data.frame["close"].to_numpy()[slice(*case.window)] if not panel else np.empty(0)
    shown = np.arange(0) if panel else thin([close])
    return Trades(
        title=f"Run {run['run']}, {run['strategy']} on {run['symbol']}, window {run['window']}",
        times=tuple(case.index[shown].strftime("%Y-%m-%d %H:%M")),
        price=tuple(close[shown].tolist()),
        marks=() if panel else _marks(frame.tail(MARKED)),
        headings=headings,
        rows=rows,
        note=_note(len(frame), panel=panel),
        returns=tuple(frame["return"].tolist()),
        window=window,
        exposure=_exposure(case, window),
        sharpe=_sharpes(case, window),
        falls=falls(case.traced.equity, case.index, case.form),
        costs=tuple(_at(case, factor) for factor in FACTORS),
        ambiguous=_ambiguous(case),
    )


def traced_run(experiment: Experiment, run: RunRow) -> TracedRun | None:
    """A run traced again; None when it cannot be, of which the section on equity says why.

    Args:
        experiment: that has the run.
        run: as `store.runs.plain.run_dicts` gives it.
    """
    try:
        return _traced(experiment, run)
    except ValueError:
        return None


def _traced(experiment: Experiment, run: RunRow) -> TracedRun:
    group = group_of(experiment, run["run"])
    data = load_bars(experiment, group)
    series, window = data.series(), window_of(data, run)
    again = replay_of(experiment, run, series)
    traced = trace_again(experiment, series, run, window)
    held = None
    if not isinstance(again.settings, PanelSettings):
        held = hold_trace(series, hold_settings(settings_of(group, run)), window)
    stated = group.settings.get("periods_per_year")
    periods = group.number("periods_per_year") if stated else data.periods_per_year
    return TracedRun(run, data, again, window, traced, held, periods)


def rolling_bars(bars: int, periods: float) -> int:
    """Bars of the rolling figures: half a year, less of a short window, 20 at least."""
    return max(20, min(round(periods / 2), bars // 4))


def _rows(frame: pd.DataFrame, form: str) -> tuple[tuple[str, ...], tuple[TradeRow, ...]]:
    """Headings and lines of the table, newest first."""
    named = "symbol" in frame.columns
    headings = ("in", "out", "side", "in at", "out at", "size", "P&L", "return", "by")
    rows = []
    for row in frame.tail(LISTED).iloc[::-1].to_dict("records"):
        numbers = (row["entry_price"], row["exit_price"], row["size"], row["pnl"])
        texts = (
            row["entry_time"].strftime(form),
            row["exit_time"].strftime(form),
            _side(row["side"]),
            *(f"{x:,.6g}" for x in numbers[:2]),
            f"{numbers[2]:,.4g}",
            metric_text("pnl", numbers[3]),
            f"{percent_text(row['return'])} %",
            str(row["exit_reason"]).replace("_", " "),
        )
        keys = (*texts[:3], *numbers, row["return"], texts[-1])
        symbol = (str(row["symbol"]),) if named else ()
        rows.append(TradeRow((*symbol, *texts), (*symbol, *keys)))
    return (("symbol", *headings) if named else headings), tuple(rows)


def _side(side: int) -> str:
    return "long" if side > 0 else "short"


def _note(trades: int, *, panel: bool) -> str:
    listed = f"The newest {LISTED} of {trades:,} are listed. " if trades > LISTED else ""
    marked = f"The newest {MARKED:,} are marked. " if trades > MARKED and not panel else ""
    return (marked + listed).strip()


def _marks(frame: pd.DataFrame) -> tuple[Marks, ...]:
    """Entries by side, exits by outcome."""
    won = frame["pnl"] > 0
    parts = (
        ("buy", frame[frame["side"] > 0], "entry"),
        ("sell short", frame[frame["side"] < 0], "entry"),
        ("out with a gain", frame[won], "exit"),
        ("out with a loss", frame[~won], "exit"),
    )
    return tuple(_mark(kind, own, end) for kind, own, end in parts if len(own))


def _mark(kind: str, frame: pd.DataFrame, end: str) -> Marks:
    returns = [f"{percent_text(x)} %" for x in frame["return"]]
    reasons = [str(x).replace("_", " ") for x in frame["exit_reason"]]
    texts = [f"{a}, {b}" for a, b in zip(returns, reasons, strict=True)]
    times = pd.DatetimeIndex(frame[f"{end}_time"]).strftime("%Y-%m-%d %H:%M")
    prices = [float(f"{x:.7g}") for x in frame[f"{end}_price"]]
    return Marks(kind, tuple(times), tuple(prices), tuple(texts if end == "exit" else returns))


def held_bars(traced: Trace, start: int, bars: int) -> tuple[Floats, Floats]:
    """Longs and shorts that each bar of the window closes with, (bars,) each."""
    sides = np.zeros((2, bars + 1))
    for trade in traced.trades:
        last = trade["exit_bar"] + (trade["exit_reason"] == END)
        side = 0 if trade["side"] > 0 else 1
        sides[side, trade["entry_bar"] - start] += 1
        sides[side, last - start] -= 1
    held = np.cumsum(sides, axis=1)[:, :-1]
    return held[0], held[1]


def _exposure(case: TracedRun, window: int) -> tuple[Rolling, ...]:
    longs, shorts = held_bars(case.traced, case.window[0], len(case.index))
    parts = (("long", np.minimum(longs, 1)), ("short", -np.minimum(shorts, 1)))
    return tuple(
        _rolling(label, pd.Series(held).rolling(window).mean().to_numpy(), case.index)
        for label, held in parts
        if held.any()
    )


def _sharpes(case: TracedRun, window: int) -> tuple[Rolling, ...]:
    free = float(np.asarray(getattr(case.again.settings, "risk_free", 0.0))) / case.periods
    curves = {f"run {case.run['run']}": case.traced.equity}
    if case.held is not None:
        curves["buy and hold"] = case.held.equity
    capital = float(case.again.settings.initial_capital)
    return tuple(
        _rolling(label, rolling_sharpe(equity, capital, window, case.periods, free), case.index)
        for label, equity in curves.items()
    )


def rolling_sharpe(
    equity: Floats, capital: float, window: int, periods: float, free: float = 0.0
) -> Floats:
    """Annual Sharpe ratio of the last `window` bars, (n,); NaN before, and without deviation."""
    before = np.r_[capital, equity[:-1]]
    returns = np.divide(equity, before, out=np.ones_like(equity), where=before > 0) - 1.0
    rolled = pd.Series(returns).rolling(window)
    spread = rolled.std().to_numpy()
    spread = np.where(spread < 1e-12, np.nan, spread)
    ratios: Floats = (rolled.mean().to_numpy() - free) / spread * math.sqrt(periods)
    return ratios


def _rolling(label: str, values: Floats, index: pd.DatetimeIndex) -> Rolling:
    """The values that are drawn: some 1,500 of them."""
    shown = np.unique(np.linspace(0, len(values) - 1, min(len(values), 1_500)).astype(int))
    kept = [None if math.isnan(v) else float(f"{v:.4g}") for v in values[shown].tolist()]
    return Rolling(label, tuple(index[shown].strftime("%Y-%m-%d %H:%M")), tuple(kept))


def falls(
    equity: Floats, index: pd.DatetimeIndex, form: str, most: int = FALLS
) -> tuple[Fall, ...]:
    """The deepest falls from a peak, which end where that peak is reached again.

    Args:
        equity: (n,) at each close.
        index: (n,) times.
        form: of the times.
        most: how many at most.
    """
    peaks = np.maximum.accumulate(equity)
    under = equity < peaks
    starts = np.flatnonzero(under & ~np.r_[False, under[:-1]])
    listed = []
    for first in starts.tolist():
        after = np.flatnonzero(~under[first:])
        stop = first + int(after[0]) if after.size else len(equity)
        low = first + int(np.argmin(equity[first:stop]))
        depth = 1 - equity[low] / peaks[first]
        listed.append((depth, first - 1, low, stop))
    listed.sort(key=lambda fall: -fall[0])
    return tuple(
        Fall(
            index[peak].strftime(form),
            index[low].strftime(form),
            index[stop].strftime(form) if stop < len(equity) else "",
            float(depth),
            min(stop, len(equity) - 1) - peak,
        )
        for depth, peak, low, stop in listed[:most]
    )


def _at(case: TracedRun, factor: int) -> CostRow:
    """Metrics at a multiple of the costs."""
    try:
        settings = at_costs(case.again.settings, factor)
        values = replace(case.again, settings=settings).evaluate([case.window]).metrics[0, 0]
    except ValueError:  # three times 40 % are no costs
        return CostRow(factor, {})
    named = dict(zip(case.again.metric_names, values.tolist(), strict=True))
    return CostRow(factor, {name: named[name] for name in COSTED})


def _ambiguous(case: TracedRun) -> str:
    """Bars that hold a stop and a target, and what the other reading of them gives."""
    counts: Mapping[str, int] | None = case.traced.counts
    if not counts or not isinstance(case.again.settings, Settings):
        return ""
    sentences: Sequence[str] = ()
    if n := counts["ambiguous_bars"]:
        other = replace(case.again.settings, target_first=True)
        values: Any = replace(case.again, settings=other).evaluate([case.window]).metrics[0, 0]
        own = case.again.metric_names
        texts = [
            f"{metric_text(name, case.traced.metrics[own.index(name)])} and "
            f"{metric_text(name, values[own.index(name)])}"
            for name in ("sharpe", "total_return")
        ]
        sentences = (
            f"{n:,} {'bar holds' if n == 1 else 'bars hold'} a stop and a target, and nothing "
            "tells which came first: with the stop first and with the target first the Sharpe "
            f"ratio is {texts[0]}, the total return {texts[1]}",
        )
    through, touched = counts["limits_through"], counts["limits_touched"]
    if through + touched:
        sentences = (
            *sentences,
            f"Limits were traded through {through:,} times and only touched {touched:,} times, "
            "where a fill depends on the queue",
        )
    return "".join(f"{sentence}. " for sentence in sentences).strip()
