"""A monitor's verdict: one of three values, and what it is worth."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASS, FAIL, INCONCLUSIVE = "pass", "fail", "inconclusive"
MONITORS = ("fidelity", "costs", "shortfall", "loss_budget", "decay")


@dataclass(frozen=True)
class Verdict:
    """One monitor's word.

    Attributes:
        verdict: pass, fail or inconclusive.
        reason: why, in a sentence.
        n: fills or bars that it has looked at.
        false_alarm: chance of a fail although all is as promised; per year where it is a rate.
        power: chance to have failed by now where there is no edge, or the named fault; None where
            it is not known.
        facts: numbers of this monitor.
    """

    verdict: str
    reason: str
    n: int
    false_alarm: float
    power: float | None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As JSON types; what is not finite is null."""
        own = {
            "verdict": self.verdict,
            "reason": self.reason,
            "n": self.n,
            "false_alarm": self.false_alarm,
            "power": self.power,
        }
        values = own | {k: v for k, v in self.facts.items() if k not in own}
        return {name: _plain(value) for name, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value
