"""Going back: a new version that is equal to an older one, so that nothing is ever taken back."""

from dataclasses import replace
from datetime import UTC, datetime

from promote.audit import audit_log
from promote.audit.journal import writing
from promote.profiles.files import current, find, load
from promote.profiles.profile import Profile, one_line
from promote.promotion.apply import placed, register, version_writes
from promote.promotion.transaction import Desk
from store.errors import StoreError, UnknownReference
from store.records.experiment import timestamp


def rollback(
    desk: Desk, name: str, to: int | None = None, *, by: str = "", reason: str = ""
) -> Profile:
    """Put an older version of a profile in force again, as a new version.

    What was promoted stays promoted: the gate is not asked again. It was approved as the version
    that it was then; the new one has to be approved of, too.

    Args:
        desk: where.
        name: of the profile.
        to: which version; None: the parent of the current one.
        by: who goes back.
        reason: why, in words.

    Raises:
        StoreError: there is nothing to go back to.
    """
    desk.require_ready()
    if current(desk.profiles, name) is None:
        raise UnknownReference(f"{name}: there is no such profile in {desk.profiles}")
    with writing(desk.profiles, desk.root):
        now = find(desk.profiles, name).version
        goal = to if to is not None else _before(desk, name, now)
        if goal is None:
            raise StoreError(f"{name}/v{now}: has no parent to go back to; name one with --to")
        if goal == now:
            raise StoreError(f"{name}/v{now}: is the current version; name another with --to")
        older = load(desk.profiles, name, goal)
        audit_log.require_as_promoted(desk.profiles, older)
        draft = replace(
            older,
            kind="rollback",
            restores=goal,
            promoted_at=timestamp(datetime.now(UTC)),
            promoted_by=one_line(by, "--by"),
            reason=one_line(reason, "--reason"),
            expected_impact="",
        )
        profile, parent = placed(desk, draft)
        register(desk, audit_log.ROLLED_BACK, profile, parent, tuple(version_writes(profile)))
    return profile


def _before(desk: Desk, name: str, version: int) -> int | None:
    """The parent of a version; of a rollback, that of the version it went back to."""
    profile = load(desk.profiles, name, version)
    if profile.restores is not None:
        return _before(desk, name, profile.restores)
    return profile.parent
