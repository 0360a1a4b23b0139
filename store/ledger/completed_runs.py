"""Which runs the store holds already, so that a later experiment does not make them again.

Runs are told apart by 8 bytes of their hash: a run that was never made is taken for one of k that
were with odds of k / 2^64.
"""

from collections.abc import Collection, Mapping

import pyarrow.compute as pc

from store.errors import DamagedFile, UnknownReference
from store.files.arrow_types import Dataset
from store.files.backend import Root
from store.ledger.tried_keys import Subject, subjects_of
from store.records import experiment as records
from store.runs import key_set
from store.runs.key_set import Keys
from store.runs.reader import Shelf


def related(
    root: Root, subjects: Collection[Subject], kernel: str, metrics: Mapping[str, str]
) -> list[str]:
    """Experiments whose runs may be those of another one.

    Args:
        root: of the store.
        subjects: they tried some of these,
        kernel: on this version of the kernels,
        metrics: and had these metrics of the user's own: source hash by column.

    Returns:
        Their ids, newest first.
    """
    return [
        experiment.id
        for experiment in records.every(root)
        if experiment.versions.get("kernel") == kernel
        and not set(subjects).isdisjoint(subjects_of(experiment))
        and all(metrics.items() <= group.metrics.items() for group in experiment.groups)
    ]


def done_runs(
    root: Root, experiment_ids: Collection[str], columns: Collection[str] = ()
) -> tuple[Keys, list[str]]:
    """Keys of the config hashes of all runs that experiments have finished and committed.

    Failed and pruned runs are not among them.

    Args:
        root: of the store.
        experiment_ids: of the experiments.
        columns: that the runs have to have; those of an older form may lack some.

    Returns:
        The keys; and a line for each experiment that is damaged, whose runs are left out.
    """
    shelf = Shelf(root)
    parts, faults = [], []
    for name in experiment_ids:
        try:
            parts.append(shelf.read(name, lambda runs: _done(runs, columns), committed=True))
        except (DamagedFile, UnknownReference) as error:
            faults.append(f"{name} is not looked up for runs that need not be made again: {error}")
    return key_set.union(parts), faults


def _done(runs: Dataset, columns: Collection[str]) -> Keys:
    if set(columns) - set(runs.schema.names):
        return key_set.none()
    batches = runs.to_batches(columns=["config_hash"], filter=pc.field("status") == "done")
    return key_set.union(key_set.arrow_keys(batch["config_hash"]) for batch in batches)
