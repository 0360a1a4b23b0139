"""Which experiments there are: all, some, or, with runs among them, those of a tag."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from store.errors import UnknownReference
from store.files.backend import Root
from store.query.annotations import edited, read_edits, words_of
from store.records import experiment as records
from store.records.experiment import STATUSES, Experiment, timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Conditions on a listed experiment; None asks for nothing.

    Attributes:
        symbol: one that it was run on.
        strategy: one that it tried.
        tag: one that it has now.
        since: the first day on which it may have started, UTC.
        until: the last such day.
        status: of `experiment.STATUSES`.
        limit: how many at most, newest first.
    """

    symbol: str | None = None
    strategy: str | None = None
    tag: str | None = None
    since: date | None = None
    until: date | None = None
    status: str | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.status not in (None, *STATUSES):
            raise UnknownReference(
                f"status: must be one of {', '.join(STATUSES)}, got {self.status!r}"
            )

    def admits(self, experiment: Experiment) -> bool:
        """True when an experiment, as it was edited, is asked for."""
        return (
            self._among("symbol", self.symbol, experiment)
            and self._among("strategy", self.strategy, experiment)
            and (self.tag is None or self.tag in experiment.tags)
            and (self.status is None or self.status == experiment.status)
            and (self.since is None or experiment.created >= _start(self.since))
            and (self.until is None or experiment.created < _start(self.until + timedelta(days=1)))
        )

    @staticmethod
    def _among(name: str, value: str | None, experiment: Experiment) -> bool:
        return value is None or any(getattr(group, name) == value for group in experiment.groups)


def _start(day: date) -> str:
    return timestamp(datetime.combine(day, time.min, UTC))


def experiments(root: Root, wanted: Wanted | None = None) -> list[Experiment]:
    """Experiments with their tags and texts as they are now, newest first."""
    wanted, edits = wanted or Wanted(), read_edits(root)
    edited_records = [edited(experiment, edits) for experiment in records.every(root)]
    return [experiment for experiment in edited_records if wanted.admits(experiment)][
        : wanted.limit
    ]


def search(root: Root, tag: str) -> list[dict[str, object]]:
    """Every experiment and run that has a tag now, newest experiments first.

    Returns:
        Of each `ref`, `tags`, `description`, `hypothesis` and `expected_impact`, those of a run
        its own; and `name`, `status` and `created` of the experiment.
    """
    edits = read_edits(root)
    matches = []
    for experiment in records.every(root):
        runs = [ref for ref in edits if ref.startswith(experiment.id + "/")]
        for ref in (experiment.id, *sorted(runs, key=lambda ref: int(ref.partition("/")[2]))):
            words = words_of(experiment, ref, edits)
            if tag in words["tags"]:
                about = {name: getattr(experiment, name) for name in ("name", "status", "created")}
                matches.append({"ref": ref, **about, **words})
    return matches
