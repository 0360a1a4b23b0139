"""Numbers of settings by their key in the config, and the fields of `kernels.Settings` they set.

The six of `ALWAYS` belong to every configuration. Each other one belongs to a configuration only
where it is set to something that has an effect, so that what came before it keeps its hash.
"""

import math
from collections.abc import Mapping
from typing import Any

ALWAYS = (
    "risk.stop_loss",
    "risk.take_profit",
    "risk.trailing_stop",
    "risk.risk_fraction",
    "costs.commission",
    "costs.slippage",
)

IDLE: Mapping[str, float] = {
    "risk.atr_length": 14.0,
    "risk.break_even": math.nan,
    "risk.trail_after": math.nan,
    "risk.max_bars": math.nan,
    "risk.cooldown": math.nan,
    "risk.scale_out_at": math.nan,
    "risk.scale_out_part": math.nan,
    "risk.pyramiding": math.nan,
    "risk.add_at": math.nan,
    "fill.entry_distance": math.nan,
    "fill.entry_valid": 1.0,
    "size.value": math.nan,
    "size.lot": math.nan,
    "size.min_notional": math.nan,
    "size.vol_target": math.nan,
    "size.vol_length": 20.0,
    "size.leverage": 1.0,
    "size.maintenance_margin": math.nan,
    "size.no_trade_band": 0.0,
    "costs.minimum": 0.0,
    "costs.per_share": 0.0,
    "costs.fixed": 0.0,
    "costs.maker": math.nan,
    "costs.borrow_rate": 0.0,
    "costs.cash_rate": 0.0,
}
"""The value of each that has no effect; NaN is off."""

NUMBERS = (*ALWAYS, *IDLE)
"""Keys of all settings that are numbers of a configuration."""

WHOLE = (
    "risk.atr_length",
    "risk.max_bars",
    "risk.cooldown",
    "risk.pyramiding",
    "fill.entry_valid",
    "size.vol_length",
)
"""Those that take whole numbers."""

OPTIONAL = (*ALWAYS[:4], *(key for key, idle in IDLE.items() if math.isnan(idle)))
"""Those that null switches off."""

WORDS: Mapping[str, object] = {
    "risk_unit": "fraction",
    "session_flat": False,
    "entry": "market",
    "limit_fill": "through",
    "size": "all_in",
    "funding": None,
    "target_first": False,
}
"""Fields that are no numbers, with the value that has no effect."""

_RENAMED = {
    "risk.unit": "risk_unit",
    "fill.when": "fill",
    "size.kind": "size",
    "size.value": "size_value",
    "costs.minimum": "commission_minimum",
    "costs.per_share": "commission_per_share",
    "costs.fixed": "commission_fixed",
    "costs.maker": "maker_commission",
}


def field_of(key: str) -> str:
    """Field of `kernels.Settings` that a key of the config sets."""
    return _RENAMED.get(key) or key.partition(".")[2]


KEY_OF = {field_of(key): key for key in (*NUMBERS, *_RENAMED)}
KEY_OF |= {field_of(key): key for key in ("risk.session_flat", "fill.entry", "fill.limit_fill")}
KEY_OF |= {"funding": "costs.funding"}
"""Key of the config that sets a field."""


def idle(key: str, value: float) -> bool:
    """A number that has no effect, so that no hash covers it."""
    unset = IDLE.get(key)
    return unset is not None and (value == unset or (math.isnan(unset) and math.isnan(value)))


def without_idle(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of settings without the words that have no effect."""
    return {
        name: value for name, value in settings.items() if name not in WORDS or value != WORDS[name]
    }
