"""Families whose metric is the median over symbols, for plateaus that many symbols share."""

import numpy as np

from store.analysis.parameter_grids import Family, axis_columns, floats, in_space
from store.analysis.symbol_medians import kind_titles, kinds_of, over_symbols
from store.files.arrow_types import Table
from store.records.experiment import Experiment, objective
from store.records.group import by_first_run
from store.records.symbols import symbols_of
from store.runs.columns import short


def median_families(runs: Table, experiment: Experiment) -> list[Family]:
    """A family for each kind of group, a row for each configuration that ran on all symbols.

    Where none ran on all, those on as many as any. A run stands for its configuration: that on the
    first symbol.

    Args:
        runs: what `families.points` gives.
        experiment: its record.

    Returns:
        That with the best median first.
    """
    metric, highest = objective(experiment)
    if metric not in runs.schema.names:
        return []
    every = over_symbols(runs, experiment, metric, highest)
    groups = by_first_run(experiment.groups)
    firsts = {kind: place for place, kind in reversed(list(enumerate(kinds_of(experiment))))}
    axes = {short(name): floats(runs[name])[every.rows] for name in axis_columns(runs.schema)}
    baseline = runs["baseline"].to_numpy()[every.rows]
    titles, complete = kind_titles(experiment), every.complete()
    grids = []
    for kind, place in firsts.items():
        group = groups[place]
        mine = np.flatnonzero((every.kinds == kind) & complete)
        inside = in_space(group, baseline[mine], {name: axis[mine] for name, axis in axes.items()})
        mine = mine[inside]
        if not mine.size:
            continue
        values = {name: axis[mine] for name, axis in axes.items()}
        who = [
            group.strategy,
            f"median of {len(symbols_of(experiment))} symbols",
            group.direction,
            titles[kind],
        ]
        grids.append(
            Family(
                title=" · ".join(filter(None, who)),
                group=group,
                runs=every.runs[mine],
                axes={n: axis for n, axis in values.items() if np.unique(axis).size > 1},
                metric=every.median[mine],
                test=None,
                highest=highest,
            )
        )
    return sorted(grids, key=lambda family: family.best_value, reverse=True)
