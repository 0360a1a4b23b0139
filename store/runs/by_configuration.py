"""One line per configuration: its windows' metrics made one, train and test apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from store.files.arrow_types import Dataset, Table
from store.records.experiment import Experiment
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns, take_rows
from store.runs.swept_words import with_words

TEST = "test_"
"""Prefix of the metrics of test windows, where they stand next to those of train windows."""


def standings(table: Table, layout: Layout) -> list[RunRow]:
    """Configurations in the order in which they first come in a table of runs.

    Args:
        table: all runs of each, as `ranking.best_configurations` gives them.
        layout: of their experiment.

    Returns:
        For each the dict of its first train window's run, where `metrics` are the means over its
        train windows, followed by those over its test windows, if there are any, named `test_...`.
        None where a window lacks the metric.
    """
    numbers = table["run"].to_numpy()
    configurations, trains = layout.configuration(numbers), layout.trains(numbers)
    train: dict[int, list[RunRow]] = {}
    test: dict[int, list[RunRow]] = {}
    for row, key, ranks in zip(run_dicts(table), configurations, trains, strict=True):
        (train if ranks else test).setdefault(int(key), []).append(row)
    lines = list[RunRow]()
    for key, rows in train.items():
        tested = means(_metrics(test.get(key, [])))
        compared = {f"{TEST}{name}": value for name, value in tested.items()}
        lines.append({**rows[0], "metrics": means(_metrics(rows)) | compared})
    return lines


def standing(runs: Dataset, experiment: Experiment, run: int) -> RunRow:
    """One configuration, by the number of any of its runs: see `standings`.

    Args:
        runs: dataset of the experiment.
        experiment: that the run is of.
        run: that there is.
    """
    layout = Layout.of(experiment.groups)
    numbers = runs.to_table(columns=["run"])["run"].to_numpy()
    mine = np.flatnonzero(layout.configuration(numbers) == layout.configuration(np.array([run])))
    rows = mine[np.argsort(numbers[mine])]
    table = take_rows(runs, rows, light_columns(runs.schema))
    (row,) = standings(with_words(table, [experiment]), layout)
    return row


def means(rows: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """The mean of each metric over runs; of a single run its metrics as they are."""
    if len(rows) == 1:
        return dict(rows[0])
    names = rows[0] if rows else ()
    return {name: _mean([row[name] for row in rows]) for name in names}


def _metrics(rows: Sequence[RunRow]) -> list[dict[str, object]]:
    return [row["metrics"] for row in rows]


def _mean(values: Sequence[float | None]) -> float | None:
    finite = [value for value in values if value is not None]
    return sum(finite) / len(finite) if len(finite) == len(values) else None
