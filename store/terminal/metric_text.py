"""Metrics and parameters as text for a terminal: headings, cells, numbers by themselves."""

import math
from collections.abc import Mapping

from store.runs.by_configuration import TEST
from store.runs.columns import HEADINGS, PERCENT, UNITS
from store.runs.complexity_penalty import PENALISED

EXACT = 2.0**53
"""Whole numbers below it are shown with all their digits."""

LABELS = {**HEADINGS, "direction": "side"}
"""Headings of columns whose name is not their heading."""


def label(metric: str) -> str:
    """Heading of a metric's column, with its unit.

    `test_sharpe` is that of test windows, `penalised_sharpe` what a penalty leaves of it.
    """
    for prefix, words in ((TEST, "test"), (PENALISED, "penalised")):
        if metric.startswith(prefix):
            return f"{words} {label(metric.removeprefix(prefix))}"
    unit = UNITS.get(metric, "%" if metric in PERCENT else "")
    return f"{LABELS.get(metric, metric.replace('_', ' '))} {unit}".rstrip()


def cell(metric: str, value: float | None) -> str:
    """A metric as its column shows it; a dash where it is NaN or was not computed."""
    if value is None or math.isnan(value):
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    name = metric.removeprefix(TEST).removeprefix(PENALISED)
    if name == "final_equity":
        return f"{value:,.0f}"
    return f"{100 * value:,.1f}" if name in PERCENT else f"{value:,.2f}"


def params_text(params: Mapping[str, object]) -> str:
    """Parameters as one column shows them: `fast=20 slow=50`."""
    return " ".join(f"{name}={number_text(value)}" for name, value in params.items())


def number_text(value: object) -> str:
    """A parameter, setting or word by itself: 20, 0.015, 1000000000, next_open; off for NaN."""
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "off"
    return f"{value:.0f}" if value.is_integer() and abs(value) < EXACT else f"{value:.6g}"


def rate_text(rate: float) -> str:
    """Whole runs a second, below ten with two digits: `1,605`, `0.62`."""
    return f"{rate:,.0f}" if rate >= 10 or rate <= 0 else f"{rate:.2g}"
