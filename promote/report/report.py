"""The report of a promotion in its three forms: JSON, Markdown for a pull request, HTML."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from promote.audit.journal import Write
from promote.gate.judge import Judgement
from promote.profiles.diff import Changes
from promote.profiles.files import relative
from promote.profiles.profile import Profile
from promote.report.canary import Canary
from promote.report.html import page
from promote.report.pull_request import summary
from store.runs.plain import to_json


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

    def to_dict(self) -> dict[str, Any]:
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

    def writes(self) -> list[Write]:
        """Files that the report writes."""
        forms = {
            "json": to_json(self.to_dict()) + "\n",
            "html": page(self),
            "md": summary(self),
        }
        name, version = self.profile.profile, self.profile.version
        return [
            Write(relative(name, f"v{version}.report.{ending}"), text)
            for ending, text in forms.items()
        ]
