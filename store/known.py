"""Which runs the store holds already, so that a later experiment does not make them again.

Runs are told apart by 8 bytes of their hash: a run that was never made is taken for one of k that
were with odds of k / 2^64.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow.compute as pc

from store import experiment as records
from store import keys
from store.errors import DamagedFile, UnknownReference
from store.keys import Keys
from store.places import Root
from store.shelf import Shelf
from store.tried import Subject, subjects_of


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
        one.id
        for one in records.every(root)
        if one.versions.get("kernel") == kernel
        and not set(subjects).isdisjoint(subjects_of(one))
        and all(metrics.items() <= group.get("metrics", {}).items() for group in one.groups)
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
    return keys.union(parts), faults


def _done(runs: Any, columns: Collection[str]) -> Keys:
    if set(columns) - set(runs.schema.names):
        return keys.none()
    batches = runs.to_batches(columns=["config_hash"], filter=pc.field("status") == "done")
    return keys.union(keys.arrow_keys(batch["config_hash"]) for batch in batches)
