"""One run of a profile on its bars, from its start through the last closed bar."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels.engine.evaluation import OpenPosition, Trace
from kernels.engine.position import REASONS
from kernels.jit.array_types import Floats
from kernels.portfolio.panel import Panel
from operate.records.clock import utc
from operate.shadow.live_bars import LiveBars
from operate.shadow.weights import last_shares, last_weights
from promote.profiles.profile import Profile
from promote.profiles.replay import holds_several, replay
from store.replay.replay import Replay
from store.replay.retrace import trades_frame

END = REASONS.index("end")


@dataclass(frozen=True, eq=False)
class Run:
    """Run of the profile on its bars.

    Attributes:
        again: the profile, ready to run.
        start: number of the bar that it starts on.
        equity: (n_bars - start,) at each close, quote currency.
        trades: closed trades, columns of `store.replay.retrace.TRADES`, oldest first.
        position: the trade that is open at the last close, or None.
        decided: the trade that is open once the last decision has filled, or None: flat.
        decided_equity: what the account is worth then.
        left, decided_left: size and levels of the two, as the order engine has them; None of a
            profile that needs no such engine.
        weights: share of the equity in each symbol that is held once the last decision has filled,
            of a universe or of sleeves, whose positions are several; None of one position.
        trading: whether that decision trades; of weights only.
    """

    again: Replay
    start: int
    equity: Floats
    trades: pd.DataFrame
    position: pd.Series | None
    decided: pd.Series | None
    decided_equity: float
    left: OpenPosition | None = None
    decided_left: OpenPosition | None = None
    weights: dict[str, float] | None = None
    trading: bool = False


def run(profile: Profile, bars: LiveBars) -> Run:
    """Run a profile again.

    Raises:
        ValueError: its strategy is gone, or its first bar is.
    """
    again = replay(profile, bars.series())
    start = int(bars.times.searchsorted(utc(profile.window["first"])))
    if start >= len(bars.frame):
        raise ValueError(
            f"{profile.ref}: starts at {profile.window['first']}, its bars end at {bars.times[-1]}"
        )
    traced = again.trace((start, len(bars.frame)))
    if holds_several(profile):
        return _run_of_several(profile, bars, again, start, traced)
    trades = trades_frame(traced, bars.times)
    is_open = traced.trades["exit_reason"] == END
    open_ones = trades[is_open]
    position = None if open_ones.empty else open_ones.iloc[-1]
    closed = trades[~is_open].reset_index(drop=True)
    decided, worth, left = position, float(traced.equity[-1]), traced.left
    if profile.settings.get("fill") != "same_close":
        decided, worth, left = _decided(profile, bars, start)
    return Run(again, start, traced.equity, closed, position, decided, worth, traced.left, left)


def _run_of_several(
    profile: Profile, bars: LiveBars, again: Replay, start: int, traced: Trace
) -> Run:
    """The run of a universe or of sleeves: closed trades by their ends, and weights."""
    trades = trades_frame(traced, bars.times)[traced.trades["exit_reason"] != END]
    order = [name for name in ("exit_time", "symbol") if name in trades]
    closed = trades.sort_values(order, kind="stable").reset_index(drop=True)
    after, series = traced, again.series
    if profile.settings.get("fill") != "same_close":
        series = bars.extended()
        after = replay(profile, series).trace((start, series.n_bars))
    weights = last_weights(after, series)
    names = series.symbols if isinstance(series, Panel) else (profile.symbol,)
    trading = not np.array_equal(last_shares(after, series), last_shares(traced, again.series))
    return Run(
        again,
        start,
        traced.equity,
        closed,
        None,
        None,
        float(after.equity[-1]),
        weights={name: float(own) for name, own in zip(names, weights, strict=True) if own},
        trading=trading,
    )


def _decided(
    profile: Profile, bars: LiveBars, start: int
) -> tuple[pd.Series | None, float, OpenPosition | None]:
    """The position once the decision at the last close has filled at that close."""
    series = bars.extended()
    traced = replay(profile, series).trace((start, series.n_bars))
    after = pd.DatetimeIndex(bars.times[-1:]) + pd.Timedelta(1, "D")
    ns = np.r_[bars.times.as_unit("ns").asi8, after.as_unit("ns").asi8]
    times = pd.DatetimeIndex(ns.astype("datetime64[ns]")).tz_localize("UTC")
    trades = trades_frame(traced, times)
    last = traced.trades["exit_reason"] == END
    held = trades[last]
    return (None if held.empty else held.iloc[-1]), float(traced.equity[-1]), traced.left
