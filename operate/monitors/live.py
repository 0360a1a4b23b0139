"""Live records of a profile and its shadow: fills by bar, returns per bar, age."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.jit.array_types import Floats, Ints
from operate.intake.records import records
from operate.monitors.matching import Matched, match
from operate.records.clock import utc
from operate.records.desk import Place
from operate.records.rollout_state import RolloutState, rollout_of
from operate.shadow.state import Shadow, table_of, trades_of
from promote.profiles.profile import Profile
from promote.profiles.replay import holds_several
from store.data.calendars.bar_intervals import spans


@dataclass(frozen=True, eq=False)
class Live:
    """All that the monitors look at.

    Attributes:
        profile: the version that is watched.
        shadow: its shadow.
        table: (n,) bars with the shadow's equity.
        trades: closed trades of the shadow.
        rollout: its state, or None.
        fills: of the live account, with `bar` and signed `side`.
        equity: of the live account, with `bar`; empty without statements of it.
        first: first bar that live is judged from; n when there is nothing to judge.
        last: last bar that the records cover; -1 without any.
        share: (n,) share of the money that each bar's stage allows.
        stage: (n,) number of each bar's stage, -1 before the rollout.
        matched: fills of both.
    """

    profile: Profile
    shadow: Shadow
    table: pd.DataFrame
    trades: pd.DataFrame
    rollout: RolloutState | None
    fills: pd.DataFrame
    equity: pd.DataFrame
    first: int
    last: int
    share: Floats
    stage: Ints
    matched: Matched

    @property
    def age(self) -> float:
        """Bars since the newest record; infinite without any."""
        return float(len(self.table) - 1 - self.last) if self.last >= 0 else float("inf")


def live_of(place: Place, profile: Profile, shadow: Shadow) -> Live:
    """The records of a profile, joined with its shadow."""
    table, trades = table_of(place.root, shadow), trades_of(place.root, shadow)
    _, rollout = rollout_of(place.registry, profile.profile)
    if rollout is not None and rollout.version != profile.version:
        rollout = None
    days = spans(
        pd.DatetimeIndex(table.index).as_unit("ns").asi8, shadow.calendar, shadow.timeframe
    )
    placed = {}
    for kind in ("fills", "equity", "coverage"):
        rows = records(place.root, profile.profile, kind)
        if kind == "fills":
            same = profile.settings.get("fill") == "same_close"
            rows["bar"] = _traded_bars(rows["time"], days.opens, days.closes, same)
        else:
            rows["bar"] = _closed_bars(rows["time"], pd.DatetimeIndex(table.index), days.closes)
        placed[kind] = rows[rows["bar"] >= 0]
    fills = placed["fills"].assign(side=np.where(placed["fills"]["side"] == "buy", 1, -1))
    fresh = int((table.index <= utc(shadow.fresh_from)).sum())
    stage, share = _stages(table, rollout)
    covered = max((int(rows["bar"].max()) for rows in placed.values() if len(rows)), default=-1)
    last = min(covered, len(table) - 1)
    first = _first(fills, placed["equity"], stage, share, fresh, len(table))
    changes = tuple(np.flatnonzero(np.diff(share)) + 1) if share.size else ()
    own = trades.iloc[:0] if holds_several(profile) else trades  # whose fills are not compared
    matched = match(
        shadow_fills(own, shadow, pd.DatetimeIndex(table.index)),
        fills,
        table,
        first=first,
        last=last,
        slippage=float(profile.settings.get("slippage") or 0.0),
        position=position_of(own, shadow, pd.DatetimeIndex(table.index)),
        changes=tuple(int(change) for change in changes),
        groups=stage,
    )
    return Live(
        profile, shadow, table, trades, rollout, fills, placed["equity"], first, last, share,
        stage, matched,
    )  # fmt: skip


def shadow_fills(trades: pd.DataFrame, shadow: Shadow, times: pd.DatetimeIndex) -> pd.DataFrame:
    """bar, side (1 bought), quantity and price of every fill of the shadow."""
    side = trades["side"].to_numpy(np.int64)
    parts = [
        ("entry_time", side, "entry_price"),
        ("exit_time", -side, "exit_price"),
    ]
    tables = [
        pd.DataFrame(
            {
                "bar": times.get_indexer(pd.DatetimeIndex(trades[time])),
                "side": signed,
                "quantity": trades["size"].to_numpy(float),
                "price": trades[price].to_numpy(float),
            }
        )
        for time, signed, price in parts
    ]
    if shadow.held:
        held = shadow.held
        bar = int(times.searchsorted(utc(held["entry_time"])))
        own = {"bar": bar, "side": int(held["side"]), "quantity": held["size"]}
        tables.append(pd.DataFrame([{**own, "price": held["entry_price"]}]))
    return pd.concat(tables).sort_values("bar", kind="stable").reset_index(drop=True)


def position_of(trades: pd.DataFrame, shadow: Shadow, times: pd.DatetimeIndex) -> Ints:
    """(n,) side that the shadow holds at each close."""
    result = np.zeros(times.size, np.int64)
    begins = times.get_indexer(pd.DatetimeIndex(trades["entry_time"]))
    ends = times.get_indexer(pd.DatetimeIndex(trades["exit_time"]))
    for begin, end, side in zip(begins, ends, trades["side"], strict=True):
        result[begin:end] = side
    if shadow.held:
        result[int(times.searchsorted(utc(shadow.held["entry_time"]))) :] = shadow.held["side"]
    return result


def _closed_bars(times: pd.Series, bars: pd.DatetimeIndex, closes: NDArray[np.int64]) -> Ints:
    """(k,) last bar closed by each instant; a bar's own time stands for that bar; -1 before all."""
    if not len(times):
        return np.zeros(0, np.int64)
    index = pd.DatetimeIndex(times).as_unit("ns")
    own = bars.as_unit("ns").get_indexer(index)
    return np.where(own >= 0, own, np.searchsorted(closes, index.asi8, "right") - 1)


def _traded_bars(
    times: pd.Series, opens: NDArray[np.int64], closes: NDArray[np.int64], same_close: bool
) -> Ints:
    """(k,) bar in which each instant falls; -1 after the last bar.

    At a close it is the next bar, unless the market was shut then, or orders fill at closes.
    """
    if not len(times):
        return np.zeros(0, np.int64)
    at = pd.DatetimeIndex(times).as_unit("ns").asi8
    before, after = np.searchsorted(closes, at, "left"), np.searchsorted(closes, at, "right")
    shut = opens[np.minimum(after, opens.size - 1)] > at
    bar = np.where((before != after) & (same_close | shut | (after >= opens.size)), before, after)
    return np.where(bar < opens.size, bar, -1)


def _stages(table: pd.DataFrame, rollout: RolloutState | None) -> tuple[Ints, Floats]:
    """(n,) number of the stage, and its share of the money; a stage begins after its `since`."""
    stage, share = np.full(len(table), -1, np.int64), np.zeros(len(table))
    for number, each in enumerate([] if rollout is None else rollout.history):
        at = int((table.index <= utc(each["since"])).sum())
        stage[at:], share[at:] = number, float(each["capital"])
    return stage, share


def _first(
    fills: pd.DataFrame, equity: pd.DataFrame, stage: Ints, share: Floats, fresh: int, n: int
) -> int:
    """First bar to judge: that of the first record, or of the first stage with capital."""
    funded = np.flatnonzero(share > 0)
    bars = [int(rows["bar"].min()) for rows in (fills,) if len(rows)]
    bars += [int(funded[0])] if funded.size else []
    return max(fresh, min(bars, default=n)) if bars else n
