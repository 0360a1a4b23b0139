"""Experiments as files outside the store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from store.errors import AlreadyThere, UnknownReference
from store.files import local
from store.files.backend import Root
from store.query.annotations import read_edits
from store.query.experiment_search import Wanted
from store.query.results import Results
from store.records import experiment as records
from store.records.experiment import Experiment
from store.transfer import as_csv, as_folder, as_json, as_parquet

Write = Callable[[Root, Experiment, Mapping[str, object], Path], None]

_FORMATS: dict[str, tuple[str, Write]] = {
    "json": (".json", as_json.write),
    "csv": (".csv", as_csv.write),
    "parquet": ("", as_parquet.write),
    "folder": ("-summary", as_folder.write),
}
FORMATS = tuple(_FORMATS)


def chosen(results: Results, ref: str | None, tag: str | None) -> list[Experiment]:
    """The experiments that a REF names, the latest without any, or all that have a tag now."""
    if tag is None:
        reference = results.resolve(ref or "latest")
        if reference.run is not None:
            raise UnknownReference(f"{reference}: is a run; export its experiment")
        return [reference.experiment]
    if ref is not None:
        raise UnknownReference(f"{ref}: give a REF or --tag {tag}, not both")
    ids = [experiment.id for experiment in results.experiments(Wanted(tag=tag))]
    if not ids:
        raise UnknownReference(f"{tag[:60]}: no experiment has this tag")
    return [records.load(results.root, name) for name in ids]


def export(root: Root, experiments: Sequence[Experiment], folder: Path, form: str) -> list[Path]:
    """Write each experiment to a file, or for parquet a folder, that is named by its id.

    Args:
        root: of the store.
        experiments: of it, as their records say.
        folder: where to; made when missing.
        form: json, csv, parquet or folder: see `store.transfer`.

    Returns:
        What was written, in the order of the experiments. Killed in between, the last one is there
        whole or not at all.

    Raises:
        AlreadyThere: one of them is there; then nothing is written.
        DamagedFile: a file of the store is not what was written.
    """
    if form not in _FORMATS:
        raise UnknownReference(f"format: must be one of {', '.join(FORMATS)}, got {form!r}")
    suffix, write = _FORMATS[form]
    targets = [folder / (edit.id + suffix) for edit in experiments]
    for target in targets:
        _check_free(target)
    edits = read_edits(root)
    local.make_folder(folder)
    for experiment, target in zip(experiments, targets, strict=True):
        own = {
            subject: asdict(edit)
            for subject, edit in edits.items()
            if subject.partition("/")[0] == experiment.id
        }
        with local.temporary(target) as draft:
            write(root, experiment, own, draft)
            _publish(draft, target)
    return targets


def _check_free(target: Path) -> None:
    if target.exists():
        raise AlreadyThere(f"{target}: is there already; remove it, or export to another folder")


def _publish(draft: Path, target: Path) -> None:
    if draft.is_dir():
        _check_free(target)
        draft.rename(target)
        local.sync(target.parent)
    elif not local.publish_if_absent(draft, target):
        _check_free(target)
