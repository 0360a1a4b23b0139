"""The decision of a rollout: pure, from what is known; anything unknown never advances."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from operate.monitors.verdict import FAIL, PASS
from operate.rollout.plan import Plan, load, of_mapping

ADVANCE, HOLD, ROLLBACK, TO_SHADOW = "advance", "hold", "rollback", "shadow"


def decide(
    plan: Plan | str | Mapping[str, object],
    stage: int | str,
    days: object,
    trades: object,
    verdicts: object,
    records_age_bars: Any,
) -> str:
    """The next move of a rollout.

    A failed fidelity or loss budget, and a crossed shortfall line where the plan says so, roll
    back; failed costs go back to shadow. An advance needs the stage's days and trades, fidelity,
    costs and loss budget passed, shortfall not failed, and records that are fresh. All else holds.

    Args:
        plan: a plan, its name, or the mapping of its file.
        stage: number or name of the stage at hand.
        days: that the stage has lasted.
        trades: closed in it.
        verdicts: monitor to `pass`, `fail` or `inconclusive`, or to an object that has `verdict`.
        records_age_bars: bars since the newest live record.

    Returns:
        `advance`, `hold`, `rollback` or `shadow`. What is missing, not finite, negative or of
        another type counts as unknown.

    Raises:
        ValueError: the plan has no such stage.
    """
    chosen = _plan(plan)
    number = _stage(chosen, stage)
    words = {name: _word(verdicts, name) for name in ("fidelity", "costs", "shortfall",
                                                      "loss_budget")}  # fmt: skip
    stops = ["fidelity", "loss_budget"]
    if chosen.on_shortfall == "rollback":
        stops.append("shortfall")
    if any(words[name] == FAIL for name in stops):
        return ROLLBACK
    if words["costs"] == FAIL:
        return TO_SHADOW if number > 0 else HOLD
    if number == len(chosen.stages) - 1:
        return HOLD
    needs = chosen.stages[number]
    ready = (
        _at_least(days, needs.days)
        and _at_least(trades, needs.trades)
        and words["fidelity"] == words["costs"] == PASS
        and words["loss_budget"] == PASS
        and words["shortfall"] in (PASS, "inconclusive")
        and _at_least(records_age_bars, 0)
        and float(records_age_bars) <= chosen.records_age_bars
    )
    return ADVANCE if ready else HOLD


def _plan(plan: Plan | str | Mapping[str, object]) -> Plan:
    if isinstance(plan, Plan):
        return plan
    return load(plan) if isinstance(plan, str) else of_mapping(plan, "plan", "plan")


def _stage(plan: Plan, stage: int | str) -> int:
    names = [each.name for each in plan.stages]
    if isinstance(stage, str) and stage in names:
        return names.index(stage)
    if isinstance(stage, int) and not isinstance(stage, bool) and 0 <= stage < len(names):
        return stage
    raise ValueError(f"stage: {plan.name} has {', '.join(names)}, got {stage!r}")


def _word(verdicts: object, name: str) -> str | None:
    """A monitor's word; None where there is none."""
    if not isinstance(verdicts, Mapping):
        return None
    value = verdicts.get(name)
    if isinstance(value, Mapping):
        value = value.get("verdict")
    elif not isinstance(value, str):
        value = getattr(value, "verdict", None)
    return value if isinstance(value, str) else None


def _at_least(value: object, least: float) -> bool:
    """The value is a finite number, `least` or more."""
    if isinstance(value, np.number):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) and value >= max(0.0, least)
