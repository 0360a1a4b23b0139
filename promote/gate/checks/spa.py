"""The best of all that was swept beats the benchmark by more than luck explains.

Hansen (2005), "A test for superior predictive ability", Journal of Business and Economic
Statistics 23(4): the consistent p-value, over every configuration of the experiment on the same
symbol and window. A choice among k symbols is a choice among k such tests: Bonferroni.
"""

from promote.gate.verdict import Verdict


def check(spa_p: float, symbols: float, configurations: float, limit: float) -> Verdict:
    """Judge the best of a sweep.

    Args:
        spa_p: consistent p-value, over all configurations on the same bars.
        symbols: among which the choice was made, each with its bars and windows.
        configurations: on the same bars.
        limit: the highest chance of luck that passes.
    """
    chance = min(1.0, spa_p * symbols) if symbols >= 1 else float("nan")
    among = f", on the best of {symbols:.0f} symbols or windows" if symbols > 1 else ""
    said = f"how often the best of {configurations:,.0f} without skill looks as good{among}"
    return Verdict("spa", chance <= limit, chance, limit, "chance of luck", said)
