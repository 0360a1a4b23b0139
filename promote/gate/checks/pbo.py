"""The best configuration of one half of the history is above the median in the other.

Probability of backtest overfitting of Bailey, Borwein, Lopez de Prado and Zhu (2015). Where all
configurations are alike it is near one half, and that is no fault: a warning by default.
"""

from promote.gate.verdict import Verdict


def check(pbo: float, limit: float) -> Verdict:
    """Judge how much choosing the best is worth.

    Args:
        pbo: share of the splits on which the chosen is no better than the median outside.
        limit: what it has to stay below.
    """
    text = "how often what is best in one half of the history is no better than most in the other"
    return Verdict("pbo", pbo < limit, pbo, limit, "of splits", text)
