"""Alert bands without gaps: ok, warn, critical, and unknown while the error is too wide to tell.

The bands of a metric meet: a value is in exactly one. It is `unknown` while the standard error is
wider than half a band: a Sharpe ratio of 30 days has an error of 3.5.
"""

import math
from dataclasses import dataclass

from scipy.special import ndtr

OK, WARN, CRITICAL, UNKNOWN = "ok", "warn", "critical", "unknown"


@dataclass(frozen=True)
class Band:
    """The bands of one metric.

    Attributes:
        metric: its name.
        warn: beyond it, `warn`; at it, still `ok`.
        critical: beyond it, `critical`; at it, still `warn`.
        higher_is_better: which side is beyond.
    """

    metric: str
    warn: float
    critical: float
    higher_is_better: bool = True


REFERENCE = (
    Band("win_rate", 0.55, 0.45),
    Band("sharpe", 1.5, 0.5),
    Band("max_drawdown", 0.10, 0.15, higher_is_better=False),
    Band("model_accuracy", 0.60, 0.55),
)
"""The references' table, its gaps closed: between ok and warn it said nothing."""


def band_of(band: Band, value: float | None, error: float | None) -> str:
    """The band that a value is in.

    Args:
        band: of its metric.
        value: None or NaN: not known.
        error: standard error of the value; None or NaN: not known either.
    """
    if value is None or error is None or not (math.isfinite(value) and math.isfinite(error)):
        return UNKNOWN
    if error > abs(band.warn - band.critical) / 2:
        return UNKNOWN
    sign = 1 if band.higher_is_better else -1
    if sign * value >= sign * band.warn:
        return OK
    return WARN if sign * value >= sign * band.critical else CRITICAL


def honest_share(band: Band, true: float, error: float) -> float:
    """Share of profiles with a true value that are called critical at this standard error."""
    sign = 1 if band.higher_is_better else -1
    return float(ndtr(sign * (band.critical - true) / error)) if error > 0 else 0.0


def row(band: Band, value: float | None, error: float | None, true: float) -> dict[str, object]:
    """One line of the table, with the share of honest profiles that its critical band alarms."""
    recorded = error is not None and math.isfinite(error)
    return {
        "metric": band.metric,
        "value": value if value is None or math.isfinite(value) else None,
        "error": error if recorded else None,
        "band": band_of(band, value, error),
        "alarms_honest": honest_share(band, true, error)
        if recorded and error is not None
        else None,
    }
