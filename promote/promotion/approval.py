"""Approval: a person's word that a version may be used. It is never part of a promotion."""

import yaml

from promote.audit import audit_log
from promote.audit.act import APPROVED, Act
from promote.audit.journal import Write, writing
from promote.profiles.files import find, relative
from promote.profiles.profile import Profile, one_line
from promote.promotion.transaction import Desk, act, drafted
from store.errors import AlreadyThere, StoreError
from store.registry import Approval


def approve(desk: Desk, ref: str, approver: str, comment: str = "") -> Profile:
    """Record that a version is approved of: in its own file, the log, the audit, the registry.

    Raises:
        StoreError: the version is not what was promoted, or the approver is not named.
        AlreadyThere: it was approved before.
    """
    who, words = one_line(approver, "--by"), one_line(comment, "--comment")
    if not who:
        raise StoreError("approve: say who with --by, or set user.email in git")
    desk.require_ready()
    find(desk.profiles, ref)  # before anything is made in a folder that may not be there
    with writing(desk.profiles, desk.root):
        profile = find(desk.profiles, ref)
        audit_log.require_as_promoted(desk.profiles, profile)
        if approval_of(desk, profile) is not None:
            raise AlreadyThere(f"{profile.ref}: was approved before; `promote show` says by whom")
        name, version = profile.profile, profile.version
        approval = Approval(name, version, who, words)
        content = {**approval.to_json(), "config_hash": profile.config_hash}
        text = yaml.safe_dump(content, sort_keys=False)
        file = Write(relative(name, f"v{version}.approval.yaml"), text)
        done = drafted(APPROVED, name, version, who, {"comment": words})
        act(desk, done, [file], approval=approval)
    return profile


def approval_of(desk: Desk, profile: Profile) -> Act | None:
    """The approval of a version as the audit has it; None until somebody has approved of it."""
    for done in audit_log.acts(desk.profiles):
        if done.of(profile.profile, profile.version) and done.kind == APPROVED:
            return done
    return None
