"""Sections of the config that say how positions are entered, sized, left and paid for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Any

from kernels.engine.order_settings import COMMISSION, SLIPPAGE


@dataclass
class RiskConfig:
    """Exits and sizing; None is off. Distances are fractions, or average true ranges."""

    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    risk_fraction: float | None = None
    unit: str = "fraction"
    atr_length: float = 14.0
    break_even: float | None = None
    trail_after: float | None = None
    max_bars: float | None = None
    session_flat: bool = False
    cooldown: float | None = None
    scale_out_at: float | None = None
    scale_out_part: float | None = None
    pyramiding: float | None = None
    add_at: float | None = None


@dataclass
class CostsConfig:
    """Commission and slippage are fractions of the traded notional, per side."""

    commission: float = COMMISSION
    slippage: float = SLIPPAGE
    minimum: float = 0.0
    per_share: float = 0.0
    fixed: float = 0.0
    maker: float | None = None
    borrow_rate: float = 0.0
    cash_rate: float = 0.0
    funding: str | None = None


@dataclass
class SizeConfig:
    """Size of a position."""

    kind: str = "all_in"
    value: float | None = None
    lot: float | None = None
    min_notional: float | None = None
    vol_target: float | None = None
    vol_length: float = 20.0
    leverage: float = 1.0
    maintenance_margin: float | None = None
    no_trade_band: float = 0.0


@dataclass(frozen=True)
class FillConfig:
    """When and at what price an entry fills. `fill=WORD` is short for `fill.when=WORD`."""

    when: str = "next_open"
    entry: str = "market"
    entry_distance: float | None = None
    entry_valid: float = 1.0
    limit_fill: str = "through"

    @classmethod
    def of(cls, given: Any) -> "FillConfig":
        """The section from a mapping, or from its `when` alone.

        Raises:
            ValueError: a key that it does not have, or a value of another type.
        """
        if isinstance(given, cls):
            return given
        if not isinstance(given, dict):
            return cls(when=given)
        usual = asdict(cls())
        for key in given:
            if key not in usual:
                near = get_close_matches(str(key), usual, n=1)
                hint = f"did you mean fill.{near[0]}?" if near else "there are "
                names = "" if near else ", ".join(usual)
                raise ValueError(f"fill.{key}: there is no such key; {hint}{names}")
        for key in ("entry_distance", "entry_valid"):
            value = given.get(key)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not number:
                raise ValueError(f"fill.{key}: must be a number or null, got {value!r}")
        return cls(**given)

    def record(self) -> object:
        """Record of the fill: the word alone where nothing else is set."""
        return self.when if self == FillConfig(when=self.when) else asdict(self)


USUAL = {
    "risk": ("stop_loss", "take_profit", "trailing_stop", "risk_fraction"),
    "costs": ("commission", "slippage"),
    "size": (),
}
"""Keys of each section that a record always has."""


def brief(section: str, values: dict[str, object]) -> dict[str, object]:
    """A section as a record keeps it: its usual keys, and what is set to something else."""
    kinds = {"risk": RiskConfig, "costs": CostsConfig, "size": SizeConfig}
    unset = {part.name: part.default for part in fields(kinds[section])}
    usual = USUAL[section]
    return {key: v for key, v in values.items() if key in usual or v != unset[key]}


def spelled_out(words: Sequence[str]) -> list[str]:
    """Overrides in which each key has one value.

    `fill=WORD` is `fill.when=WORD` where other keys of the section are set, and a commission of
    several parts, `costs.commission={rate: 0.001, minimum: 1}`, one override for each part.

    Raises:
        ValueError: one line: a part that a commission does not have, or that is no number.
    """
    apart = [part for word in words for part in _commission_apart(word)]
    if not any(word.lstrip("+").startswith("fill.") for word in apart):
        return apart
    return [
        f"fill.when={word[5:]}" if word.startswith("fill=") and "{" not in word else word
        for word in apart
    ]


COMMISSION_PARTS = {
    "rate": "costs.commission",
    "minimum": "costs.minimum",
    "per_share": "costs.per_share",
    "fixed": "costs.fixed",
}
"""Parts of a commission, and the key of each."""


def _commission_apart(word: str) -> list[str]:
    """An override of a commission of several parts as one of each; another one as it is."""
    key, _, value = word.lstrip("+").partition("=")
    if key != "costs.commission" or not (value.startswith("{") and value.endswith("}")):
        return [word]
    if not value[1:-1].strip():
        raise ValueError(
            f"costs.commission: must be a number, or have {', '.join(COMMISSION_PARTS)}"
        )
    return [_part_of_commission(part) for part in value[1:-1].split(",")]


def _part_of_commission(part: str) -> str:
    name, _, value = (text.strip() for text in part.partition(":"))
    if name not in COMMISSION_PARTS:
        raise ValueError(
            f"costs.commission.{name}: there is no such key; a commission has "
            f"{', '.join(COMMISSION_PARTS)}"
        )
    try:
        float(value)
    except ValueError:
        raise ValueError(
            f"costs.commission.{name}: must be a number, got {value!r}; to sweep it write "
            f"{COMMISSION_PARTS[name]}=VALUE,VALUE"
        ) from None
    return f"{COMMISSION_PARTS[name]}={value}"
