"""The Sharpe ratio is clearly higher than the baseline's."""

from promote.gate.verdict import Verdict


def check(sharpe: float, baseline_sharpe: float, limit: float) -> Verdict:
    """Judge a gain in Sharpe ratio.

    Args:
        sharpe: annual.
        baseline_sharpe: annual, on the same bars.
        limit: the difference that passes.
    """
    gain = sharpe - baseline_sharpe
    text = f"{sharpe:.2f} a year, the baseline {baseline_sharpe:.2f}"
    return Verdict("uplift_sharpe", gain >= limit, gain, limit, "a year", text)
