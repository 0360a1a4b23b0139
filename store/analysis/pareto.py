"""The Pareto front: configurations that no other beats in every metric searched for."""

from collections.abc import Sequence

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.files.arrow_types import Dataset, Table
from store.records.experiment import Experiment
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.runs.by_configuration import standings
from store.runs.metric_order import goodness
from store.runs.ranking import configuration_scores, light_columns, take_rows
from store.runs.requirement import NONE, Requirement

ENDS = {"max": "highest", "min": "lowest"}
"""What each mode looks for."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def goals(experiment: Experiment) -> list[tuple[str, str]]:
    """The metrics that an experiment searched for, each with max or min; none if only one."""
    return [(metric, mode) for metric, mode in experiment.search.get("goals", [])]


def unbeaten(values: Floats) -> Bools:
    """Which of n points no other one beats.

    Args:
        values: (n, k), the higher the better; a point with a NaN is beaten.

    Returns:
        (n,) True where no other point is at least as good in all k and better in one.
    """
    front = np.zeros(len(values), np.bool_)
    left = np.flatnonzero(~np.isnan(values).any(axis=1))
    left = left[np.lexsort(-values[left].T[::-1])]  # nothing after a point beats it
    while left.size:
        best = values[left[0]]
        same = (values[left] == best).all(axis=1)
        front[left[same]] = True
        left = left[(values[left] > best).any(axis=1)]
    return front


def scores(
    runs: Table, layout: Layout, searched: Sequence[tuple[str, str]], require: Requirement = NONE
) -> Floats:
    """Values of the metrics searched for, of each run's configuration.

    Args:
        runs: pa.Table of one experiment, with `run`, `status` and those metrics.
        layout: of the experiment.
        searched: k metrics, each with max or min.
        require: what a configuration has to meet.

    Returns:
        (n, k) means over train windows, the higher the better: what is to be lowest is negative;
        NaN where one is missing, or what is required is not met.
    """
    numbers = runs["run"].to_numpy()
    done = pc.equal(runs["status"], "done").to_numpy()
    columns = []
    for metric, mode in searched:
        score = np.where(done, runs[metric].to_numpy().astype(np.float64), np.nan)
        score = require.ranked(configuration_scores(layout, numbers, score), runs, layout)
        columns.append(goodness(score, mode == "max"))
    return np.column_stack(columns)


def front(
    runs: Dataset, layout: Layout, searched: Sequence[tuple[str, str]], require: Requirement = NONE
) -> list[RunRow]:
    """The configurations that none beats, best by the first metric first.

    Args:
        runs: dataset of one experiment.
        layout: of the experiment.
        searched: metrics, each with max or min; a configuration has the mean over its train
            windows, and needs all of them.
        require: what a configuration has to meet.

    Returns:
        As `store.runs.by_configuration.standings`.
    """
    needed = ["run", "status", *(name for name, _ in searched), *require.columns(runs.schema)]
    keys = runs.to_table(columns=list(dict.fromkeys(needed)))
    numbers, values = keys["run"].to_numpy(), scores(keys, layout, searched, require)
    first = np.flatnonzero(layout.first_trains(numbers))
    best = first[unbeaten(values[first])]
    best = best[np.lexsort((numbers[best], -values[best, 0]))]
    chosen = layout.configuration(numbers[best])
    every = layout.configuration(numbers)
    rows = np.flatnonzero(np.isin(every, chosen))
    place = np.argsort(chosen)[np.searchsorted(np.sort(chosen), every[rows])]
    table = take_rows(runs, rows[np.lexsort((numbers[rows], place))], light_columns(runs.schema))
    return standings(table, layout)
