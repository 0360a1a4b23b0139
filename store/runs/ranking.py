"""Finding the best of a million rows without reading them: one column first, then n rows.

A configuration with several windows is ranked by the mean over those that the search may look at
(every one but test windows); test windows are shown next to it and decide nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.files.arrow_types import Dataset, Schema, Table
from store.records.run_numbering import Ints, Layout
from store.runs.columns import BLOCK_SUMS
from store.runs.complexity_penalty import Penalty
from store.runs.metric_order import goodness
from store.runs.requirement import NONE, Requirement

Floats = NDArray[np.float64]

RETURN = "total_return"
"""The metric that tells infinite values of others apart."""


def best_runs(
    dataset: Dataset,
    metric: str,
    n: int,
    descending: bool,
    where: Mapping[str, str | bool],
    layout: Layout | None = None,
    penalty: Penalty | None = None,
    require: Requirement = NONE,
) -> Table:
    """The best `n` finished runs, best first, ties by run number; without their block sums.

    Infinite values come after all finite ones (see `store.runs.metric_order`), among themselves by
    total return.

    Args:
        dataset: of runs, as Shelf gives it.
        metric: runs that lack it, or in which it is NaN or null, are left out.
        n: how many at most.
        descending: whether the highest value is the best.
        where: value that a column has to have.
        layout: of the runs' experiment, to leave out test windows that `where` does not name.
        penalty: what every parameter costs; with it the table has its two columns more.
        require: what a configuration has to meet to rank.

    Returns:
        A pa.Table; pruned runs are not in it.
    """
    columns = light_columns(dataset.schema)
    if metric not in columns:
        return dataset.schema.empty_table().select(columns)
    wanted = {**where, "status": "done"}
    counted = penalty.columns(dataset.schema) if penalty else []
    counted += require.columns(dataset.schema)
    # dict.fromkeys: the metric may be named in `where`, too; a column is read once.
    keys = dataset.to_table(columns=list(dict.fromkeys([metric, "run", *wanted, *counted])))
    score = keys[metric].to_numpy().astype(np.float64)
    if penalty:
        score = penalty.worth(score, keys, descending)
    score = require.ranked(score, keys, layout)
    keep = ~np.isnan(score)
    for column, value in wanted.items():
        keep &= pc.equal(keys[column], value).to_numpy()
    if layout is not None and not layout.single and "window" not in where:
        keep &= layout.trains(keys["run"].to_numpy())
    rows = np.flatnonzero(keep)
    order = -goodness(score[rows], descending)
    if len(rows) > n > 0:
        # Everything at least as good as number n, so that ties are broken by run alone.
        near = order <= np.partition(order, n - 1)[n - 1]
        rows, order = rows[near], order[near]
    ties = _ties(dataset, rows, order)
    best = np.lexsort((keys["run"].to_numpy()[rows], ties, order))[:n]
    best_rows = take_rows(dataset, rows[best], columns)
    return penalty.shown(best_rows, metric, descending) if penalty else best_rows


def best_configurations(
    dataset: Dataset,
    layout: Layout,
    metric: str,
    n: int,
    descending: bool,
    where: Mapping[str, str | bool],
    require: Requirement = NONE,
) -> Table:
    """All runs of the best `n` configurations; without their block sums.

    Args:
        dataset: of the runs of one experiment.
        layout: of the experiment.
        metric: its mean over train windows decides; a configuration that lacks it in one of them,
            or in which it is NaN there, is left out.
        n: how many configurations at most.
        descending: whether the highest value is the best.
        where: value that a column has to have.
        require: what a configuration has to meet to rank.

    Returns:
        A pa.Table: configurations best first, ties as in `best_runs`; their runs by number.
    """
    if layout.single:
        return best_runs(dataset, metric, n, descending, where, require=require)
    columns = light_columns(dataset.schema)
    if metric not in columns:
        return dataset.schema.empty_table().select(columns)
    wanted = {**where, "status": "done"}
    needed = [metric, "run", *wanted, *require.columns(dataset.schema)]
    keys = dataset.to_table(columns=list(dict.fromkeys(needed)))
    score, runs = keys[metric].to_numpy().astype(np.float64), keys["run"].to_numpy()
    for column, value in wanted.items():
        score[~pc.equal(keys[column], value).to_numpy()] = np.nan
    score = require.ranked(configuration_scores(layout, runs, score), keys, layout)
    first = np.flatnonzero(layout.first_trains(runs) & ~np.isnan(score))
    worse = -goodness(score[first], descending)
    order = np.lexsort((runs[first], _ties(dataset, first, worse, layout, runs), worse))[:n]
    chosen = layout.configuration(runs[first[order]])
    configurations = layout.configuration(runs)
    rows = np.flatnonzero(np.isin(configurations, chosen))
    place = np.argsort(chosen)[np.searchsorted(np.sort(chosen), configurations[rows])]
    return take_rows(dataset, rows[np.lexsort((runs[rows], place))], columns)


def _ties(
    dataset: Dataset,
    rows: Ints,
    order: Floats,
    layout: Layout | None = None,
    runs: Ints | None = None,
) -> Floats:
    """(n,) what breaks ties among infinite values, lowest first: the total return, turned round.

    A profit factor without a loss is infinite for one trade as for a hundred; what they earned
    tells them apart. 0 for finite values, whose ties are broken by run number alone.

    Args:
        dataset: of the runs.
        rows: (n,) places in it.
        order: (n,) infinite where the metric is.
        layout: with `runs`, all run numbers: the mean over train windows counts.
        runs: all run numbers, with `layout`.
    """
    ties = np.zeros(len(rows))
    infinite = np.isinf(order)
    if infinite.any() and RETURN in dataset.schema.names:
        returns = dataset.to_table(columns=[RETURN])[RETURN].to_numpy().astype(np.float64)
        if layout is not None and runs is not None:
            returns = configuration_scores(layout, runs, returns)
        ties[infinite] = -np.nan_to_num(returns[rows[infinite]], nan=-np.inf)
    return ties


def configuration_scores(layout: Layout, runs: Ints, scores: Floats) -> Floats:
    """Score that each run's configuration is ranked by.

    Args:
        layout: of the experiment.
        runs: (n,) run numbers.
        scores: (n,) of the search metric, NaN where a run has none.

    Returns:
        (n,) the mean over the configuration's train windows; NaN when one is missing or NaN.
    """
    return layout.means(runs, scores)


def light_columns(schema: Schema) -> list[str]:
    """Every column but the block sums, which are three quarters of the bytes."""
    return [name for name in schema.names if name not in BLOCK_SUMS]


def take_rows(dataset: Dataset, rows: NDArray[np.int64], columns: Sequence[str]) -> Table:
    """Rows of a dataset by number, in the order asked for; reads only their row groups.

    Args:
        dataset: of Parquet fragments.
        rows: (n,) from 0 on, counted through the fragments in their order.
        columns: names.

    Returns:
        A pa.Table of n rows.
    """
    parts, places = list[Table](), list[Ints]()
    start = 0
    for fragment in dataset.get_fragments():
        for group in fragment.row_groups:
            inside = np.flatnonzero((rows >= start) & (rows < start + group.num_rows))
            if inside.size:
                part = fragment.subset(row_group_ids=[group.id])
                table: Table = part.to_table(schema=dataset.schema, columns=list(columns))
                parts.append(table.take(rows[inside] - start))
                places.append(inside)
            start += group.num_rows
    if not parts:
        return dataset.schema.empty_table().select(list(columns))
    table = pa.concat_tables(parts)
    return table.take(np.argsort(np.concatenate(places)))
