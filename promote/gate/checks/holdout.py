"""The Sharpe ratio on the newest bars, which no sweep has read, is above the limit."""

from promote.gate.verdict import Verdict


def check(holdout_sharpe: float, limit: float) -> Verdict:
    """Judge what nobody could choose by.

    Args:
        holdout_sharpe: annual, on the holdout.
        limit: what it has to be above.
    """
    said = f"a Sharpe ratio of {holdout_sharpe:.2f} on bars that no sweep has read"
    passed = holdout_sharpe > limit
    return Verdict("holdout", passed, holdout_sharpe, limit, "a year", said)
