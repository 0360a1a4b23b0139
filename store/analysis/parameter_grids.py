"""The runs of an experiment as arrays: a family for each group, a row for each configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.analysis.pareto import goals
from store.files.arrow_types import Column, Dataset, Schema, Table
from store.records.comparable_groups import firsts_that_share
from store.records.experiment import Experiment, objective
from store.records.group import GroupRecord, by_first_run
from store.records.run_numbering import Layout
from store.records.symbols import has_many
from store.runs.columns import PARAMS, SETTINGS, short
from store.runs.ranking import configuration_scores
from store.runs.requirement import Requirement

WHO = ("strategy", "symbol", "direction")
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Family:
    """The n finished configurations of one group, which differ in numbers only.

    Attributes:
        title: strategy, symbol and direction.
        group: its entry in `Experiment.groups`.
        runs: (n,) number of each one's first train run.
        axes: (n,) values of each parameter and swept setting that varies, by short name; NaN: off.
        metric: (n,) of the search, mean over train windows, finite.
        test: (n,) the same over test windows; None when there are none, NaN where one is missing.
        highest: whether the highest metric is the best.
    """

    title: str
    group: GroupRecord
    runs: Ints
    axes: Mapping[str, Floats]
    metric: Floats
    test: Floats | None
    highest: bool

    @cached_property
    def best(self) -> int:
        """The place of the best configuration, of equals the one with the lowest run."""
        value = self.metric.max() if self.highest else self.metric.min()
        equals = np.flatnonzero(self.metric == value)
        return int(equals[np.argmin(self.runs[equals])])

    @property
    def best_value(self) -> float:
        """The family's metric, turned so that more is better."""
        value = float(self.metric[self.best])
        return value if self.highest else -value

    def take(self, rows: NDArray[Any]) -> "Family":
        """Some of the configurations."""
        return replace(
            self,
            runs=self.runs[rows],
            axes={name: values[rows] for name, values in self.axes.items()},
            metric=self.metric[rows],
            test=None if self.test is None else self.test[rows],
        )

    def params(self, place: int) -> dict[str, float]:
        """Parameters that vary, of one configuration."""
        return {name: float(values[place]) for name, values in self.axes.items()}


def points(runs: Dataset, experiment: Experiment) -> Table:
    """Columns that `families` and `store.analysis.pareto` read of all runs, as a pa.Table.

    Args:
        runs: dataset of the experiment.
        experiment: its record.
    """
    metric, _ = objective(experiment)
    wanted = ["run", "status", "baseline", metric, *(name for name, _ in goals(experiment))]
    wanted += ["params_hash"] * has_many(experiment)
    wanted += [*axis_columns(runs.schema), *Requirement.of(experiment.search).metrics]
    names = [name for name in dict.fromkeys(wanted) if name in runs.schema.names]
    if not _all_done(experiment):
        return runs.to_table(columns=names)
    table: Table = runs.to_table(columns=[name for name in names if name != "status"])
    # A million equal words take longer to read than to write.
    return table.append_column("status", pa.repeat(pa.scalar("done"), table.num_rows)).select(names)


def _all_done(experiment: Experiment) -> bool:
    """True when every run was made by the experiment itself, and none failed or was pruned."""
    counts = experiment.counts
    return experiment.status == "done" and counts.get("done") == counts.get("planned")


def axis_columns(schema: Schema) -> list[str]:
    """The columns of parameters and swept settings of a pa.Schema of runs."""
    return [name for name in schema.names if name.startswith((PARAMS, *SETTINGS))]


def families(runs: Table, experiment: Experiment) -> list[Family]:
    """The families of an experiment, that with the best run first; groups that overlap are one.

    A baseline is part of its family where it lies in the space that was searched.

    Args:
        runs: what `points` gives.
        experiment: its record.

    Returns:
        None of a group of which nothing has finished.
    """
    metric, highest = objective(experiment)
    if metric not in runs.schema.names:
        return []
    layout = Layout.of(experiment.groups)
    groups = by_first_run(experiment.groups)
    numbers = runs["run"].to_numpy()
    done = pc.equal(runs["status"], "done").to_numpy()
    baseline = runs["baseline"].to_numpy()
    scores = np.where(done, floats(runs[metric]), np.nan)
    scores = Requirement.of(experiment.search).ranked(scores, runs, layout)
    train = configuration_scores(layout, numbers, scores)
    tests = _tests(layout)
    test = None if tests is None else configuration_scores(tests, numbers, scores)
    rows = np.flatnonzero(layout.first_trains(numbers) & np.isfinite(train))
    firsts = np.array(firsts_that_share(groups), np.int64)
    own = layout.group(numbers[rows])
    axes = {short(name): floats(runs[name]) for name in axis_columns(runs.schema)}
    grids = []
    for place, group in enumerate(groups):
        inside = [
            mine[in_space(groups[number], baseline[mine], _read(groups[number], axes, mine))]
            for number in np.flatnonzero(firsts == place).tolist()
            for mine in [rows[own == number]]
        ]
        mine = np.sort(np.concatenate([rows[:0], *inside]))  # as they lie in the file
        if not mine.size:
            continue
        varying = {name: column[mine] for name, column in axes.items() if _varies(column, mine)}
        tested = None if test is None or np.isnan(test[mine]).all() else test[mine]
        title = _title(group, groups)
        grids.append(Family(title, group, numbers[mine], varying, train[mine], tested, highest))
    return sorted(grids, key=lambda number: number.best_value, reverse=True)


def _read(group: GroupRecord, axes: Mapping[str, Floats], rows: Ints) -> dict[str, Floats]:
    """Columns that `in_space` reads of the axes: none where the record says it."""
    if group.baseline_in_space is not None:
        return {}
    return {name: column[rows] for name, column in axes.items()}


def _varies(column: Floats, rows: Ints) -> bool:
    """True when not all values of some rows, one or more, are the same; NaN, off, equals NaN."""
    first = column[rows[0]]
    return not _same(column, first) and not _same(column[rows], first)


def _same(values: Floats, first: float) -> bool:
    return bool((np.isnan(values) if np.isnan(first) else values == first).all())


def in_space(group: GroupRecord, baseline: Bools, axes: Mapping[str, Floats]) -> Bools:
    """(n,) which configurations of a group lie in the space that was searched.

    Args:
        group: its entry in `Experiment.groups`. Records of earlier versions do not say whether the
            defaults lie in the space: there they do when each of their values occurs elsewhere.
        baseline: (n,) which are the strategy's defaults.
        axes: (n,) values of each swept number; NaN is off. Read for such records alone.
    """
    inside = group.baseline_in_space
    if inside is None:
        inside = not baseline.all() and all(
            bool(np.isin(_comparable(values[baseline]), _comparable(values[~baseline])).all())
            for values in axes.values()
        )
    return ~baseline | bool(inside)


def in_order(columns: Sequence[Floats]) -> Ints:
    """(n,) places of configurations by their numbers, of which the last turns fastest."""
    return np.lexsort([_comparable(column) for column in reversed(columns)])


def _comparable(values: Floats) -> Floats:
    """Values in which off equals off."""
    return np.where(np.isnan(values), np.inf, values)


def _title(group: GroupRecord, groups: Sequence[GroupRecord]) -> str:
    """Title of a family; where that is not enough, also the overrides that others do not share."""
    alike = [other for other in groups if _who(other) == _who(group)]
    shared = set.intersection(*(set(other.overrides) for other in alike))
    firsts = firsts_that_share(alike)
    first = firsts[[other is group for other in alike].index(True)]
    united = [other for other, place in zip(alike, firsts, strict=True) if place == first]
    common = set.intersection(*(set(other.overrides) for other in united))
    own = [word for word in group.overrides if word in common - shared]
    return " · ".join([*_who(group), *own])


def _who(group: GroupRecord) -> list[str]:
    return [str(getattr(group, name)) for name in WHO]


def floats(column: Column) -> Floats:
    """A pa.ChunkedArray as (n,) float64; null is NaN."""
    values: Floats = column.cast("float64").to_numpy().astype(np.float64, copy=False)
    return values


def _tests(layout: Layout) -> Layout | None:
    """The layout in which test windows are what counts; None when no group has one."""
    real = np.arange(layout.ranked.shape[1]) < layout.widths[:, None]
    ranked = real & ~layout.ranked
    return Layout(layout.firsts, layout.widths, ranked) if ranked.any() else None
