"""The same sweep on shuffled bars seldom finds as good a best."""

from promote.gate.verdict import Verdict


def check(permutation_p: float, permutations: float, limit: float) -> Verdict:
    """Judge the best of a sweep by sweeps of bars without any order.

    Args:
        permutation_p: share of the shuffled series on which the best Sharpe ratio is as high.
        permutations: how many there were.
        limit: the highest that passes.
    """
    text = f"how often {permutations:,.0f} sweeps of shuffled bars find as good a best"
    passed = permutation_p <= limit
    return Verdict("permutation", passed, permutation_p, limit, "chance of luck", text)
