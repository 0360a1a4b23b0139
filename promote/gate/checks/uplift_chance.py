"""That it beats the baseline is no luck: their returns are compared bar by bar."""

from promote.gate.verdict import Verdict


def check(uplift_p: float, limit: float) -> Verdict:
    """Judge the difference of two Sharpe ratios on the same bars.

    Args:
        uplift_p: chance of as large a difference without any, by a paired bootstrap.
        limit: the highest that passes.
    """
    text = "how often luck shows as large a gain in Sharpe ratio where there is none"
    return Verdict("uplift_chance", uplift_p <= limit, uplift_p, limit, "chance of luck", text)
