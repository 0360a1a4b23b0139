"""An act on a profile as the audit keeps it: the body of an entry of its chain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from store.errors import DamagedFile
from store.files.hash_chain import Link
from store.files.typed_json import JsonRecord, later, unknown_fields

PROMOTED, ROLLED_BACK, APPROVED, IMPACT = "promoted", "rolled back", "approved", "actual impact"
VERSIONS = (PROMOTED, ROLLED_BACK)
"""Kinds of acts that make a version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts(JsonRecord):
    """Facts of an act that makes a version.

    Attributes:
        parent: the version that was in force before; None for the first.
        experiment: id of the experiment that it was chosen from; `run`, its number there.
        config_hash: 64 hex digits.
        reason: in words, as `expected_impact`.
        changes: [old, new] by the name of a number.
        recommended: by the gate.
        allow_dirty: whether code was allowed that is in no commit.
        to: the version that a rollback goes back to.
        others: fields of later versions.
    """

    parent: int | None
    experiment: str
    run: int
    config_hash: str
    reason: str
    expected_impact: str
    changes: dict[str, list[object]]
    recommended: bool = True
    allow_dirty: bool = False
    to: int | None = later(None)
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class Act(JsonRecord):
    """One act.

    Attributes:
        kind: promoted, rolled back, approved, ...
        profile: its name; `version` of it.
        by: who.
        facts: what belongs to the kind.
        time: when, ISO 8601, UTC.
        host: where.
        files: SHA-256 of each file that was written, by its path from PROFILES on.
        log: SHA-256 of the strategy log with this act.
    """

    kind: str
    profile: str
    version: int
    by: str
    facts: Mapping[str, object] = unknown_fields()
    time: str
    host: str = ""
    files: dict[str, str]
    log: str = ""

    @property
    def day(self) -> str:
        """Date, UTC."""
        return self.time[:10]

    @property
    def makes_version(self) -> bool:
        """True when a version came to be by it."""
        return self.kind in VERSIONS

    @property
    def made(self) -> VersionFacts:
        """Facts of an act that makes a version."""
        return VersionFacts.from_json(self.facts, f"{self.kind} {self.profile}/v{self.version}")

    def text(self, name: str) -> str:
        """A fact in words; empty where it has none."""
        return str(self.facts.get(name) or "")

    def of(self, profile: str, version: int) -> bool:
        """True when it is one on this version."""
        return (self.profile, self.version) == (profile, version)


def acts_of(links: Iterable[Link]) -> list[Act]:
    """The acts of a chain.

    Raises:
        DamagedFile: an entry is none.
    """
    acts = []
    for link in links:
        try:
            act = Act.from_json(link.body)
            if act.makes_version:
                act.made  # noqa: B018 -- so that a fault is said of this entry
        except ValueError as error:
            raise DamagedFile(f"audit entry {link.number}: is no act ({error})") from error
        acts.append(act)
    return acts
