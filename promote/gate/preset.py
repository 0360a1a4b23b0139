"""Which checks decide, and their limits: a file of conf/gate, changed by the command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from promote.gate import checks as gate
from store.files.paths import check_name

FOLDER = Path(__file__).resolve().parents[2] / "conf" / "gate"
SECTIONS = ("checks", "with_baseline", "warnings")

Limits = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Preset:
    """The limits of a gate, by check.

    Attributes:
        name: of its file.
        checks: all of these have to pass.
        with_baseline: these, too, when there is a baseline to beat.
        warnings: said, but they stop nothing.
        changed: what was asked for instead of the file's limits; None took a check out.
    """

    name: str
    checks: Limits
    with_baseline: Limits = field(default_factory=dict)
    warnings: Limits = field(default_factory=dict)
    changed: Mapping[str, float | None] = field(default_factory=dict)

    def change(self, limits: Mapping[str, float | None]) -> "Preset":
        """The preset with other limits: each where the check stands, a new one among `checks`.

        Args:
            limits: by check; None takes it out.

        Raises:
            ValueError: there is no such check.
        """
        sections: dict[str, dict[str, float]] = {
            section: dict(getattr(self, section)) for section in SECTIONS
        }
        for name, limit in limits.items():
            gate.load(name)
            place = next((s for s in SECTIONS if name in sections[s]), "checks")
            if limit is None:
                sections[place].pop(name, None)
            else:
                sections[place][name] = limit
        return Preset(self.name, **sections, changed={**self.changed, **limits})

    def warn_only(self, name: str) -> "Preset":
        """The preset with one of its checks among the warnings."""
        kept = {check: limit for check, limit in self.checks.items() if check != name}
        moved = {check: limit for check, limit in self.checks.items() if check == name}
        return replace(self, checks=kept, warnings={**self.warnings, **moved})


def names() -> tuple[str, ...]:
    """The presets there are, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def load(name: str) -> Preset:
    """A preset of conf/gate, or a YAML file of your own by its path, which ends in .yaml.

    Raises:
        ValueError: there is none, or it is not one: one line that says why.
    """
    path = Path(name) if name.endswith(".yaml") else FOLDER / f"{check_name(name, 'gate')}.yaml"
    try:
        text = path.read_text()
    except FileNotFoundError:
        raise ValueError(
            f"gate: no preset {name}; there are {', '.join(names())}, or the path of a .yaml file"
        ) from None
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict) or not values.get("checks"):
        raise ValueError(f"{path}: needs a section `checks` with at least one check and its limit")
    if unknown := sorted(set(map(str, values)) - set(SECTIONS)):
        raise ValueError(f"{path}: has no section {unknown[0]!r}; it has {', '.join(SECTIONS)}")
    return Preset(path.stem, **{s: _limits(path, s, values.get(s)) for s in SECTIONS})


def _limits(path: Path, section: str, values: Any) -> Limits:
    """A section's limits by check."""
    limits: dict[str, float] = {}
    for name, limit in (values or {}).items():
        gate.load(str(name))
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not isfinite(limit):
            raise ValueError(f"{path}: {section}.{name}: a limit is a number, got {limit!r}")
        limits[str(name)] = float(limit)
    return limits
