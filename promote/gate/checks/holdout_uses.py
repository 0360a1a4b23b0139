"""The holdout was not looked at before: a second choice by it would be a choice on it."""

from promote.gate.verdict import Verdict


def check(holdout_uses: float, limit: float) -> Verdict:
    """Judge how often a holdout was spent.

    Args:
        holdout_uses: configurations that were judged on it, this one included.
        limit: how many there may be.
    """
    text = f"configuration number {holdout_uses:,.0f} to be judged on these bars"
    return Verdict("holdout_uses", holdout_uses <= limit, holdout_uses, limit, "uses", text)
