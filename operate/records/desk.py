"""The place that a command works in: its store, its profiles, its instant."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from promote.profiles.files import load, versions
from promote.profiles.profile import Profile
from promote.promotion.approval import approval_of
from promote.promotion.transaction import Desk
from store.registry import Registry, open_registry


@dataclass(frozen=True, eq=False)
class Place:
    """One command's surroundings.

    Attributes:
        desk: store, profiles and keys, as `promote` takes them.
        now: the instant at which the command acts, UTC.
    """

    desk: Desk
    now: pd.Timestamp

    @property
    def root(self) -> Path:
        """Folder of the store."""
        return self.desk.root

    @property
    def registry(self) -> Registry:
        """The registry of the store."""
        return open_registry(self.desk.root)

    def approved(self, name: str) -> Profile | None:
        """The newest approved version of a profile; None without any."""
        for version in reversed(versions(self.desk.profiles, name)):
            profile = load(self.desk.profiles, name, version)
            if approval_of(self.desk, profile) is not None:
                return profile
        return None

    def is_approved(self, profile: Profile) -> bool:
        """A person has approved of this version."""
        return approval_of(self.desk, profile) is not None
