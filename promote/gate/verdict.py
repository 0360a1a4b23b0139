"""Verdict of a check of the gate: one line that explains itself."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the gate's report.

    Attributes:
        check: its name.
        passed: whether the observed value keeps the limit; a check that could not run has not.
        observed: what was found; NaN when it is not known.
        limit: in the same unit; NaN when it is not known.
        unit: of both, as it stands behind the number: `of peak`, `a year`, `trades`.
        reason: one sentence, for a person, on what was found.
        warning: whether a failure is only a warning, and promotes all the same.
    """

    check: str
    passed: bool
    observed: float
    limit: float
    unit: str
    reason: str
    warning: bool = False

    @property
    def blocks(self) -> bool:
        """True when the verdict stops a promotion."""
        return not (self.passed or self.warning)

    @property
    def word(self) -> str:
        """`pass`, `WARN` or `FAIL`."""
        if self.passed:
            return "pass"
        return "WARN" if self.warning else "FAIL"

    def __str__(self) -> str:
        text = f"{number(self.observed)} {self.unit}".rstrip()
        return f"{self.word} {self.check}: {text} (limit {number(self.limit)})"


class Absent(ValueError):
    """There is nothing to look at, by the user's own choice: a warning then says nothing."""


def not_run(check: str, limit: float, reason: str) -> Verdict:
    """The verdict of a check without a result: it has not passed."""
    return Verdict(check, False, math.nan, limit, "", reason)


def number(value: float) -> str:
    """A number to 4 digits; `unknown` for NaN."""
    return "unknown" if math.isnan(value) else f"{value:.4g}"
