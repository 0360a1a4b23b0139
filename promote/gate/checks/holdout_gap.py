"""On the newest bars, which no sweep has read, it is not clearly worse than before."""

from promote.gate.verdict import Verdict


def check(holdout_gap: float, holdout_sharpe: float, sharpe: float, limit: float) -> Verdict:
    """Judge a decay.

    Args:
        holdout_gap: Sharpe ratio of the judged window minus that of the holdout, in standard
            errors of the difference.
        holdout_sharpe: annual, on the holdout.
        sharpe: annual, on the judged window.
        limit: the widest gap that passes.
    """
    text = f"a Sharpe ratio of {sharpe:.2f} before the holdout, {holdout_sharpe:.2f} in it"
    return Verdict("holdout_gap", holdout_gap <= limit, holdout_gap, limit, "standard errors", text)
