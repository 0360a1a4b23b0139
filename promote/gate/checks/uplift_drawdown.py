"""Drawdown is not much deeper than the baseline's."""

from promote.gate.verdict import Verdict


def check(max_drawdown: float, baseline_drawdown: float, limit: float) -> Verdict:
    """Judge what a gain costs.

    Args:
        max_drawdown: positive fraction of the peak.
        baseline_drawdown: the same, on the same bars.
        limit: share by which it may be deeper.
    """
    deeper = max_drawdown / baseline_drawdown - 1 if baseline_drawdown > 0 else float("nan")
    text = f"{100 * max_drawdown:.1f} % of peak, the baseline {100 * baseline_drawdown:.1f} %"
    return Verdict("uplift_drawdown", deeper <= limit, deeper, limit, "deeper", text)
