"""Report of a promotion: the version, its judgement, and what it is compared with."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from promote.gate.judge import Judgement
from promote.profiles.diff import Changes
from promote.profiles.profile import Profile
from promote.report.canary import Canary


@dataclass(frozen=True, slots=True)
class Report:
    """Report of one version of a profile.

    Attributes:
        profile: the version.
        judgement: what the gate said of it.
        changes: old and new of every number that changes against the version before.
        against: what it is compared with, in words.
        baseline: metrics of that on the same bars.
        canary: how to begin with it.
    """

    profile: Profile
    judgement: Judgement
    changes: Changes
    against: str
    baseline: Mapping[str, float]
    canary: Canary

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON types."""
        return {
            "profile": self.profile.profile,
            "version": self.profile.version,
            "changes": self.changes,
            "against": self.against,
            "baseline": dict(self.baseline),
            "candidate": dict(self.profile.metrics),
            "canary": dataclasses.asdict(self.canary)
            | {"plan": self.canary.plan(), "roll_back_when": self.canary.stops()},
            "gate": self.judgement.to_dict(),
        }
