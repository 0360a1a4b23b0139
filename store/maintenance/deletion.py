"""Deleting an experiment: its rows go, and what was tried stays tried."""

from pathlib import Path

from store.errors import DamagedFile, StoreError, UnknownReference
from store.files import local as durable
from store.files.backend import Root, local, place
from store.files.lock import driving
from store.files.paths import experiment_folder
from store.ledger import ledger
from store.query.results import Results
from store.records import experiment as records
from store.records.experiment import Experiment, is_whole
from store.registry import open_registry


def deletable(results: Results, ref: str) -> Experiment:
    """The experiment that a REF names; a run of one cannot be deleted."""
    reference = results.resolve(ref)
    if reference.run is not None:
        raise UnknownReference(f"{reference}: is a run; only a whole experiment can be deleted")
    return reference.experiment


def consequences(root: Path, experiment_id: str) -> list[str]:
    """Losses that deleting an experiment would cause, one line each."""
    texts = []
    promoted = {
        f"{entry.profile} v{entry.version}"
        for entry in open_registry(root).promotions()
        if entry.experiment == experiment_id
    }
    if promoted:
        texts.append(f"{', '.join(sorted(promoted))} came of it, and cannot be verified without it")
    later = [entry.id for entry in _later(root, experiment_id)]
    if later:
        verb = "keeps" if len(later) == 1 else "keep"
        texts.append(f"{', '.join(later)} {verb} copies of the runs that it made of the same plans")
    return texts


def _later(root: Root, experiment_id: str) -> list[Experiment]:
    """The experiments whose plan has runs that another one has made."""
    return [
        experiment
        for experiment in records.every(root)
        if experiment_id in experiment.history.origins
    ]


def _refuse_needed(root: Root, experiment_id: str) -> None:
    """Raise when an experiment shows runs of another one without a copy of its own."""
    later = _later(root, experiment_id)
    # What has no files yet was killed as it started, and will make the runs itself.
    without = [
        experiment.id for experiment in later if experiment.files and not is_whole(experiment)
    ]
    if without:
        raise StoreError(
            f"{experiment_id}: cannot be deleted yet: {', '.join(without)} left out runs that are "
            f"in it; give the command of {without[0]} again, which copies them, or delete that one"
        )


def delete(root: Path, experiment_id: str) -> None:
    """Delete an experiment, its runs, tags and notes; the ledger counts its runs for good.

    Later experiments keep their copies of its runs. Killed at any instant it has deleted all or
    nothing.

    Raises:
        StoreError: an experiment that has no copies relies on it.
        Driven: a process is running it.
        DamagedFile: it was killed as it ran, so it is not counted yet, and what it has tried
            cannot be read. Then nothing is deleted; who is sure removes its folder.
    """
    local(experiment_folder(place(root), experiment_id))
    registry = open_registry(root)
    registry.edits()  # who cannot write there later deletes nothing now
    _refuse_needed(root, experiment_id)
    with driving(root, experiment_id):
        _count(root, experiment_id)
        folder = local(experiment_folder(root, experiment_id))
        with durable.temporary(root / "deleted") as gone:
            folder.rename(gone)
            durable.sync(folder.parent)
            registry.forget(experiment_id)
    durable.sweep_temporaries(root)


def _count(root: Path, experiment_id: str) -> None:
    """Have the ledger count all that an experiment has tried."""
    try:
        ledger.record(root, experiment_id)
    except DamagedFile:
        if records.load(root, experiment_id).status == "running":
            raise
        ledger.entries(root)  # it was counted as it ended, unless it is the ledger that is damaged
