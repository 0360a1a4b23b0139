"""Which runs the store holds already, so that a later experiment leaves them out.

What is left out is decided once, when an experiment starts, and kept in its folder: whatever
becomes of the earlier experiments, its blocks come out the same when it resumes. Runs are told
apart by 8 bytes of their hash: a run that was never made is taken for one of k known ones with
odds of k / 2^64.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pyarrow.compute as pc

from store import experiment as records
from store import keys, places
from store.catalogue import done_blocks
from store.errors import DamagedFile, UnknownReference
from store.experiment import Experiment
from store.keys import Keys
from store.paths import known_file
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


def done_runs(root: Root, experiment_ids: Collection[str]) -> tuple[Keys, list[str]]:
    """Keys of the config hashes of all runs that experiments have finished and committed.

    Failed and pruned runs are not among them.

    Returns:
        The keys; and a line for each experiment that is damaged, whose runs are left out.
    """
    shelf = Shelf(root)
    parts, faults = [], []
    for name in experiment_ids:
        try:
            parts.append(shelf.read(name, _done, committed=True))
        except (DamagedFile, UnknownReference) as error:
            faults.append(f"{name} is not looked up for runs that need not be made again: {error}")
    return keys.union(parts), faults


def _done(runs: Any) -> Keys:
    batches = runs.to_batches(columns=["config_hash"], filter=pc.field("status") == "done")
    return keys.union(keys.arrow_keys(batch["config_hash"]) for batch in batches)


def save(root: Root, experiment_id: str, known: Keys) -> None:
    """Keep what an experiment leaves out; to be called once, before its first block."""
    places.replace(known_file(root, experiment_id), keys.encode(known))


def load(root: Root, experiment: Experiment) -> Keys:
    """What an experiment leaves out, as it was decided when it started.

    Raises:
        DamagedFile: that is lost, and it has committed blocks which came of it.
    """
    path = known_file(root, experiment.id)
    skipped = experiment.history.get("skips_runs_of", [])
    if not skipped:
        return keys.none()
    if not path.exists() and not done_blocks(root, experiment):  # killed as it was created
        save(root, experiment.id, done_runs(root, skipped)[0])
    try:
        return keys.read(path)
    except DamagedFile as error:
        raise DamagedFile(f"{error}, or sweep with force=true") from error
