"""Taking in an experiment that another store has exported.

It is first made into a store of its own under a temporary name, where every file is verified; what
it has tried is counted; then its folder is moved to its place in one step. Killed at any instant,
the experiment is there whole or not at all, and importing again finishes the work.
"""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.errors import AlreadyThere, BadName, DamagedFile, StoreError
from store.files import local as durable
from store.files.backend import local, place
from store.files.foreign_text import BREAKS, check_printable, strings
from store.files.paths import experiment_folder, experiments_folder
from store.ledger import ledger
from store.ledger.tried_keys import tried_by
from store.maintenance.verification import verify_experiment
from store.records import experiment as records
from store.records.experiment import EDITABLE, Experiment
from store.registry import Edits, Note, open_registry
from store.registry.changes import check_edits
from store.transfer import as_json, as_parquet


def take_in(root: Path, path: Path) -> Experiment:
    """Add an exported experiment to a store.

    Args:
        root: of the store; made when missing.
        path: a JSON file, or a folder as `export` writes it for parquet.

    Returns:
        Its record, as it is in the store now: one that was running is interrupted.

    Raises:
        AlreadyThere: the store has an experiment of this id.
        DamagedFile: it is no export, or not what was written.
    """
    local(place(root))
    if not path.exists():
        raise StoreError(f"{path}: there is no such file or folder")
    if path.suffix == ".csv":
        raise StoreError(f"{path}: a CSV file holds no record; import an export to json or parquet")
    durable.make_folder(root)
    durable.sweep_temporaries(root)
    with durable.temporary(root / "import") as stage:
        stage.mkdir()
        read = as_parquet.read if path.is_dir() else as_json.read
        experiment, texts = read(path, stage)
        _check_new(root, experiment)
        for where, words in strings(experiment.to_json()):
            check_printable(words, f"{path}: {where}", BREAKS)
        if experiment.status == "running":  # not here
            experiment = dataclasses.replace(experiment, status="interrupted")
            records.save(stage, experiment)
        if faults := verify_experiment(stage, experiment.id).faults:
            raise DamagedFile(f"{path}: {faults[0].replace(f'{stage}/', '')}")
        edits, tried = _edits(path, experiment, texts), tried_by(stage, experiment.id)
        as_parquet.sync_tree(stage)
        ledger.entries(root)  # of a damaged ledger nothing is made worse
        if edits:
            open_registry(root).adopt(experiment.id, edits)
        ledger.record(root, experiment.id, tried, experiment)
        _move(root, stage, experiment)
    return experiment


def _check_new(root: Path, experiment: Experiment) -> None:
    if experiment_folder(root, experiment.id).exists():
        raise AlreadyThere(
            f"{experiment.id}: is in {root} already; delete it there first, or leave it as it is"
        )


def _move(root: Path, stage: Path, experiment: Experiment) -> None:
    """Give the experiment its place in the store."""
    folder = local(experiments_folder(root))
    durable.make_folder(folder)
    try:
        staged = local(experiment_folder(stage, experiment.id))
        staged.rename(local(experiment_folder(root, experiment.id)))
    except OSError:
        _check_new(root, experiment)  # another import was faster
        raise
    durable.sync(folder)


def _edits(path: Path, experiment: Experiment, texts: Mapping[str, Any]) -> dict[str, Edits]:
    """Edits of the experiment and its runs, to be imported."""
    try:
        edits = {
            subject: Edits(_tags(edit["tags"]), _note(edit["note"]))
            for subject, edit in texts.items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise DamagedFile(f"{path}: edits: are not what is written there ({error})") from error
    for subject, edit in edits.items():
        if subject.partition("/")[0] != experiment.id or edit.note.subject != subject:
            raise BadName(f"{path}: edits: {subject[:80]!r} is no part of {experiment.id}")
    check_edits(edits)
    return edits


def _tags(tags: Mapping[str, object]) -> dict[str, bool]:
    return {tag: _exactly(bool, there) for tag, there in tags.items()}


def _note(note: Mapping[str, object]) -> Note:
    texts = {name: _exactly(str | None, note[name]) for name in EDITABLE}
    return Note(_exactly(str, note["subject"]), **texts, version=_exactly(int, note["version"]))


def _exactly(kind: Any, value: object) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"got {value!r}")
    return value
