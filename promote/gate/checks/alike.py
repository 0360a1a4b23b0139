"""The configurations differ: where all are alike, the sweep has not found anything to choose."""

from promote.gate.verdict import Verdict


def check(sharpe_spread: float, limit: float) -> Verdict:
    """Judge how much the parameters matter.

    Args:
        sharpe_spread: from the 5 % to the 95 % quantile of the annual Sharpe ratios.
        limit: what it has to reach.
    """
    text = f"nine in ten of the configurations lie within {sharpe_spread:.2f} of each other"
    return Verdict("alike", sharpe_spread >= limit, sharpe_spread, limit, "a year", text)
