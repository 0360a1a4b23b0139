"""Rollouts, targets, tasks, alerts and events of a server's store."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from operate.monitors.watch import watch
from operate.records.clock import now_of
from operate.records.desk import Place
from operate.records.event_rows import event_rows
from operate.records.paths import operate_folder, target_file
from operate.rollout import acts
from operate.rollout.acts import require_rollout
from operate.rollout.gap import gap_rows
from operate.rollout.steps import advance_if_allowed, status_of, statuses
from operate.target.reader import Refused, read_target
from operate.tasks.queue import all_tasks
from promote.profiles.files import load
from promote.promotion.transaction import Desk
from serve.problems import Problem
from store.errors import StoreError, UnknownReference
from store.files.paths import check_name
from store.registry.operation import messages

MOST_ALERTS = 500
LOG_LINES = 40


def place_of(desk: Desk) -> Place:
    """The place at which operation acts, now."""
    return Place(desk, now_of(None))


def every_rollout(desk: Desk) -> list[dict[str, Any]]:
    """Status of every rollout, by profile."""
    return statuses(place_of(desk))


def one_rollout(desk: Desk, name: str) -> dict[str, object]:
    """Status of a profile's rollout.

    Raises:
        UnknownReference: none was started.
    """
    place = place_of(desk)
    return status_of(place, require_rollout(place, check_name(name, "profile")))


def gap_of(desk: Desk, name: str) -> dict[str, object]:
    """Shortfall of the live profit against the promised one, by cause; `problem` without one."""
    place = place_of(desk)
    rollout = require_rollout(place, check_name(name, "profile"))
    try:
        result = watch(place, load(desk.profiles, rollout.profile, rollout.version))
        rows, total = gap_rows(result.live, result.account, result.promise)
    except ValueError as error:
        return {"rows": [], "total": None, "problem": str(error)}
    return {"rows": [row.row() for row in rows], "total": total, "problem": ""}


def act(desk: Desk, name: str, word: str, by: str, reason: str) -> dict[str, object]:
    """Advance, hold, resume or roll back, as a person has asked; the status after it.

    Raises:
        Problem: the monitors do not allow an advance.
        StoreError: it is in that state already.
    """
    place = place_of(desk)
    rollout = require_rollout(place, check_name(name, "profile"))
    if word == "advance":
        after, refusal = advance_if_allowed(place, name, by)
        if refusal:
            raise Problem(409, f"{name}: is not advanced: {refusal}")
        return status_of(place, after)
    function = {"hold": acts.hold, "resume": acts.resume, "rollback": acts.roll_back}[word]
    try:
        after = function(place, rollout, by, reason)
    except StoreError as error:
        raise Problem(409, str(error)) from error
    return status_of(place, after)


def target_of(desk: Desk, name: str) -> dict[str, object]:
    """The decision that a bot reads.

    Raises:
        UnknownReference: it has none.
        Problem: a bot has to refuse it.
    """
    path = target_file(desk.root, name)
    if not path.exists():
        raise UnknownReference(
            f"{name}: has no target; run `python -m operate shadow {name}` first"
        )
    try:
        return read_target(path, desk.conf.public_keys)
    except Refused as error:
        raise Problem(409, f"{name}: {str(error).replace(str(path), 'the target')}") from None


def alerts(desk: Desk, limit: int = MOST_ALERTS) -> list[dict[str, object]]:
    """Messages to people, newest first; `sent` is empty while one waits."""
    registry = place_of(desk).registry
    return [asdict(message) for message in reversed(messages(registry))][:limit]


def events(
    desk: Desk, *, subject: str | None = None, before: int | None = None, limit: int = 50
) -> list[dict[str, object]]:
    """Events of profiles and tasks, newest first; see `event_rows`."""
    rows = event_rows(place_of(desk).registry, subject=subject, before=before, limit=limit)
    return [asdict(row) for row in rows]


def tasks(desk: Desk) -> list[dict[str, object]]:
    """The queue, the most urgent first; a breaker that has opened shows as status disabled."""
    return [asdict(task) for task in all_tasks(place_of(desk))]


def log_lines(root: Path) -> list[str]:
    """The last lines of the newest log of the cycle."""
    logs = sorted((operate_folder(root) / "logs").glob("improvement_cycle_*.log"))
    if not logs:
        return []
    return logs[-1].read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
