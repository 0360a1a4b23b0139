"""How to go on from a report: commands that can be run as they stand."""

import shlex
from collections.abc import Iterator, Sequence

import numpy as np

from store.experiment import Experiment
from store.families import Family, Floats
from store.places import Place
from store.report.view import Step
from store.suggestion import Suggestion, check_command, key_of, store_words


def steps(
    experiment: Experiment,
    families: Sequence[Family],
    suggestion: Suggestion | None,
    root: Place,
) -> Iterator[Step]:
    """What is worth doing next.

    Args:
        experiment: its record.
        families: that with the best run first; none when nothing has finished.
        suggestion: what to look at next, of the first family.
        root: of the store.
    """
    store, place = ["python", "-m", "store"], store_words(root)
    if experiment.command and experiment.status != "done":
        yield Step("Run what is missing", shlex.join(experiment.command))
    if not families:
        yield from _of_few(experiment, place)
        return
    best = f"{experiment.id}/{families[0].runs[families[0].best]}"
    yield Step("Look at the best run", shlex.join([*store, "show", best, *place]))
    if suggestion is not None:
        if suggestion.ref != best:
            yield Step(
                "See the plateau's middle in its place",
                shlex.join([*store, "report", suggestion.ref, *place]),
            )
        backtest = ["python", "-m", "sweeper", *suggestion.overrides]
        yield Step("Backtest the plateau's middle by itself", shlex.join(backtest))
        yield Step("Put it to the test", check_command(suggestion.ref, root))
    if again := _out_of_sample(experiment):
        yield Step("Choose on the past, test on what came after, fold by fold", again)
    if suggestion is not None and (closer := _closer(experiment, families[0], suggestion)):
        yield Step("Search the gaps of the grid around the plateau", closer)


def _of_few(experiment: Experiment, place: Sequence[str]) -> Iterator[Step]:
    """Of an experiment whose baselines alone have finished, or nothing at all."""
    done, failed = (experiment.counts.get(name, 0) for name in ("done", "failed"))
    store = ["python", "-m", "store"]
    if done:
        yield Step("Look at it", shlex.join([*store, "show", f"{experiment.id}/best", *place]))
    if failed or not done:
        yield Step("Read why", shlex.join([*store, "errors", experiment.id, *place]))


def _out_of_sample(experiment: Experiment) -> str:
    """The same search as a walk-forward; nothing when it has a split already."""
    if not experiment.command or any(len(group["windows"]) > 1 for group in experiment.groups):
        return ""
    return shlex.join([*experiment.command, "split=walk_forward"])


def _closer(experiment: Experiment, family: Family, suggestion: Suggestion) -> str:
    """Every whole number between the neighbours of the plateau's middle; nothing if all ran."""
    if experiment.search.get("kind") != "grid" or not experiment.command:
        return ""
    ranges = [
        (name, *_around(values, suggestion.params[name]))
        for name, values in family.axes.items()
        if (values == np.floor(values)).all() and f"params.{name}" in family.group.get("space", {})
    ]
    if not ranges or all(step == 1 for _, _, _, step in ranges):
        return ""
    swept = [f"params.{name}=range({low},{high + 1})" for name, low, high, _ in ranges]
    words = [*family.group.get("overrides", []), *swept]
    given = {key_of(word) for word in words}
    kept = [word for word in experiment.command if key_of(word) not in given]
    return shlex.join([*kept, *words])


def _around(values: Floats, centre: float) -> tuple[int, int, int]:
    """The next lower and higher value tried, and the wider of the two steps."""
    distinct = np.unique(values)
    place = int(np.searchsorted(distinct, centre))
    near = distinct[max(place - 1, 0) : place + 2]
    return int(near[0]), int(near[-1]), int(np.diff(near).max())
