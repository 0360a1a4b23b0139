"""No signal moves when the bars after it are raised, lowered or taken away."""

from promote.gate.verdict import Verdict


def check(leaks: tuple[str, ...], limit: float) -> Verdict:
    """Judge what a strategy sees.

    Args:
        leaks: signals that moved with later bars, in words.
        limit: how many there may be.
    """
    clean = "no signal moved when later bars were changed; features are taken as given"
    text = "; ".join(leaks) or clean
    return Verdict("look_ahead", len(leaks) <= limit, len(leaks), limit, "leaks", text)
