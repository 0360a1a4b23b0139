"""Findings: what an analysis shows to be worse than expected, beyond luck, by priority."""

import math
from dataclasses import asdict, dataclass

from scipy.special import ndtr

from operate.cycle.analyse import Number
from operate.monitors.verdict import FAIL
from operate.monitors.watch import Watch

LOWER_IS_BETTER = ("drawdown", "cost", "Brier", "log loss")


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        priority: 1 is the highest.
        name: of the number or monitor.
        n: trades, bars or predictions.
        value: found.
        expected: of the backtest or the base rate.
        low: of the 95 % interval of `value`.
        high: of the interval.
        luck: chance that luck alone makes it as bad.
        starts: it starts an improvement; inside its interval nothing does.
        said: in words.
    """

    priority: int
    name: str
    n: int
    value: float
    expected: float
    low: float
    high: float
    luck: float
    starts: bool
    sentence: str

    def row(self) -> dict[str, object]:
        """As JSON types; what is not finite is null."""
        return {k: None if isinstance(v, float) and not math.isfinite(v) else v
                for k, v in asdict(self).items()}  # fmt: skip


def identify(numbers: list[Number], watch: Watch) -> list[Finding]:
    """Findings, the most urgent first; failed monitors before numbers."""
    result = []
    for name, verdict in watch.verdicts.items():
        if verdict.verdict == FAIL:
            result.append(Finding(1, name, verdict.n, math.nan, math.nan, math.nan, math.nan,
                                 verdict.false_alarm, name in ("decay", "shortfall"),
                                 f"{name} has failed: {verdict.reason}"))  # fmt: skip
    for number in numbers:
        result += _of_number(number)
    return sorted(result, key=lambda each: (each.priority, each.luck, each.name))


def _of_number(number: Number) -> list[Finding]:
    if not (math.isfinite(number.value) and math.isfinite(number.expected)):
        return []
    lower = any(word in number.name for word in LOWER_IS_BETTER)
    gap = (number.expected - number.value) * (-1 if lower else 1)
    if gap <= 0 or not number.error > 0:
        return []
    luck = float(ndtr(-gap / number.error))
    inside = number.low <= number.expected <= number.high
    if "drawdown" in number.name:
        inside = number.value <= number.high
    sentence = (
        f"{number.name} is {number.value:.3g}, expected {number.expected:.3g} "
        f"({number.low:.3g} to {number.high:.3g}, n {number.n}); could be luck: p {luck:.2f}"
    )
    priority = 3 if inside else 2
    return [Finding(priority, number.name, number.n, number.value, number.expected, number.low,
                    number.high, luck, not inside, sentence)]  # fmt: skip
