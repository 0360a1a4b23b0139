"""A page of an experiment's runs, sorted and filtered here, found by key.

The next page begins after the last run of this one, by its value and number, so that a page of a
million runs costs the same wherever it stands, and none is shown twice while runs come in.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serve.reading.columns import Columns, Floats, shelf_of
from serve.reading.kept import key_of
from store.files.arrow_types import Dataset
from store.query.results import Results
from store.query.run_columns import unknown
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.runs.columns import PARAMS
from store.runs.condition import Condition
from store.runs.metric_order import best_end
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns, take_rows

MOST = 500
"""Runs of a page."""
WORDS = ("strategy", "symbol", "window", "status")
"""Columns that are filtered by one value."""


@dataclass(frozen=True)
class RunPage:
    """Some runs of an experiment, in order.

    Attributes:
        total: runs of the experiment.
        matching: of them that the filter admits.
        runs: as `store.runs.plain.run_dicts` gives them.
        after: key of the last one, where more follow.
        sort: column that they are sorted by.
        descending: highest first.
    """

    total: int
    matching: int
    runs: list[RunRow]
    after: str | None
    sort: str
    descending: bool


def run_page(
    results: Results,
    ref: str,
    *,
    sort: str,
    order: str = "best",
    filter: str = "",
    where: Mapping[str, str] | None = None,
    after: str | None = None,
    limit: int = 50,
) -> RunPage:
    """A page of the runs of an experiment.

    Args:
        results: the store.
        ref: an experiment.
        sort: `run`, a metric, or a number such as `params.fast` or `fast`.
        order: best (of a metric), asc or desc. Runs without a value come last.
        filter: a condition on numbers, `sharpe > 0.5 and fast < 20`; empty for all. A run in which
            one of them is not known is left out.
        where: values that columns of WORDS have to have.
        after: of the page before.
        limit: runs at most, 1 to MOST.

    Raises:
        UnknownReference: no such experiment or column.
        ValueError: a condition or a key that cannot be read.
    """
    experiment = results.resolve(ref).experiment
    condition = Condition(filter, "filter") if filter.strip() else None
    place = None if after is None else _key(after)
    wanted = dict(where or {})

    def read(runs: Dataset) -> RunPage:
        names = runs.schema.names
        column = _column(sort, names)
        used = {name: _column(name, names) for name in condition.names} if condition else {}
        columns = Columns(runs, key, keep=experiment.status != "running")
        values = columns.numbers(["run", column, *used.values()])
        keep = np.ones(values["run"].size, bool)
        for name, value in wanted.items():
            keep &= columns.equal(name, value)
        if condition is not None:
            numbers_by_name = {name: values[own] for name, own in used.items()}
            keep &= condition.holds(numbers_by_name, unknown=False)
        matching = int(keep.sum())
        descending = order == "desc" or (order == "best" and _best_is_highest(column))
        numbers = values["run"].astype(np.int64)
        rows, scores = _ordered(values[column], numbers, descending, keep, place, limit + 1)
        shown = run_dicts(take_rows(runs, rows[:limit], light_columns(runs.schema)))
        more = f"{scores[limit - 1]!r}:{shown[-1]['run']}" if rows.size > limit else None
        return RunPage(keep.size, matching, shown, more, column, descending)

    key = key_of(results, experiment)
    return shelf_of(results, experiment).read(experiment.id, read)


def run_of(results: Results, experiment: Experiment, number: int) -> RunRow:
    """One run of an experiment by its number, which it has."""

    def read(runs: Dataset) -> RunRow:
        columns = Columns(runs, key_of(results, experiment), keep=experiment.status != "running")
        rows = np.flatnonzero(columns.numbers(["run"])["run"] == number)
        return run_dicts(take_rows(runs, rows, light_columns(runs.schema)))[0]

    return shelf_of(results, experiment).read(experiment.id, read)


def _ordered(
    values: Floats,
    runs: NDArray[np.int64],
    descending: bool,
    keep: NDArray[np.bool_],
    place: tuple[float, int] | None,
    n: int,
) -> tuple[NDArray[np.int64], list[float]]:
    """The first `n` rows after a place, and the value of each; NaN last, ties by run number."""
    score = -values if descending else values
    none = np.isnan(values)
    if place is not None:
        keep = keep & _beyond(score, none, runs, place, descending)
    rows = np.flatnonzero(keep)
    key = np.where(none, np.inf, score)[rows]
    if rows.size > n:  # no need to sort a million for fifty
        near = key <= np.partition(key, n - 1)[n - 1]
        rows, key = rows[near], key[near]
    chosen = rows[np.lexsort((runs[rows], key, none[rows]))[:n]]
    return chosen, values[chosen].tolist()


def _beyond(
    score: Floats,
    none: NDArray[np.bool_],
    runs: NDArray[np.int64],
    place: tuple[float, int],
    descending: bool,
) -> NDArray[np.bool_]:
    value, run = place
    if math.isnan(value):
        rest: NDArray[np.bool_] = none & (runs > run)
        return rest
    own = -value if descending else value
    later: NDArray[np.bool_] = none | (score > own) | ((score == own) & (runs > run))
    return later


def _column(name: str, names: list[str]) -> str:
    """The column that a name means: as it is, or a parameter without its prefix."""
    for own in (name, PARAMS + name):
        if own in names and own not in (*WORDS, "start", "end") and "hash" not in own:
            return own
    raise unknown("number", name, [each.removeprefix(PARAMS) for each in names])


def _best_is_highest(column: str) -> bool:
    return column != "run" and not column.startswith(PARAMS) and best_end(column) == "max"


def _key(text: str) -> tuple[float, int]:
    value, _, run = text.rpartition(":")
    try:
        return float(value), int(run)
    except ValueError:
        raise ValueError(f"after: is no key of a page, got {text[:60]!r}; leave it out") from None
