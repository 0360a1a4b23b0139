"""A metric of an experiment over two of its parameters, chosen, aggregated and counted here."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serve.reading.kept import Kept, key_of
from store.analysis.best_plateau import Peak, judged, peak_of
from store.analysis.parameter_grids import Family, families
from store.query.results import Results
from store.query.run_columns import unknown
from store.records.experiment import Experiment, objective
from store.report.heat_map import heat_map
from store.report.view_model import HeatMap
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
    runs = key_of(results, experiment)
    every = _families.get(runs, lambda: families(results.points(experiment.id), experiment))
    if not every:
        return None
    chosen = every[min(family, len(every) - 1)]
    key = (*runs, chosen.title)
    sought = plateau or key in _peaks or chosen.runs.size <= MOST_SOUGHT
    peak = _peak(key, chosen) if sought else None
    titles = tuple(each.title for each in every)

    def made() -> Heat:
        return _drawn(results, experiment, chosen, peak, metric, (x, y), titles, sought)

    return _maps.get((*key, metric, x, y, sought), made)


def _drawn(
    results: Results,
    experiment: Experiment,
    chosen: Family,
    peak: Peak | None,
    metric: str,
    over: tuple[str, str],
    titles: tuple[str, ...],
    sought: bool,
) -> Heat:
    """The map of one family, drawn."""
    x, y = over
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
    return Heat(titles, tuple(chosen.axes), drawn, peak, int(np.isfinite(values).sum()), sought)


def _peak(key: Hashable, family: Family) -> Peak | None:
    """The best plateau of a family, found once."""
    if key not in _peaks:
        _peaks[key] = peak_of(*judged(family))
        while len(_peaks) > MOST_KEPT:
            _peaks.pop(next(iter(_peaks)), None)
    return _peaks[key]


def _values(results: Results, experiment: Experiment, family: Family, metric: str) -> Any:
    """Values of another metric, in the order of the family; of its first train window."""
    table = results.runs(experiment.id, ["run", metric])
    runs = table["run"].to_numpy()
    place_of = np.zeros(int(runs.max()) + 1, np.int64)  # numbers of runs have few gaps
    place_of[runs] = np.arange(runs.size)
    places = place_of[family.runs]
    column = table[metric].cast("double").to_numpy(zero_copy_only=False)
    values: NDArray[np.float64] = column[places]
    return values
