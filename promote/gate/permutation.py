"""The same sweep on shuffled bars seldom finds as good a best."""

from promote.verdict import Verdict


def check(permutation_p: float, permutations: float, limit: float) -> Verdict:
    """Judge the best of a sweep by sweeps of bars without any order.

    Args:
        permutation_p: share of the shuffled series on which the best Sharpe ratio is as high.
        permutations: how many there were.
        limit: the highest that passes.
    """
    said = f"of {permutations:,.0f} sweeps of shuffled bars, this share found as good a best"
    return Verdict("permutation", permutation_p <= limit, permutation_p, limit, "chance", said)
