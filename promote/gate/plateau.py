"""Its neighbours do about as well: a plateau, not a needle."""

from promote.verdict import Verdict


def check(plateau_score: float, limit: float) -> Verdict:
    """Judge a configuration's neighbourhood.

    Args:
        plateau_score: median Sharpe ratio of the neighbourhood over its own; see `store.plateau`.
        limit: what it has to reach.
    """
    said = f"the neighbouring configurations keep {plateau_score:.0%} of its Sharpe ratio"
    passed = plateau_score >= limit
    return Verdict("plateau", passed, plateau_score, limit, "of its own", said)
