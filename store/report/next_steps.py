"""Next steps of a report: commands that can be run as they stand."""

from collections.abc import Iterator, Sequence

import numpy as np

from store.analysis.parameter_grids import Family, Floats
from store.analysis.suggestion import Suggestion, key_of, modules_to_name
from store.analysis.symbol_medians import of_symbols
from store.commands import SWEEPER, again, line, promote_line, store_line
from store.files.backend import Place
from store.records.comparable_groups import group_of_run
from store.records.experiment import Experiment
from store.report.view_model import Step


def steps(
    experiment: Experiment,
    families: Sequence[Family],
    suggestion: Suggestion | None,
    root: Place,
) -> Iterator[Step]:
    """Next steps worth taking.

    Args:
        experiment: its record.
        families: that with the best run first; none when nothing has finished.
        suggestion: what to look at next, of one of the families.
        root: of the store.
    """
    if experiment.command and experiment.status != "done":
        yield Step("Run what is missing", line(*again(experiment.command, root)))
    if not families:
        yield from _of_few(experiment, root)
        return
    best = f"{experiment.id}/{families[0].runs[families[0].best]}"
    yield Step("Look at the best run", store_line("show", best, root=root))
    if suggestion is not None:
        modules = modules_to_name(experiment)
        if suggestion.ref != best:
            yield Step(
                "See the plateau's middle in its place",
                store_line("report", suggestion.ref, root=root, modules=modules),
            )
        backtest = line(*SWEEPER, *suggestion.overrides)
        where = "by itself" if suggestion.symbols == 1 else "on all symbols"
        yield Step(f"Backtest the plateau's middle {where}", backtest)
        yield Step(
            "Put it to the test", promote_line("check", suggestion.ref, root=root, modules=modules)
        )
    if folds := _out_of_sample(experiment, root):
        yield Step("Choose on the past, test on what came after, fold by fold", folds)
    if suggestion is not None and (closer := _closer(experiment, families, suggestion, root)):
        yield Step("Search the gaps of the grid around the plateau", closer)


def _of_few(experiment: Experiment, root: Place) -> Iterator[Step]:
    """Next steps after an experiment of which baselines alone have finished, or nothing."""
    done, failed = (experiment.counts.get(name, 0) for name in ("done", "failed"))
    if done:
        yield Step("Look at it", store_line("show", f"{experiment.id}/best", root=root))
    if failed or not done:
        yield Step("Read why", store_line("errors", experiment.id, root=root))


def _out_of_sample(experiment: Experiment, root: Place) -> str:
    """The same search as a walk-forward; nothing when it has a split already."""
    if not experiment.command or any(len(group.windows) > 1 for group in experiment.groups):
        return ""
    return line(*again([*experiment.command, "split=walk_forward"], root))


def _closer(
    experiment: Experiment, families: Sequence[Family], suggestion: Suggestion, root: Place
) -> str:
    """Every whole number between the neighbours of the plateau's middle; nothing if all ran."""
    if experiment.search.get("kind") != "grid" or not experiment.command:
        return ""
    middle = int(suggestion.ref.rpartition("/")[2])
    family = next(grid for grid in families if middle in grid.runs)
    ranges = [
        (name, *_around(values, suggestion.params[name]))
        for name, values in family.axes.items()
        if (values == np.floor(values)).all() and f"params.{name}" in family.group.space
    ]
    if not ranges or all(step == 1 for _, _, _, step in ranges):
        return ""
    swept = [f"params.{name}=range({low},{high + 1})" for name, low, high, _ in ranges]
    own = list(group_of_run(experiment, middle).overrides)
    if suggestion.symbols > 1:
        own = [word for word in own if not of_symbols(word)]
    words = [*own, *swept]
    given = {key_of(word) for word in words}
    kept = [word for word in experiment.command if key_of(word) not in given]
    return line(*again([*kept, *words], root))


def _around(values: Floats, centre: float) -> tuple[int, int, int]:
    """The next lower and higher value tried, and the wider of the two steps."""
    distinct = np.unique(values)
    place = int(np.searchsorted(distinct, centre))
    near = distinct[max(place - 1, 0) : place + 2]
    return int(near[0]), int(near[-1]), int(np.diff(near).max())
