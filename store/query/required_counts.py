"""Number of configurations of an experiment that have the results its search requires."""

import numpy as np

from store.files.arrow_types import Dataset
from store.records.experiment import Experiment
from store.records.run_numbering import Layout
from store.runs.reader import Shelf
from store.runs.requirement import KEY, Requirement


def required_note(shelf: Shelf, experiment: Experiment) -> str:
    """One sentence for a leaderboard; empty where nothing is required.

    Raises:
        DamagedFile: a file is not what was written.
    """
    require = Requirement.of(experiment.search)
    if not require:
        return ""
    met, every = shelf.read(experiment.id, lambda runs: _counts(runs, experiment, require))
    how_many = "None" if not met else f"{met:,}"
    return (
        f"{how_many} of {every:,} configurations with runs meet {KEY} {str(require)!r}; "
        "no others rank."
    )


def _counts(runs: Dataset, experiment: Experiment, require: Requirement) -> tuple[int, int]:
    layout = Layout.of(experiment.groups)
    names = dict.fromkeys(["run", *require.columns(runs.schema)])
    table = runs.to_table(columns=list(names))
    first = layout.first_trains(table["run"].to_numpy())
    return int(np.count_nonzero(require.met_by(table, layout) & first)), int(first.sum())
