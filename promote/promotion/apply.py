"""Promotion: a run that the gate has let pass becomes the next version of a profile."""

from dataclasses import dataclass, replace
from pathlib import Path

from promote.audit import audit_log
from promote.audit.journal import Write, writing
from promote.gate.judge import Judgement
from promote.profiles.diff import param_changes
from promote.profiles.files import CURRENT, current, load, relative, versions
from promote.profiles.profile import Profile, to_yaml
from promote.promotion.from_judgement import Wish, profile_of
from promote.promotion.transaction import Desk, act
from promote.report import Report, report_of, report_writes
from store.errors import StoreError
from store.registry import open_registry


@dataclass(frozen=True, slots=True)
class Applied:
    """Result of a promotion.

    Attributes:
        profile: as written.
        parent: the version before; None for the first.
        report: the gate's report, and what to do next.
        files: all that was written for it, next to the log and the audit.
    """

    profile: Profile
    parent: Profile | None
    report: Report
    files: tuple[Path, ...]


def require_new(desk: Desk, name: str, config_hash: str) -> None:
    """Refuse to promote what is in force already, before any holdout is looked at.

    Raises:
        BadName: no name for a profile.
        StoreError: the current version is this very configuration.
    """
    version = current(desk.profiles, name)
    if version and load(desk.profiles, name, version).config_hash == config_hash:
        raise StoreError(f"{name}/v{version}: is this very configuration; nothing to promote")


def apply(desk: Desk, judgement: Judgement, wish: Wish) -> Applied:
    """Write a promotion, all of it or nothing.

    Raises:
        StoreError: the gate has refused the run, or it could not be signed or committed.
    """
    draft = profile_of(desk.root, judgement, wish)
    desk.require_ready()
    with writing(desk.profiles, desk.root):
        require_new(desk, wish.profile, draft.config_hash)
        profile, parent = placed(desk, draft)
        report = report_of(desk.root, profile, parent, judgement)
        written = (*version_writes(profile), *report_writes(report))
        register(desk, audit_log.PROMOTED, profile, parent, written)
    files = tuple(desk.profiles / write.path for write in written)
    return Applied(profile, parent, report, files)


def placed(desk: Desk, draft: Profile) -> tuple[Profile, Profile | None]:
    """A draft as the next version of its profile, and the version that was in force before."""
    name = draft.profile
    bodies = [link.body for link in audit_log.entries(desk.profiles)]
    registered = (promotion.version for promotion in open_registry(desk.root).promotions(name))
    on_disk = max(versions(desk.profiles, name), default=0)
    newest = max(on_disk, audit_log.newest(bodies, name), max(registered, default=0))
    before = current(desk.profiles, name)
    parent = None if before is None else load(desk.profiles, name, before)
    return replace(draft, version=newest + 1, parent=before), parent


def version_writes(profile: Profile) -> list[Write]:
    """The file of a version."""
    name = f"v{profile.version}.yaml"
    return [Write(relative(profile.profile, name), to_yaml(profile))]


def register(
    desk: Desk,
    kind: str,
    profile: Profile,
    parent: Profile | None,
    written: tuple[Write, ...],
) -> None:
    """Carry out the act that puts a version in force."""
    facts = {
        "by": profile.promoted_by,
        "parent": profile.parent,
        "experiment": profile.experiment["id"],
        "run": profile.experiment["run"],
        "config_hash": profile.config_hash,
        "reason": profile.reason,
        "expected_impact": profile.expected_impact,
        "changes": param_changes(parent, profile),
        "recommended": profile.recommended,
        "allow_dirty": profile.allow_dirty,
    }
    if profile.restores is not None:
        facts["to"] = profile.restores
    act(
        desk,
        kind,
        {"profile": profile.profile, "version": profile.version, **facts},
        written,
        Write(relative(profile.profile, CURRENT), f"v{profile.version}.yaml\n"),
        promotion={
            "profile": profile.profile,
            "version": profile.version,
            "experiment": profile.experiment["id"],
            "run": profile.experiment["run"],
            "config_hash": profile.config_hash,
            "facts": {"kind": kind, **facts},
        },
    )
