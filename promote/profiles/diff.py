"""Differences of two versions of profiles: old -> new, number by number."""

import math
from collections.abc import Mapping

from promote.profiles.profile import Profile

Changes = dict[str, list[object]]
"""[old, new] by name; None where one of them has no such value, or where it is off."""

SECTIONS = ("strategy", "params", "settings", "data", "window", "metrics")


def param_changes(old: Profile | None, new: Profile) -> Changes:
    """Strategy, params and settings that change; against nothing, all params are new."""
    if old is None:
        return _changes({}, new.params)
    return {
        **_changes({"strategy": old.strategy["name"]}, {"strategy": new.strategy["name"]}),
        **_changes(old.params, new.params),
        **_changes(old.settings, new.settings),
    }


def profile_changes(old: Profile, new: Profile) -> dict[str, Changes]:
    """Everything that makes two profiles run differently, and what came of it, by section."""
    parts = {
        section: _changes(getattr(old, section), getattr(new, section)) for section in SECTIONS
    }
    words = ("symbol", "timeframe", "fingerprint")
    parts["data"] |= _changes(*({w: getattr(profile, w) for w in words} for profile in (old, new)))
    return {section: changes for section, changes in parts.items() if changes}


def _changes(old: Mapping[str, object], new: Mapping[str, object]) -> Changes:
    names = dict.fromkeys([*old, *new])
    pairs = {name: [old.get(name), new.get(name)] for name in names}
    return {name: pair for name, pair in pairs.items() if not same(*pair)}


def same(first: object, other: object) -> bool:
    """True when two values are the same to the last bit; NaN is NaN."""
    if isinstance(first, float) and isinstance(other, float) and math.isnan(first):
        return math.isnan(other)
    return bool(first == other)
