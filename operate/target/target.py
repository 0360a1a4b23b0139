"""Target of a profile: the decision at the last closed bar, as a file that a bot reads."""

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.records.clock import iso
from operate.records.desk import Place
from operate.records.paths import target_file
from operate.records.rollout_state import ROLLED_BACK, RolloutState, rollout_of
from operate.shadow.live_bars import LiveBars, next_close
from operate.shadow.shadow import Shadowed
from operate.target.reader import SCHEMA, UNIVERSE, digest_of
from promote.audit import signing
from promote.profiles.profile import Profile
from store.data.calendars.calendar import seconds
from store.files import local

GRACE = pd.Timedelta(6, "h")
"""Time after the next bar's close that a shadow may take at most; of short bars, a bar's length."""

SIDES = {1: "long", 0: "flat", -1: "short"}
BOTH = "both"


def in_force(place: Place, name: str) -> Profile | None:
    """The version that a bot trades: the rollout's, else the newest approved one."""
    from promote.profiles.files import load

    _, rollout = rollout_of(place.registry, name)
    if rollout is None:
        return place.approved(name)
    if rollout.state == ROLLED_BACK and rollout.fallback is not None:
        return load(place.desk.profiles, name, rollout.fallback)
    return load(place.desk.profiles, name, rollout.version)


def write_target(place: Place, profile: Profile, done: Shadowed) -> dict[str, object] | None:
    """Replace the target of a profile; None where another version, or none, is in force."""
    chosen = in_force(place, profile.profile)
    if chosen is None or chosen.version != profile.version or not place.is_approved(profile):
        return None
    _, rollout = rollout_of(place.registry, profile.profile)
    target = target_of(profile, done, rollout)
    key = signing.signer(place.desk.conf)
    target["digest"] = digest_of(target)
    target["signature"] = signing.sign(key, target["digest"].encode()) if key else None
    path = target_file(place.root, profile.profile)
    local.make_folder(path.parent)
    local.replace(path, (json.dumps(target, indent=1, allow_nan=False) + "\n").encode())
    return target


def target_of(profile: Profile, done: Shadowed, rollout: RolloutState | None) -> dict[str, Any]:
    """The fields of a target, without digest and signature.

    `weight` is signed, a share of the equity traded; `capital` the share of all money that the
    stage allows: a bot holds weight x capital x money. Of a universe `weight` is the sum of
    `weights`, which has that of each symbol held: any other is sold. Levels are prices in the quote
    currency, null where off, or where the entry is not filled yet (then `*_fraction` tell them).
    """
    held, bars = done.run.decided, done.bars
    price = float(bars.frame["close"].iloc[-1])
    side = 0 if held is None else int(held["side"])
    flat = rollout is not None and rollout.state == ROLLED_BACK and rollout.fallback is None
    if flat:
        side, held = 0, None
    size = 0.0 if held is None else float(held["size"])
    if held is not None and done.run.decided_left is not None:  # parts left, units added
        size = abs(done.run.decided_left.size)
    weight = side * size * price / done.run.decided_equity if done.run.decided_equity > 0 else 0.0
    weights: dict[str, float] = {}
    if done.run.weights is not None:
        weights = {} if flat else done.run.weights
        weight = sum(weights.values())
        side = int(np.sign(weight))
    several = {} if bars.universe is None else {"weights": weights, "trading": done.run.trading}
    stage, capital = ("shadow", 0.0) if rollout is None else (rollout.stage_name, rollout.capital)
    if rollout is not None and rollout.state == ROLLED_BACK and rollout.fallback is not None:
        stage, capital = "fallback", 1.0
    rules = {} if rollout is None else rollout.rules
    return {
        "schema": SCHEMA if bars.universe is None else UNIVERSE,
        "profile": profile.profile,
        "version": profile.version,
        "config_hash": profile.config_hash,
        "symbol": profile.symbol,
        "timeframe": profile.timeframe,
        "bar_time": iso(bars.times[-1]),
        "side": side_word(side, weights),
        "weight": weight,
        **several,
        **_levels(profile, done, side),
        "stage": stage,
        "capital": capital,
        "on_expiry": rules.get("on_expiry", "flat"),
        "valid_until": iso(valid_until(bars)),
    }


def side_word(side: int, weights: Mapping[str, float]) -> str:
    """The side of a target in a word; both where some weights are above 0 and some below."""
    signs = {weight > 0 for weight in weights.values()}
    return BOTH if len(signs) > 1 else SIDES[side]


def valid_until(bars: LiveBars) -> pd.Timestamp:
    """When the next bar should have closed and been shadowed: the dead man's switch."""
    return next_close(bars) + min(GRACE, pd.Timedelta(max(60, seconds(bars.timeframe)), "s"))


def _levels(profile: Profile, done: Shadowed, side: int) -> dict[str, float | None]:
    """Stop, target and trailing stop as fractions, and as prices of a position that is open."""
    if done.run.decided_left is not None:
        return _order_levels(done, side)
    names = ("stop_loss", "take_profit", "trailing_stop")
    fractions = {name: profile.optional(name) if side else None for name in names}
    held = done.run.position
    levels: dict[str, float | None] = {f"{name}_fraction": fractions[name] for name in names}
    levels |= dict.fromkeys((*names, "entry_price"))
    if side and held is not None and int(held["side"]) == side:
        entry = float(held["entry_price"])
        best = _best(done, held)
        levels["entry_price"] = entry
        signs = {"stop_loss": -side, "take_profit": side, "trailing_stop": -side}
        for name, sign in signs.items():
            if (fraction := fractions[name]) is not None:
                base = best if name == "trailing_stop" else entry
                levels[name] = base * (1 + sign * float(fraction))
    return levels


def _order_levels(done: Shadowed, side: int) -> dict[str, float | None]:
    """Levels as the order engine has them: the nearest stop and target, whatever set them.

    The fractions are distances from the entry; they tell the levels of what is not filled yet.
    """
    names = ("stop_loss", "take_profit", "trailing_stop")
    levels: dict[str, float | None] = dict.fromkeys((*(f"{n}_fraction" for n in names), *names))
    levels["entry_price"] = None
    decided, held, after = done.run.decided, done.run.position, done.run.decided_left
    if not side or decided is None or after is None:
        return levels
    entry = float(decided["entry_price"])
    for name, price in (("stop_loss", after.stop), ("take_profit", after.target)):
        if not math.isnan(price):
            levels[f"{name}_fraction"] = abs(price / entry - 1)
    before = done.run.left
    if held is not None and before is not None and int(held["side"]) == side:
        levels["entry_price"] = float(held["entry_price"])
        for name, price in (("stop_loss", before.stop), ("take_profit", before.target)):
            levels[name] = None if math.isnan(price) else price
    return levels


def _best(done: Shadowed, held: pd.Series) -> float:
    """The best price since the entry, from which a trailing stop hangs."""
    since = done.bars.frame.loc[held["entry_time"] :]
    extreme: Floats = since["high" if held["side"] > 0 else "low"].to_numpy()
    best = extreme.max() if held["side"] > 0 else extreme.min()
    entry = float(held["entry_price"])
    return max(entry, float(best)) if held["side"] > 0 else min(entry, float(best))
