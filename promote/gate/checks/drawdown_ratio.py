"""Drawdown is no deeper than volatility explains: losses did not come in a row."""

from promote.gate.verdict import Verdict


def check(max_drawdown: float, volatility: float, limit: float) -> Verdict:
    """Judge a drawdown by the volatility.

    Args:
        max_drawdown: the deepest fall, a positive fraction of the peak before it.
        volatility: annual, a fraction.
        limit: how many times the volatility the drawdown may be.
    """
    ratio = max_drawdown / volatility if volatility > 0 else float("nan")
    text = (
        f"at worst {100 * max_drawdown:.1f} % below its own peak, "
        f"at a volatility of {100 * volatility:.1f} % a year"
    )
    return Verdict("drawdown_ratio", ratio <= limit, ratio, limit, "annual volatilities", text)
