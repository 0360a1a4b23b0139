"""How to go on from a report: commands that can be run as they stand."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from store.experiment import Experiment
from store.places import Place
from store.report.families import Family, Floats
from store.report.view import Peak, Step


def steps(
    experiment: Experiment, families: Sequence[Family], peaks: Sequence[Peak], root: Place
) -> Iterator[Step]:
    """What is worth doing next.

    Args:
        experiment: its record.
        families: that with the best run first; none when nothing has finished.
        peaks: of the families.
        root: of the store.
    """
    place = [] if root == Path("results") else ["--root", str(root)]
    store, promote = ["python", "-m", "store"], ["python", "-m", "promote"]
    if experiment.command and experiment.status != "done":
        yield Step("Run what is missing", shlex.join(experiment.command))
    if not families:
        yield Step("Read why", shlex.join([*store, "errors", experiment.id, *place]))
        return
    best = f"{experiment.id}/{families[0].runs[families[0].best]}"
    yield Step("Look at the best run", shlex.join([*store, "show", best, *place]))
    if peak := next((one for one in peaks if one.family == families[0].title), None):
        centre = f"{experiment.id}/{peak.run}"
        if centre != best:
            yield Step(
                "See the plateau's middle in its place",
                shlex.join([*store, "report", centre, *place]),
            )
        yield Step("Put it to the test", shlex.join([*promote, "check", centre, *place]))
    if again := _out_of_sample(experiment):
        yield Step("Choose on the past, test on what came after, fold by fold", again)
    if closer := _closer(experiment, families[0], peaks):
        yield Step("Search the gaps of the grid around the plateau", closer)


def _out_of_sample(experiment: Experiment) -> str:
    """The same search as a walk-forward; nothing when it has a split already."""
    if not experiment.command or any(len(group["windows"]) > 1 for group in experiment.groups):
        return ""
    return shlex.join([*experiment.command, "split=walk_forward"])


def _closer(experiment: Experiment, family: Family, peaks: Sequence[Peak]) -> str:
    """Every whole number between the neighbours of the plateau's middle; nothing if all ran."""
    peak = next((one for one in peaks if one.family == family.title), None)
    if peak is None or experiment.search.get("kind") != "grid" or not experiment.command:
        return ""
    ranges = [
        (name, *_around(values, peak.params[name]))
        for name, values in family.axes.items()
        if (values == np.floor(values)).all() and f"params.{name}" in family.group.get("space", {})
    ]
    if not ranges or all(step == 1 for _, _, _, step in ranges):
        return ""
    swept = [f"params.{name}=range({low},{high + 1})" for name, low, high, _ in ranges]
    words = [*family.group.get("overrides", []), *swept]
    given = {_key(word) for word in words}
    kept = [word for word in experiment.command if _key(word) not in given]
    return shlex.join([*kept, *words])


def _key(word: str) -> str:
    """What an override is about."""
    return word.lstrip("+~").partition("=")[0]


def _around(values: Floats, centre: float) -> tuple[int, int, int]:
    """The next lower and higher value tried, and the wider of the two steps."""
    distinct = np.unique(values)
    place = int(np.searchsorted(distinct, centre))
    near = distinct[max(place - 1, 0) : place + 2]
    return int(near[0]), int(near[-1]), int(np.diff(near).max())
