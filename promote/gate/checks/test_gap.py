"""On the sweep's own test window it is not clearly worse than where it was chosen."""

from promote.gate.verdict import Verdict


def check(test_gap: float, test_sharpe: float, sharpe: float, limit: float) -> Verdict:
    """Judge what became of a choice.

    Args:
        test_gap: Sharpe ratio where it was chosen minus that on the test window, in standard
            errors of the difference.
        test_sharpe: annual, on the test window.
        sharpe: annual, where it was chosen.
        limit: the widest gap that passes.
    """
    text = f"a Sharpe ratio of {sharpe:.2f} where it was chosen, {test_sharpe:.2f} on test"
    return Verdict("test_gap", test_gap <= limit, test_gap, limit, "standard errors", text)
