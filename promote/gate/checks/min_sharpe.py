"""The Sharpe ratio is worth the trouble, costs included."""

from promote.gate.verdict import Verdict


def check(sharpe: float, limit: float) -> Verdict:
    """Judge a Sharpe ratio.

    Args:
        sharpe: annual, above the risk-free rate of the settings.
        limit: what it has to reach.
    """
    text = f"the mean return is {sharpe:.2f} times the volatility, a year"
    return Verdict("min_sharpe", sharpe >= limit, sharpe, limit, "a year", text)
