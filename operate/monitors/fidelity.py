"""Fidelity: live fills and the shadow's are the same ones, each explained."""

from collections import Counter

from operate.monitors.live import Live
from operate.monitors.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from operate.records.clock import utc

SHOWN = 5
"""Faults that the sentence names."""


def fidelity(live: Live) -> Verdict:
    """Fails at the first unexplained fill or broken prefix; passes with one explained fill."""
    explained = _explained_until(live)
    faults = [each for each in live.matched.faults if each.bar > explained]
    listed = [
        {"cause": each.cause, "bar": f"{live.table.index[each.bar]:%Y-%m-%d %H:%M}",
         "detail": each.detail}
        for each in faults
    ]  # fmt: skip
    broken = [each for each in live.shadow.breaks if not each["acknowledged"] and each["changed"]]
    listed += [
        {"cause": each["cause"], "bar": each["at"], "detail": each["detail"]} for each in broken
    ]
    n = len(live.matched.pairs)
    facts = {
        "faults": listed,
        "causes": dict(Counter(each["cause"] for each in listed)),
        "joined": len(live.matched.joined),
        "records_age_bars": live.age,
    }
    if listed:
        words = "; ".join(
            f"{each['cause']} at {each['bar']}: {each['detail']}" for each in listed[:SHOWN]
        )
        more = f"; and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
        return Verdict(FAIL, words + more, n, 0.0, 1.0, facts)
    if not n:
        return Verdict(INCONCLUSIVE, _nothing(live), 0, 0.0, 0.0, facts)
    joined = len(live.matched.joined)
    report = f"all {n} fills are those of the shadow" + (
        f", {joined} more joined a stage" if joined else ""
    )
    return Verdict(PASS, report, n, 0.0, 1.0, facts)


def _nothing(live: Live) -> str:
    if len(live.fills):
        return "no live fill falls on a fresh bar of the shadow"
    if len(live.equity):
        return "an equity curve alone does not show fills; take in fills as well"
    return "no live fills were taken in"


def _explained_until(live: Live) -> int:
    """Number of the last bar whose faults a person has acknowledged; -1 for none."""
    rules = {} if live.rollout is None else live.rollout.rules
    until = rules.get("explained_until")
    return -1 if until is None else int((live.table.index <= utc(until)).sum()) - 1
