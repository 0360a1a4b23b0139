"""Parameters that matter in a family of configurations, and its train against its test."""

from dataclasses import dataclass

from serve.reading.heat import family_of
from serve.reading.kept import Kept
from store.query.results import Results
from store.records.experiment import Experiment, objective
from store.report.distribution import train_and_test
from store.report.parallel_coordinates import importance
from store.report.view_model import Gap, Importance

_kept = Kept(64)


@dataclass(frozen=True)
class Matters:
    """Answers about one family.

    Attributes:
        importance: of its parameters; None when nothing varies.
        gap: every configuration's train and test, drawn as dots; None without test windows.
    """

    importance: Importance | None
    gap: Gap | None


def matters(
    results: Results, experiment: Experiment, family: int, *, asked: bool = False
) -> Matters | None:
    """Effects and train against test of a family.

    Args:
        results: the store.
        experiment: its record.
        family: place among the experiment's.
        asked: answer however many configurations there are; a million take seconds.

    Returns:
        None when nothing has finished, or there are too many to answer unasked.
    """
    chosen = family_of(results, experiment, family, asked=asked)
    if chosen is None or not chosen.sought:
        return None
    metric = objective(experiment)[0]

    def made() -> Matters:
        own = chosen.family
        return Matters(importance(own) if own.axes else None, train_and_test([own], metric))

    return _kept.get(chosen.key, made)
