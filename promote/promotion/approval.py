"""Approval: a person's word that a version may be used. It is never part of a promotion."""

from dataclasses import asdict

import yaml

from promote.audit import audit_log
from promote.audit.journal import Write, writing
from promote.profiles.files import find, relative
from promote.profiles.profile import Profile, one_line
from promote.promotion.transaction import Desk, act
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
        facts = {key: value for key, value in asdict(approval).items() if key != "time"}
        text = yaml.safe_dump({**facts, "config_hash": profile.config_hash}, sort_keys=False)
        file = Write(relative(name, f"v{version}.approval.yaml"), text)
        body = {"profile": name, "version": version, "by": who, "comment": words}
        act(desk, audit_log.APPROVED, body, [file], approval=facts)
    return profile


def approval_of(desk: Desk, profile: Profile) -> audit_log.Body | None:
    """The audit's entry of a version's approval; None until somebody has approved of it."""
    for link in audit_log.entries(desk.profiles):
        body = link.body
        of_it = (body["profile"], body["version"]) == (profile.profile, profile.version)
        if of_it and body["kind"] == audit_log.APPROVED:
            return body
    return None
