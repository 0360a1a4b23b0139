"""Maximum drawdown is within the limit."""

from promote.gate.verdict import Verdict


def check(max_drawdown: float, limit: float) -> Verdict:
    """Judge a drawdown.

    Args:
        max_drawdown: the deepest fall, a positive fraction of the peak before it.
        limit: the deepest that passes.
    """
    text = f"at worst {100 * max_drawdown:.1f} % below its own peak"
    return Verdict("max_drawdown", max_drawdown <= limit, max_drawdown, limit, "of peak", text)
