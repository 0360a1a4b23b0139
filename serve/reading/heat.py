"""A metric of an experiment over two of its parameters, chosen, aggregated and counted here."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from serve.reading.columns import Columns, Floats, keep_columns, shelf_of
from serve.reading.kept import Kept, key_of
from store.analysis.best_plateau import Peak, judged, peak_of
from store.analysis.parameter_grids import Family, families, points
from store.files.arrow_types import Dataset
from store.query.results import Results
from store.query.run_columns import unknown
from store.records.experiment import Experiment, objective
from store.report.heat_map import heat_map
from store.report.view_model import HeatMap
from store.runs.columns import metrics_of
from store.runs.metric_order import best_end


@dataclass(frozen=True)
class Heat:
    """The map of one family of configurations.

    Attributes:
        sought: whether its best plateau was looked for.
        families: titles of all, that with the best run first.
        axes: parameters that vary in this one.
        map: None when nothing varies.
        peak: its best plateau; None without.
        configurations: that the map is made of.
    """

    families: tuple[str, ...]
    axes: tuple[str, ...]
    map: HeatMap | None
    peak: Peak | None
    configurations: int
    sought: bool


MOST_SOUGHT = 100_000
"""Configurations among which the best plateau is sought unasked: a million take ten seconds."""
MOST_KEPT = 64
_families, _maps = Kept(4), Kept(64)
_peaks: dict[Hashable, Peak | None] = {}
"""The best plateaus that were found, the oldest first; files of runs never change."""


@dataclass(frozen=True)
class Chosen:
    """One family of an experiment's configurations.

    Attributes:
        key: names its runs as they are now.
        family: itself.
        titles: of all families, that with the best run first.
        sought: true when it is small enough for what takes a while, or that was asked for.
    """

    key: tuple[Hashable, ...]
    family: Family
    titles: tuple[str, ...]
    sought: bool


def families_of(results: Results, experiment: Experiment) -> list[Family]:
    """All families of an experiment, that with the best run first."""
    runs = key_of(results, experiment)

    def made() -> list[Family]:
        read = partial(points, experiment=experiment)
        table = shelf_of(results, experiment).read(experiment.id, read)
        keep_columns(table, runs, experiment)
        return families(table, experiment)

    return _families.get(runs, made)


def family_of(
    results: Results, experiment: Experiment, place: int, *, asked: bool
) -> Chosen | None:
    """A family by its place among the experiment's; None when nothing has finished."""
    runs = key_of(results, experiment)
    every = families_of(results, experiment)
    if not every:
        return None
    chosen = every[min(place, len(every) - 1)]
    key = (*runs, chosen.title)
    sought = asked or key in _peaks or chosen.runs.size <= MOST_SOUGHT
    return Chosen(key, chosen, tuple(each.title for each in every), sought)


def heat(
    results: Results,
    experiment: Experiment,
    *,
    metric: str,
    x: str,
    y: str,
    family: int,
    plateau: bool = False,
) -> Heat | None:
    """The map that is asked for.

    Args:
        results: the store.
        experiment: its record.
        metric: of the cells.
        x: parameter along x; empty: the one with the most values.
        y: the same along y.
        family: place among the experiment's.
        plateau: look for the best plateau however many they are.

    Returns:
        None when nothing has finished.

    Raises:
        UnknownReference: no such metric or parameter.
    """
    chosen = family_of(results, experiment, family, asked=plateau)
    if chosen is None:
        return None
    key, sought = chosen.key, chosen.sought
    peak = _peak(key, chosen.family) if sought else None

    def made() -> Heat:
        return _drawn(results, experiment, chosen, peak, metric, (x, y))

    return _maps.get((*key, metric, x, y, sought), made)


def _drawn(
    results: Results,
    experiment: Experiment,
    picked: Chosen,
    peak: Peak | None,
    metric: str,
    over: tuple[str, str],
) -> Heat:
    """The map of one family, drawn."""
    chosen, (x, y) = picked.family, over
    asked = [name for name in (x, y) if name]
    for name in asked:
        if name not in chosen.axes:
            raise unknown("parameter", name, list(chosen.axes))
    axes = chosen.axes if len(set(asked)) < 2 else {name: chosen.axes[name] for name in asked}
    searched = metric == objective(experiment)[0]
    values = chosen.metric if searched else _values(results, experiment, chosen, metric)
    highest = chosen.highest if searched else best_end(metric) == "max"
    drawn = heat_map(
        axes,
        values,
        metric,
        chosen.title,
        best=chosen.best,
        centre=None if peak is None else int(np.flatnonzero(chosen.runs == peak.run)[0]),
        higher_is_better=highest,
        grid=experiment.search["kind"] == "grid" and len(axes) == len(chosen.axes),
    )
    left = [name for name in chosen.axes if name not in axes]
    if drawn is not None and left:
        drawn = replace(drawn, note=f"Median over {', '.join(left)}. {drawn.note}".strip())
    counted = int(np.isfinite(values).sum())
    return Heat(picked.titles, tuple(chosen.axes), drawn, peak, counted, picked.sought)


def _peak(key: Hashable, family: Family) -> Peak | None:
    """The best plateau of a family, found once."""
    if key not in _peaks:
        _peaks[key] = peak_of(*judged(family))
        while len(_peaks) > MOST_KEPT:
            _peaks.pop(next(iter(_peaks)), None)
    return _peaks[key]


def _values(results: Results, experiment: Experiment, family: Family, metric: str) -> Floats:
    """Values of another metric, in the order of the family; of its first train window."""

    def read(every: Dataset) -> dict[str, Floats]:
        if metric not in every.schema.names:
            raise unknown("metric", metric, metrics_of(every.schema))
        columns = Columns(every, key_of(results, experiment), keep=experiment.status != "running")
        return columns.numbers(["run", metric])

    columns = shelf_of(results, experiment).read(experiment.id, read)
    runs = columns["run"].astype(np.int64)
    place_of = np.zeros(int(runs.max()) + 1, np.int64)  # numbers of runs have few gaps
    place_of[runs] = np.arange(runs.size)
    return columns[metric][place_of[family.runs]]
