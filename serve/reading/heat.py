"""A metric of an experiment over two of its parameters, chosen, aggregated and counted here."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def heat(
    results: Results, experiment: Experiment, *, metric: str, x: str, y: str, family: int
) -> Heat | None:
    """The map that is asked for.

    Args:
        results: the store.
        experiment: its record.
        metric: of the cells.
        x: parameter along x; empty: the one with the most values.
        y: the same along y.
        family: place among the experiment's.

    Returns:
        None when nothing has finished.

    Raises:
        UnknownReference: no such metric or parameter.
    """
    every = families(results.points(experiment.id), experiment)
    if not every:
        return None
    chosen = every[min(family, len(every) - 1)]
    part, plateau = judged(chosen)
    peak = peak_of(part, plateau)
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
    titles = tuple(each.title for each in every)
    return Heat(titles, tuple(chosen.axes), drawn, peak, int(np.isfinite(values).sum()))


def _values(results: Results, experiment: Experiment, family: Family, metric: str) -> Any:
    """Values of another metric, in the order of the family; of its first train window."""
    table = results.runs(experiment.id, ["run", metric])
    runs = table["run"].to_numpy()
    order = np.argsort(runs)
    places = order[np.searchsorted(runs, family.runs, sorter=order)]
    column = table[metric].cast("double").to_numpy(zero_copy_only=False)
    values: NDArray[np.float64] = column[places]
    return values
