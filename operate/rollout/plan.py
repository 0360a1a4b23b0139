"""Plan of a rollout: stages with their capital, least days and least trades, as YAML."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent.parent / "conf" / "rollout"
KEYS = ("description", "days", "patience", "records_age_bars", "on_expiry", "on_shortfall",
        "stages")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage.

    Attributes:
        name: of the stage.
        capital: share of the money, 0 to 1.
        days: that it lasts at least.
        trades: closed in it at least.
    """

    name: str
    capital: float
    days: float
    trades: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All stages, the last one full capital.

    Attributes:
        name: of the plan.
        stages: in order; capital never falls.
        days: `trading` or `calendar`.
        patience: days beyond a stage's least after which an inconclusive monitor alerts.
        records_age_bars: bars that live records may be old.
        on_expiry: `flat` or `keep`: what a bot does that reads an expired target.
        on_shortfall: `rollback` or `hold`: what follows when the shortfall line is crossed.
        description: in words.
    """

    name: str
    stages: tuple[Stage, ...]
    days: str = "trading"
    patience: float = 63
    records_age_bars: float = 2
    on_expiry: str = "flat"
    on_shortfall: str = "rollback"
    description: str = ""

    def rules(self) -> dict[str, Any]:
        """All but name and stages, as JSON types."""
        return {key: value for key, value in asdict(self).items() if key not in ("name", "stages")}


def names() -> list[str]:
    """Plans there are: the files of conf/rollout."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Plan:
    """The plan of a name, or of the path of a YAML file.

    Raises:
        ValueError: there is none, or the file is no plan: which key, value and what to change.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise ValueError(
            f"plan {name}: there is none; use {', '.join(names())}, or the path of a .yaml file"
        ) from None
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None


@lru_cache(maxsize=64)
def _parsed(path: Path, changed: int) -> Plan:
    """The plan of a file as it was when it was last changed."""
    del changed
    return of_mapping(yaml.safe_load(path.read_text()), path.stem, str(path))


def of_mapping(values: object, name: str, what: str) -> Plan:
    """A plan from the keys of its file."""
    if not isinstance(values, Mapping) or not isinstance(values.get("stages"), list):
        raise ValueError(f"{what}: needs a list of stages")
    if unknown := sorted(set(map(str, values)) - set(KEYS) - {"name"}):
        raise ValueError(f"{what}: has no key {unknown[0]!r}; it has {', '.join(KEYS)}")
    stages = tuple(_stage(each, f"{what}: stage {k}") for k, each in enumerate(values["stages"], 1))
    own = {key: values[key] for key in KEYS if key != "stages" and key in values}
    plan = Plan(name=name, stages=stages, **own)
    _check(plan, what)
    return plan


def _stage(values: Any, what: str) -> Stage:
    try:
        stage = Stage(
            str(values["name"]),
            float(values["capital"]),
            float(values["days"]),
            int(values["trades"]),
        )
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"{what}: needs name, capital, days and trades ({error})") from None
    if not (0 <= stage.capital <= 1 and stage.days >= 0 and stage.trades >= 0):
        raise ValueError(f"{what}: capital is 0 to 1, days and trades 0 or more, got {values}")
    return stage


def _check(plan: Plan, what: str) -> None:
    shares = [stage.capital for stage in plan.stages]
    if len(shares) < 2 or shares != sorted(shares) or shares[-1] != 1:
        raise ValueError(f"{what}: capital has to rise to 1 over two stages or more, got {shares}")
    if len({stage.name for stage in plan.stages}) < len(shares):
        raise ValueError(f"{what}: two stages have one name")
    words = {
        "days": (plan.days, ("trading", "calendar")),
        "on_expiry": (plan.on_expiry, ("flat", "keep")),
        "on_shortfall": (plan.on_shortfall, ("rollback", "hold")),
    }
    for key, (value, allowed) in words.items():
        if value not in allowed:
            raise ValueError(f"{what}: {key} is {' or '.join(allowed)}, got {value!r}")
