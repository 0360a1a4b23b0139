"""Facts of the registry as frozen dataclasses; times are ISO 8601, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """Texts that people have written about an experiment or run, over those of its record.

    Attributes:
        subject: an experiment's id, or `ID/42` for a run of it.
        description: what it is; None when it was never edited, as the other two.
        hypothesis: why it should work.
        expected_impact: what is expected of using it.
        version: how often it was edited; 0 when never.
    """

    subject: str
    description: str | None = None
    hypothesis: str | None = None
    expected_impact: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Edits:
    """All that was edited about one subject.

    Attributes:
        tags: for each tag that was ever added or removed, whether it is there now.
        note: the texts.
    """

    tags: Mapping[str, bool]
    note: Note

    def tagged(self, own: list[str]) -> list[str]:
        """Tags of something whose record has the tags `own`: those first, then added ones."""
        kept = [tag for tag in own if self.tags.get(tag, True)]
        return kept + sorted(tag for tag, there in self.tags.items() if there and tag not in own)


@dataclass(frozen=True, slots=True)
class Promotion:
    """A configuration that became a version of a profile.

    Attributes:
        profile: its name.
        version: from 1 on; each is promoted once.
        experiment: id of the experiment that it was chosen from.
        run: number of the run there.
        config_hash: 64 hex digits.
        facts: whatever else belongs to it, as JSON: reason, parent, verdicts, ...
        time: when.
    """

    profile: str
    version: int
    experiment: str
    run: int
    config_hash: str
    facts: Mapping[str, object] = field(default_factory=dict)
    time: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's word that a version of a profile may be used.

    Attributes:
        profile: its name.
        version: of the profile.
        approver: who; each approves a version once.
        comment: in their words.
        time: when.
    """

    profile: str
    version: int
    approver: str
    comment: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class HoldoutUse:
    """One look at bars that no sweep may read.

    Attributes:
        symbol: of the bars.
        fingerprint: of all the symbol's bars, the holdout included.
        experiment: id of the experiment whose configuration was tested.
        config_hash: of the configuration, 64 hex digits.
        purpose: `gate`, `audit`, ...
        time: when.
    """

    symbol: str
    fingerprint: str
    experiment: str
    config_hash: str
    purpose: str = "gate"
    time: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One change of the registry; never changed or removed itself.

    Attributes:
        number: ascending, with gaps where a transaction was undone.
        time: when.
        host: on which machine.
        account: under which account.
        kind: `tag added`, `tag removed`, `note edited`, `promoted`, `approved`, `holdout used`,
            `null sweep`, `imported` or `deleted`.
        subject: an experiment, run or profile, or the symbol whose holdout was used.
        facts: what was changed.
    """

    number: int
    time: str
    host: str
    account: str
    kind: str
    subject: str
    facts: Mapping[str, object]
