"""Which configurations an experiment has tried, read from what it has committed."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.files.arrow_types import Batch, Dataset, Table
from store.files.backend import Root
from store.files.paths import experiment_folder
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs.blocks import finished, read_block
from store.runs.columns import TRIED
from store.runs.key_set import Keys, union
from store.runs.reader import Shelf


class Subject(NamedTuple):
    """Subject that is counted by itself: one strategy on one symbol's data.

    Attributes:
        symbol: of the bars.
        fingerprint: of all bars that were loaded, the holdout included; other bars of the symbol
            are another subject.
        strategy: its name.
    """

    symbol: str
    fingerprint: str
    strategy: str


def subjects_of(experiment: Experiment) -> list[Subject]:
    """The subject of each group, in their order; empty for records older than the ledger."""
    if not all(group.fingerprint for group in experiment.groups):
        return []
    return [Subject(group.symbol, group.fingerprint, group.strategy) for group in experiment.groups]


def tried_by(root: Root, experiment_id: str) -> dict[Subject, Keys]:
    """Keys of the configurations that have a row, done, pruned or failed, by subject.

    Committed blocks that the record does not list yet are read, too. A configuration has one key
    whatever its window.

    Raises:
        DamagedFile: a file is not what was written.
    """
    experiment = records.load(root, experiment_id)
    subjects = subjects_of(experiment)
    if not subjects:
        return {}
    firsts = np.array([group.first_run for group in experiment.groups])

    def collect(runs: Dataset) -> dict[Subject, Keys]:
        parts: tuple[Iterator[Batch | Table], ...] = (
            _batches(runs),
            _errors(root, experiment_id),
        )
        batches = chain.from_iterable(parts)
        return _by_subject(batches, firsts, subjects)

    return Shelf(root).read(experiment_id, collect, committed=True)


def _batches(runs: Dataset) -> Iterator[Batch]:
    if TRIED.name in runs.schema.names:
        yield from runs.to_batches(columns=["run", TRIED.name])


def _errors(root: Root, experiment_id: str) -> Iterator[Table]:
    """The error rows, of blocks that were killed before their runs were committed, too."""
    folder = experiment_folder(root, experiment_id) / "errors"
    for number in finished(folder):
        table = read_block(folder, number)
        if TRIED.name in table.schema.names:
            yield table


def _by_subject(
    batches: Iterator[Batch | Table], firsts: NDArray[np.int64], subjects: list[Subject]
) -> dict[Subject, Keys]:
    """Sort the rows of batches to the subjects of their groups.

    Args:
        batches: with the columns run and tried.
        firsts: (groups,) the first run number of each group, ascending.
        subjects: of each group.
    """
    keys_of: dict[Subject, list[Keys]] = {}
    for rows in batches:
        batch = rows.filter(pc.is_valid(rows[TRIED.name]))  # older files have none
        numbers = batch["run"].to_numpy(zero_copy_only=False)
        groups = np.searchsorted(firsts, numbers, side="right") - 1
        keys = batch[TRIED.name].to_numpy(zero_copy_only=False)
        for group in np.flatnonzero(np.bincount(groups)):
            part = union([keys[groups == group]])
            keys_of.setdefault(subjects[group], []).append(part)
    return {subject: union(parts) for subject, parts in keys_of.items()}
