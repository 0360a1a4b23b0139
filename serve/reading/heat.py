"""A metric of an experiment over two of its parameters, chosen, aggregated and counted here."""

from collections.abc import Hashable, Mapping
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
from store.report.heat_map import Laid, heat_map, laid_out
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
_families, _plans, _maps = Kept(4), Kept(2), Kept(64)
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


@dataclass(frozen=True)
class View:
    """A map that is asked for.

    Attributes:
        metric: of the cells.
        x: parameter along x; empty: the one with the most values.
        y: the same along y.
        family: place among the experiment's.
        plateau: look for the best plateau however many configurations there are.
    """

    metric: str
    x: str = ""
    y: str = ""
    family: int = 0
    plateau: bool = False


def heat(results: Results, experiment: Experiment, view: View) -> Heat | None:
    """The map that is asked for; None when nothing has finished.

    Raises:
        UnknownReference: no such metric or parameter.
    """
    chosen = family_of(results, experiment, view.family, asked=view.plateau)
    if chosen is None:
        return None
    if chosen.sought:
        _peak(chosen.key, chosen.family)  # found once, and from then on known
    key = (*chosen.key, view.metric, view.x, view.y, chosen.sought)
    return _maps.get(key, lambda: _drawn(results, experiment, chosen, view))


def best_in_cell(
    results: Results, experiment: Experiment, view: View, cell: tuple[int, int]
) -> int | None:
    """Number of the best run in a cell of a map, by what was searched for.

    Args:
        results: the store.
        experiment: its record.
        view: the map.
        cell: places along x and y; there is none outside the map, nor in an empty cell.
    """
    chosen = family_of(results, experiment, view.family, asked=view.plateau)
    drawn = heat(results, experiment, view)
    if chosen is None or drawn is None or (shown := drawn.map) is None:
        return None
    column, row = cell
    if not (0 <= column < len(shown.x) and 0 <= row < len(shown.y)):
        return None
    laid = _Plan.of(results, experiment, chosen, view).laid
    if laid is None:
        return None
    own, rows = chosen.family, laid.rows(shown.x[column], shown.y[row])
    if not rows.size:
        return None
    best = own.metric[rows].argmax() if own.highest else own.metric[rows].argmin()
    return int(own.runs[rows[best]])


@dataclass(frozen=True)
class _Plan:
    """Arrays from which the map of one family is drawn."""

    axes: Mapping[str, Floats]
    values: Floats
    peak: Peak | None
    centre: int | None
    grid: bool
    laid: Laid | None

    @staticmethod
    def of(results: Results, experiment: Experiment, chosen: Chosen, view: View) -> "_Plan":
        """The plan of a view; the last few are kept, as a click comes soon after its map."""
        key = (*chosen.key, view.metric, view.x, view.y, chosen.sought)
        return _plans.get(key, lambda: _planned(results, experiment, chosen, view))


def _planned(results: Results, experiment: Experiment, chosen: Chosen, view: View) -> _Plan:
    own = chosen.family
    asked = list(dict.fromkeys(name for name in (view.x, view.y) if name))
    for name in asked:
        if name not in own.axes:
            raise unknown("parameter", name, list(own.axes))
    axes = own.axes if len(asked) < 2 else {name: own.axes[name] for name in asked}
    searched = view.metric == objective(experiment)[0]
    values = own.metric if searched else _values(results, experiment, own, view.metric)
    peak = _peak(chosen.key, own) if chosen.sought else None
    centre = None if peak is None else int(np.flatnonzero(own.runs == peak.run)[0])
    grid = experiment.search["kind"] == "grid" and len(axes) == len(own.axes)
    laid = laid_out(axes, values, centre=centre, grid=grid)
    return _Plan(axes, values, peak, centre, grid, laid)


def _drawn(results: Results, experiment: Experiment, chosen: Chosen, view: View) -> Heat:
    """The map of one family, drawn."""
    own, plan = chosen.family, _Plan.of(results, experiment, chosen, view)
    searched = view.metric == objective(experiment)[0]
    drawn = heat_map(
        plan.axes,
        plan.values,
        view.metric,
        own.title,
        best=own.best,
        centre=plan.centre,
        higher_is_better=own.highest if searched else best_end(view.metric) == "max",
        grid=plan.grid,
        laid=plan.laid,
    )
    left = [name for name in own.axes if name not in plan.axes]
    if drawn is not None and left:
        drawn = replace(drawn, note=f"Median over {', '.join(left)}. {drawn.note}".strip())
    counted = int(np.isfinite(plan.values).sum())
    return Heat(chosen.titles, tuple(own.axes), drawn, plan.peak, counted, chosen.sought)


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
