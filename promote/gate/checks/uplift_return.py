"""Total return is clearly higher than the baseline's."""

from promote.gate.verdict import Verdict


def check(total_return: float, baseline_return: float, limit: float) -> Verdict:
    """Judge a gain in return.

    Args:
        total_return: fraction of the initial capital.
        baseline_return: the same, on the same bars.
        limit: the difference that passes.
    """
    gain = total_return - baseline_return
    text = f"{100 * total_return:,.1f} %, the baseline {100 * baseline_return:,.1f} %"
    return Verdict("uplift_return", gain >= limit, gain, limit, "of capital", text)
