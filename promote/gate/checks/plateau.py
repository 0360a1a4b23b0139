"""The neighbours do about as well: a plateau, not a needle."""

from promote.gate.verdict import Verdict


def check(plateau_score: float, limit: float) -> Verdict:
    """Judge a configuration's neighbourhood.

    Args:
        plateau_score: median Sharpe ratio of the neighbourhood over its own; see
            `store.analysis.neighbourhoods`.
        limit: what it has to reach.
    """
    text = "the share of its Sharpe ratio that its neighbours have, at the median"
    passed = plateau_score >= limit
    return Verdict("plateau", passed, plateau_score, limit, "of its Sharpe ratio", text)
