"""Statistics, gate, profiles. Reads the store; re-runs one backtest; never a live sweep.

Its public names stand here, and are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promote.gate.judge import Judgement, judge
    from promote.profiles.profile import Profile

_HOMES = {
    "Judgement": "promote.gate.judge",
    "Profile": "promote.profiles.profile",
    "judge": "promote.gate.judge",
}
"""Module of each public name."""

__all__ = ["Judgement", "Profile", "judge"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'promote' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
