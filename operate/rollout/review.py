"""Review of a rollout: what follows from the monitors without a person, and what waits for one."""

from operate.alerts.outbox import alert
from operate.monitors.verdict import FAIL, INCONCLUSIVE
from operate.monitors.watch import Watch, watch
from operate.records.desk import Place
from operate.records.rollout_state import DONE, HELD, ROLLED_BACK, RolloutState
from operate.rollout.acts import advance, roll_back, settle, to_stage
from operate.rollout.decision import ADVANCE, ROLLBACK, TO_SHADOW
from operate.rollout.progress import Progress, plan_of, progress_of
from promote.profiles.files import load

MACHINE = "operate"
"""Who acts when no person does."""


def look(place: Place, rollout: RolloutState) -> tuple[Watch, Progress]:
    """The monitors of a rollout and how far it has come."""
    result = watch(place, load(place.desk.profiles, rollout.profile, rollout.version))
    return result, progress_of(result, rollout)


def review(place: Place, rollout: RolloutState) -> RolloutState:
    """Roll back, go back to shadow, step down, or advance an automatic stage; else nothing.

    Missing or stale records never do anything but alert, once patience is over.
    """
    if rollout.state == ROLLED_BACK:
        return rollout
    result, progress = look(place, rollout)
    reasons = {name: each.reason for name, each in result.verdicts.items()}
    if progress.decision == ROLLBACK:
        failed = next(
            name for name in ("fidelity", "loss_budget", "shortfall")
            if result.verdicts[name].verdict == FAIL
        )  # fmt: skip
        return roll_back(place, rollout, MACHINE, f"{failed}: {reasons[failed]}"[:1_000])
    if progress.decision == TO_SHADOW:
        reason = f"costs: {reasons['costs']}"
        return to_stage(place, rollout, 0, "to shadow", MACHINE, reason)
    if rollout.state == DONE and result.verdicts["decay"].verdict == FAIL:
        reason = f"decay: {reasons['decay']}"
        return to_stage(place, rollout, rollout.stage - 1, "stepped down", MACHINE, reason)
    name = rollout.stage_name
    if progress.decision == ADVANCE and name in rollout.auto and rollout.state != HELD:
        return advance(place, rollout, MACHINE, f"automatic, allowed by {rollout.approver}")
    _complain(place, rollout, result, progress)
    return rollout


def _complain(place: Place, rollout: RolloutState, result: Watch, progress: Progress) -> None:
    """Alert once per stage when a monitor stays inconclusive beyond patience."""
    plan = plan_of(rollout)
    over = progress.days - plan.stages[rollout.stage].days - plan.patience
    open_ones = [
        f"{name}: {result.verdicts[name].reason}"
        for name in ("fidelity", "costs", "loss_budget")
        if result.verdicts[name].verdict == INCONCLUSIVE
    ]
    if over > 0 and open_ones and rollout.state not in (DONE, ROLLED_BACK):
        key = f"patience {rollout.profile} {rollout.changes}"
        alert(place, key, "patience is over", rollout.profile, "; ".join(open_ones))


def require_settled(place: Place, name: str) -> None:
    """Do first what a killed process has left undone."""
    settle(place, name)
