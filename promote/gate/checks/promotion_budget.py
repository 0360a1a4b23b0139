"""The store promotes no more luck over time than it may: each test without a find costs wealth.

LORD++ of Ramdas and others (2017) over all configurations of the store that have looked at a
holdout, see `promote.statistics.online`: who judges again and again is asked for more each time,
and for less after a promotion.
"""

from collections.abc import Sequence

from promote.gate.verdict import Verdict
from promote.statistics import evidence, next_level


def check(
    chance_before: float,
    holdout_z: float,
    holdout_tests: Sequence[bool],
    bars: float,
    holdout_bars: float,
    limit: float,
) -> Verdict:
    """Judge a promotion among all that were tried in the store.

    Args:
        chance_before: that luck looks as good on the judged window.
        holdout_z: standard errors by which its kin gains on the holdout.
        holdout_tests: of the configurations that have looked at a holdout before, oldest first,
            which were promoted.
        bars: of the judged window.
        holdout_bars: of the holdout.
        limit: share of the promotions that may be luck in the long run.
    """
    chance = evidence(chance_before, holdout_z, holdout_bars / (bars + holdout_bars))
    level = next_level(holdout_tests, limit)
    n, made = len(holdout_tests), sum(map(bool, holdout_tests))
    reason = (
        f"of the store's promotions {limit:.0%} may be luck in the long run; after {n:,} earlier "
        f"looks at a holdout and {made:,} promotions this one may be luck once in "
        f"{1 / level:,.0f} times"
    )
    return Verdict("promotion_budget", chance <= level, chance, level, "chance of luck", reason)
