"""A folder of one experiment: the store's own files, tags and notes, and all their checksums.

`runs.parquet` in it is for any tool that reads Parquet; `sha256sum -c SHA256SUMS` checks the rest.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from store.errors import DamagedFile
from store.files import backend, sealed_documents
from store.files import local as durable
from store.files.backend import Place, Root, local
from store.files.canonical import canonical
from store.files.paths import RECORD, experiment_folder, kept_file, run_file
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs.parquet import RESTORE, check_whole, file_digest

SUMS = "SHA256SUMS"
EDITS = "edits.json"

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def write(root: Root, experiment: Experiment, edits: Mapping[str, object], draft: Path) -> None:
    """Copy an experiment of a store, and what was edited about it, to a new folder."""
    while True:
        try:
            _copy(root, experiment, draft)
            break
        except FileNotFoundError:  # merged under our hands, unless it is really missing
            shutil.rmtree(draft)
            now = records.load(root, experiment.id)
            if now.files == experiment.files:
                raise DamagedFile(f"{experiment.id}: a file is missing; {RESTORE}") from None
            experiment = now
    (draft / EDITS).write_text(canonical(edits) + "\n")
    names = sorted(
        path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file()
    )
    sums = "".join(f"{file_digest(draft / name)}  {name}\n" for name in names)
    (draft / SUMS).write_text(sums)
    sync_tree(draft)


def _copy(root: Root, experiment: Experiment, draft: Path) -> None:
    draft.mkdir()
    for name, entry in experiment.files.items():
        path = run_file(root, experiment.id, name)
        check_whole(path, entry)
        (draft / name).parent.mkdir(exist_ok=True)
        backend.copy_out(path, draft / name)
    for name in _names(experiment_folder(root, experiment.id)):
        kept = kept_file(root, experiment.id, name)
        if kept is not None:
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            backend.copy_out(kept, draft / name)
    (draft / RECORD).write_bytes(records.to_text(experiment))


def _names(folder: Place, depth: int = 3) -> Iterator[str]:
    """Files in a folder, down to what a stored file may be named."""
    for name in backend.names(folder):
        yield name
        if depth > 1:
            yield from (f"{name}/{below}" for below in _names(folder / name, depth - 1))


def read(path: Path, stage: Path) -> tuple[Experiment, dict[str, object]]:
    """Put the experiment in a folder that `write` made into a store of its own.

    Args:
        path: of the folder.
        stage: root of a store that is not published yet.

    Returns:
        The experiment, as recorded there; and what was edited about it, as JSON.

    Raises:
        DamagedFile: a file is missing, was added or changed.
    """
    sums = _sums(path)
    content = _content(path, RECORD, sums)
    experiment = records.parse(path / RECORD, content)
    durable.make_folder(local(experiment_folder(stage, experiment.id)))
    targets = {name: local(run_file(stage, experiment.id, name)) for name in experiment.files}
    sealed_documents.check_seal(path / RECORD, sealed_documents.parse(path / RECORD, content))
    for name in sums.keys() - {RECORD, EDITS, *targets}:
        kept = kept_file(stage, experiment.id, name)
        if kept is None:
            raise DamagedFile(f"{path / SUMS}: names {name[:60]!r}, which is no part of it")
        targets[name] = local(kept)
    for name, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_checked(path, name, sums, target)
    records.save(stage, experiment)
    try:
        edits = json.loads(_content(path, EDITS, sums))
    except (ValueError, RecursionError) as error:
        raise DamagedFile(f"{path / EDITS}: is not JSON ({error})") from error
    return experiment, edits


def _sums(path: Path) -> dict[str, str]:
    """The checksums by name."""
    try:
        lines = (path / SUMS).read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        raise DamagedFile(f"{path}: is no export: there is no {SUMS} in it") from None
    sums = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            raise DamagedFile(f"{path / SUMS}: has a line that is no checksum; export it again")
        sums[match[2]] = match[1]
    return sums


def _content(path: Path, name: str, sums: Mapping[str, str]) -> bytes:
    try:
        content = (path / name).read_bytes()
    except OSError:
        raise DamagedFile(f"{path / name}: is missing; export it again") from None
    if hashlib.sha256(content).hexdigest() != sums.get(name):
        raise DamagedFile(f"{path / name}: was changed since it was exported; export it again")
    return content


def _copy_checked(path: Path, name: str, sums: Mapping[str, str], target: Path) -> None:
    try:
        shutil.copyfile(path / name, target)
    except OSError:
        raise DamagedFile(f"{path / name}: is missing; export it again") from None
    if file_digest(target) != sums.get(name):
        raise DamagedFile(f"{path / name}: was changed since it was exported; export it again")


def sync_tree(folder: Path) -> None:
    """Have every file and every name in a folder on the disk."""
    for path in [*folder.rglob("*"), folder]:
        durable.sync(path)
