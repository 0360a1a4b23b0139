"""One run of a profile on its bars, from its start through the last closed bar."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels.engine.evaluation import OpenPosition
from kernels.engine.position import REASONS
from kernels.jit.array_types import Floats
from operate.records.clock import utc
from operate.shadow.live_bars import LiveBars
from promote.profiles.profile import Profile
from promote.profiles.replay import replay
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
    trades = trades_frame(traced, bars.times)
    is_open = traced.trades["exit_reason"] == END
    open_ones = trades[is_open]
    position = None if open_ones.empty else open_ones.iloc[-1]
    closed = trades[~is_open].reset_index(drop=True)
    decided, worth, left = position, float(traced.equity[-1]), traced.left
    if profile.settings.get("fill") != "same_close":
        decided, worth, left = _decided(profile, bars, start)
    return Run(again, start, traced.equity, closed, position, decided, worth, traced.left, left)


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
