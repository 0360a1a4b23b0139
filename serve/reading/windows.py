"""Runs of one configuration on all of its windows."""

import numpy as np

from store.files.arrow_types import Dataset
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns, take_rows
from store.runs.reader import Shelf


def window_names(experiment: Experiment) -> tuple[str, ...]:
    """Names of the windows, in order: those that a search may look at first."""
    names = dict.fromkeys(window.role for group in experiment.groups for window in group.windows)
    tests = {w.role for group in experiment.groups for w in group.windows if w.is_test}
    return tuple(sorted(names, key=lambda name: name in tests))


def same_configuration(results: Results, experiment: Experiment, run: int) -> list[RunRow]:
    """Runs of the configuration that a run is of, by number.

    Args:
        results: the store.
        experiment: that has the run.
        run: number of any of its runs.
    """
    layout = Layout.of(experiment.groups)

    def read(runs: Dataset) -> list[RunRow]:
        numbers = runs.to_table(columns=["run"])["run"].to_numpy()
        own = layout.configuration(np.array([run]))
        rows = np.flatnonzero(layout.configuration(numbers) == own)
        chosen = rows[np.argsort(numbers[rows])]
        return run_dicts(take_rows(runs, chosen, light_columns(runs.schema)))

    return Shelf(results.root).read(experiment.id, read)
