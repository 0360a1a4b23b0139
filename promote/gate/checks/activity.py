"""Positions are held in many separate periods: the record is not that of a few lucky weeks."""

from promote.gate.verdict import Verdict


def check(active_periods: float, periods: float, limit: float) -> Verdict:
    """Judge how much of the judged window the record is of.

    Args:
        active_periods: of the equal periods that the judged window is cut into, those in which its
            equity moves.
        periods: how many there are.
        limit: the least that passes.
    """
    reason = f"its equity moves in {active_periods:.0f} of {periods:.0f} periods of equal length"
    passed = active_periods >= limit
    return Verdict("activity", passed, active_periods, limit, "periods", reason)
