"""Status of a rollout, and the step that a person asks for: what the verbs and the routes share."""

from operate.monitors.watch import watch
from operate.records.desk import Place
from operate.records.paths import target_file
from operate.records.rollout_state import HELD, KIND, ROLLED_BACK, RolloutState
from operate.rollout.acts import advance, require_rollout, settle
from operate.rollout.progress import Progress, row_of
from operate.rollout.review import look, review
from operate.target.reader import Refused, read_target
from promote.profiles.files import load
from store.registry.operation import documents


def status_of(place: Place, rollout: RolloutState) -> dict[str, object]:
    """Stage, verdicts, and what is missing to advance; nothing is changed."""
    result = watch(place, load(place.desk.profiles, rollout.profile, rollout.version))
    try:
        until = read_target(target_file(place.root, rollout.profile), now=0)["valid_until"]
    except Refused:
        until = None
    return row_of(result, rollout, until)


def statuses(place: Place) -> list[dict[str, object]]:
    """The status of every rollout, by profile; `problem` in place of it where none can be made."""
    rows = []
    for each in documents(place.registry, KIND):
        try:
            rows.append(status_of(place, require_rollout(place, each.name)))
        except ValueError as error:
            rows.append({"profile": each.name, "problem": str(error)})
    return rows


def advance_if_allowed(place: Place, name: str, by: str) -> tuple[RolloutState, str]:
    """The next stage, where the monitors allow it.

    Returns:
        The rollout as it is then, and why it was not advanced; empty where it was.
    """
    rollout = require_rollout(place, name)
    settle(place, name)
    _, progress = look(place, rollout)
    if progress.decision != "advance" or rollout.state in (HELD, ROLLED_BACK):
        after = review(place, rollout)
        return after, _why(after, rollout, progress)
    return advance(place, rollout, by), ""


def _why(after: RolloutState, before: RolloutState, progress: Progress) -> str:
    if after.changes != before.changes:
        return f"{after.state}: {after.reason}"
    return "; ".join(progress.missing) or f"stage {before.stage_name} is the last"
