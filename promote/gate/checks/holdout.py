"""The kin gains on the newest bars, too, which no sweep has read.

Held in equal parts, configurations that trade alike earn the same edge with less of the luck of
each: on a holdout the Sharpe ratio of a single one tells least.
"""

from promote.gate.verdict import Verdict


def check(
    holdout_z: float,
    holdout_kin: float,
    holdout_kin_sharpe: float,
    holdout_sharpe: float,
    limit: float,
) -> Verdict:
    """Judge bars that no choice was made by.

    Args:
        holdout_z: standard errors by which its kin gains on the holdout, earlier looks paid for.
        holdout_kin: configurations of its kin that are held, itself included.
        holdout_kin_sharpe: annual, of these, on the holdout.
        holdout_sharpe: annual, its own, on the holdout.
        limit: the least that passes.
    """
    who = f"its kin, {holdout_kin:,.0f} configurations held in equal parts, has"
    if holdout_kin == 1:
        who = "without kin, it has"
    text = f"{who} a Sharpe ratio of {holdout_kin_sharpe:.2f} on bars that no sweep has read"
    own = f"; its own: {holdout_sharpe:.2f}" if holdout_kin > 1 else ""
    passed = holdout_z >= limit
    return Verdict("holdout", passed, holdout_z, limit, "standard errors", text + own)
