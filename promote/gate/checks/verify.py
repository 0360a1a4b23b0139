"""The run, made again from its record, gives the very bits that are stored."""

from promote.gate.verdict import Verdict


def check(differences: tuple[str, ...], limit: float) -> Verdict:
    """Judge a re-run.

    Args:
        differences: what came out unlike the stored row, in words.
        limit: how many there may be.
    """
    text = "; ".join(differences[:3]) or "made again, every number is the stored one, bit for bit"
    passed = len(differences) <= limit
    return Verdict("verify", passed, len(differences), limit, "differences", text)
