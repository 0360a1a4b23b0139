"""Shadow one version of a profile: run it, compare it with the shadow before, keep it."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kernels import KERNEL_VERSION
from operate.records.clock import iso, utc
from operate.records.desk import Place
from operate.records.held import writing
from operate.shadow import state
from operate.shadow.fingerprint import fingerprint_of, link
from operate.shadow.live_bars import LiveBars, fresh_from, live_bars
from operate.shadow.prefix import CODE, DATA, EQUAL, FIRST, Prefix, compare
from operate.shadow.run import Run, run
from operate.shadow.state import Shadow
from operate.shadow.warm_up import panel_warm_up, warm_up
from promote.profiles.profile import Profile


@dataclass(frozen=True, eq=False)
class Shadowed:
    """A shadow that was just made.

    Attributes:
        shadow: as it is kept.
        prefix: the comparison with the one before.
        run: of the profile.
        bars: that it ran on.
    """

    shadow: Shadow
    prefix: Prefix
    run: Run
    bars: LiveBars


def shadow(place: Place, profile: Profile) -> Shadowed:
    """Shadow a version through the last bar that has closed.

    Time never goes back: with a clock that was set back, the bars that were known stay known.

    Raises:
        ValueError: its bars or its strategy are gone.
    """
    with writing(place.root, profile.profile):
        old = state.load(place.root, profile.profile, profile.version)
        now = place.now if old is None else max(place.now, utc(old.closed))
        bars = live_bars(profile, now)
        again = run(profile, bars)
        tables = _table(bars, again), again.trades
        prefix = Prefix(FIRST) if old is None else _compared(place, old, tables, again)
        marks = fingerprint_of(tables[0].drop(columns="equity"))
        fresh = _next(profile, bars, again, old, prefix, marks)
        if old is not None and prefix.word == EQUAL and old.fingerprint == fresh.fingerprint:
            return Shadowed(old, prefix, again, bars)
        kept = state.save(place.root, fresh, tables[0].reset_index(names="time"), tables[1])
    return Shadowed(kept, prefix, again, bars)


def _table(bars: LiveBars, again: Run) -> pd.DataFrame:
    equity = np.full(len(bars.frame), np.nan)
    equity[again.start :] = again.equity
    return bars.table(again.again.strategy.columns).assign(equity=equity)


def _compared(
    place: Place, old: Shadow, tables: tuple[pd.DataFrame, pd.DataFrame], again: Run
) -> Prefix:
    kept = state.table_of(place.root, old), state.trades_of(place.root, old)
    now = KERNEL_VERSION, again.again.strategy.source_hash
    return compare(kept, tables, ((old.kernel, old.source), now))


def _held(again: Run) -> dict[str, object]:
    """The open position as JSON types; empty without one."""
    held = again.position
    if held is None:
        return {}
    numbers = {name: float(held[name]) for name in ("entry_price", "size")}
    return {"entry_time": iso(held["entry_time"]), "side": int(held["side"]), **numbers}


def _next(
    profile: Profile, bars: LiveBars, again: Run, old: Shadow | None, prefix: Prefix, marks: str
) -> Shadow:
    """The record after this run; its tables are named when they are written."""
    breaks = list(old.breaks) if old else []
    if prefix.word in (DATA, CODE):
        report = {"at": iso(bars.times[-1]), "cause": prefix.word, "detail": prefix.detail}
        breaks.append({**report, "changed": prefix.changed, "acknowledged": False})
    made = Shadow(
        profile=profile.profile,
        version=profile.version,
        fresh_from=iso(fresh_from(profile, bars)) if old is None else old.fresh_from,
        first=iso(bars.times[again.start]),
        last=iso(bars.times[-1]),
        closed=iso(pd.Timestamp(int(bars.closes[-1]), tz="UTC")),
        bars=len(bars.frame),
        fingerprint=marks,
        chain=link(old.chain if old else "", len(bars.frame), marks),
        links=(old.links if old else 0) + 1,
        table="",
        trades="",
        kernel=KERNEL_VERSION,
        source=again.again.strategy.source_hash,
        breaks=breaks,
        held=_held(again),
        timeframe=bars.timeframe,
        calendar=bars.calendar,
        periods_per_year=float(profile.settings.get("periods_per_year") or bars.periods_per_year),
    )
    is_known = old is not None and old.source == made.source and old.warm_up is not None
    length = old.warm_up if old is not None and is_known else _warm_up(again, bars)
    return replace(made, warm_up=length)


def _warm_up(again: Run, bars: LiveBars) -> int | None:
    """Bars that a bot needs; None where that is not measured."""
    if bars.universe is not None:
        return panel_warm_up(again.again, bars.universe.panel)
    return None if again.weights is not None else warm_up(again.again, bars.frame)
