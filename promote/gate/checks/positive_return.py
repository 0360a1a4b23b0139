"""Total return after costs is positive."""

from promote.gate.verdict import Verdict


def check(total_return: float, limit: float) -> Verdict:
    """Judge a total return.

    Args:
        total_return: fraction of the initial capital.
        limit: what it has to be above.
    """
    text = f"{100 * total_return:,.1f} % over the whole window, costs included"
    passed = total_return > limit
    return Verdict("positive_return", passed, total_return, limit, "of capital", text)
