"""Luck would seldom show as much before the holdout, and then as much gain in it.

One p-value over both windows: a combination test with binding bounds for futility, see
`promote.statistics.combination`. It is the decision; the checks before it say whether the candidate
is sound.
"""

import math

from promote.gate.verdict import Verdict
from promote.statistics import evidence, history_needed
from promote.statistics.combination import FIRST, FLOOR
from promote.statistics.probabilistic import normal_cdf

ORDINALS = {2: "second", 3: "third"}


def check(
    chance_before: float,
    holdout_z: float,
    holdout_chance: float,
    holdout_uses: float,
    bars: float,
    holdout_bars: float,
    limit: float,
) -> Verdict:
    """Judge both windows together.

    Args:
        chance_before: that luck looks as good on the judged window, all that was tried counted.
        holdout_z: standard errors by which its kin gains on the holdout, earlier looks paid for.
        holdout_chance: that luck gains as much on the holdout, at a first look.
        holdout_uses: configurations that were judged on the holdout, this one included.
        bars: of the judged window.
        holdout_bars: of the holdout.
        limit: the highest chance of luck that passes.
    """
    chance = evidence(chance_before, holdout_z, holdout_bars / (bars + holdout_bars))
    text = _said(chance, chance_before, holdout_z)
    inside = f"{_percent(holdout_chance)} in it"
    if holdout_uses > 1:
        place = ORDINALS.get(int(holdout_uses), f"{holdout_uses:.0f}th")
        inside += f", {_percent(normal_cdf(-holdout_z))} as the {place} that looks"
    reason = f"{text} ({_percent(chance_before)} before it, {inside})"
    if limit < chance < 1:
        share = holdout_bars / (bars + holdout_bars)
        times = history_needed(chance_before, holdout_z, share, limit)
        reason += _missing((times - 1) * (bars + holdout_bars))
    return Verdict("evidence", chance <= limit, chance, limit, "chance of luck", reason)


def _said(chance: float, before: float, z: float) -> str:
    if before > FIRST:
        return f"luck shows as much before the holdout too often: {FIRST:.0%} is the most"
    if z < FLOOR:
        return f"its kin loses in the holdout: {z:.2f} standard errors, {FLOOR:g} is the least"
    often = f"{1 / max(chance, 1e-9):,.0f} times"
    return f"luck shows as much before the holdout and in it once in {often}"


def _missing(bars: float) -> str:
    """History that would do at these Sharpe ratios, beyond the present one."""
    if math.isinf(bars):
        return "; at these Sharpe ratios no history is long enough"
    return f"; at these Sharpe ratios {bars:,.0f} bars more would do"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
