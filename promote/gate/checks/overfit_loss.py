"""The best configuration of one half of the history seldom loses in the other.

Probability of loss of Bailey, Borwein, Lopez de Prado and Zhu (2015), section 3, over all ways to
cut the judged window into two halves.
"""

from promote.gate.verdict import Verdict


def check(loss_chance: float, limit: float) -> Verdict:
    """Judge how choosing the best holds up.

    Args:
        loss_chance: share of the splits on which the chosen has a Sharpe ratio below 0 outside.
        limit: the highest that passes.
    """
    text = "how often what is best in one half of the history loses in the other"
    return Verdict("overfit_loss", loss_chance <= limit, loss_chance, limit, "of splits", text)
