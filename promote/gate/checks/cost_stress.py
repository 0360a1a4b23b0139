"""At twice its costs the Sharpe ratio is still half of what is asked for."""

from promote.gate.verdict import Verdict


def check(stressed_sharpe: float, sharpe: float, limit: float) -> Verdict:
    """Judge how much of the Sharpe ratio costs could take.

    Args:
        stressed_sharpe: annual, at twice all costs: commissions, slippage and rates.
        sharpe: annual, at the costs of the sweep.
        limit: the least that passes.
    """
    lost = sharpe - stressed_sharpe
    reason = (
        f"a Sharpe ratio of {stressed_sharpe:.2f} at twice its costs, {sharpe:.2f} at its costs"
    )
    if lost > 0 and sharpe > 0:
        reason += f"; gone at about {1 + sharpe / lost:.1f} times of them"
    return Verdict(
        "cost_stress", stressed_sharpe >= limit, stressed_sharpe, limit, "a year", reason
    )
