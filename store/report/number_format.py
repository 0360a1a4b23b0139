"""Numbers as people read them."""

import math

from store.runs.by_configuration import TEST
from store.runs.columns import PERCENT

DASH, MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"
WHOLE = {"trades", "winning_trades", "losing_trades", "final_equity"}
SHORT = {
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "calmar": "Calmar",
    "annual_return": "return p.a.",
    "max_drawdown": "max drawdown",
    "total_return": "total return",
    "win_rate": "win rate",
    "profit_factor": "profit factor",
    "final_equity": "final equity",
}


def metric_text(name: str, value: float) -> str:
    """A metric in its unit: 12.3 %, 0.71, 1,234; a dash when it is NaN."""
    if math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if name.removeprefix(TEST) in PERCENT:
        return f"{percent_text(value)} %"
    return _signed(f"{value:,.0f}" if name.removeprefix(TEST) in WHOLE else f"{value:,.2f}")


def percent_text(value: float) -> str:
    """A fraction in percent, without the sign of it: 12.3."""
    return _signed(f"{100 * value:,.1f}")


def metric_label(name: str) -> str:
    """A metric's name for a heading."""
    if name.startswith(TEST):
        return f"test {metric_label(name.removeprefix(TEST))}"
    return SHORT.get(name, name.replace("_", " "))


def axis_format(name: str) -> str:
    """The d3 format of a metric on an axis."""
    return ".0%" if name in PERCENT else "~s" if name in WHOLE else ".2~f"


def param_text(value: float) -> str:
    """A parameter: 20, 0.015; off when it is NaN. Six digits are enough to tell two apart."""
    if math.isnan(value):
        return "off"
    return _signed(f"{value:.6g}")


def count_text(value: int) -> str:
    """A count with thousands apart."""
    return f"{value:,}"


def share_text(value: float) -> str:
    """A share of one in percent without decimals: 62 %, a dash when it is NaN."""
    return DASH if math.isnan(value) else f"{100 * value:.0f} %"


def duration_text(seconds: float) -> str:
    """A length of time: 0.4 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 90:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _signed(text: str) -> str:
    """A true minus sign, and none before a zero."""
    if text.startswith("-") and not text.strip("-0.,"):
        return text[1:]
    return text.replace("-", MINUS, 1) if text.startswith("-") else text
