"""Which files an experiment has: those on the disk, those merged, those its record lists.

A sweep commits blocks faster than it rewrites its record, so after a kill there are committed
blocks that the record does not list. A resumed sweep asks `done_blocks` what is left to do, and
`with_committed` brings the record up to date.
"""

import dataclasses
import itertools
from collections.abc import Iterable

from store.files import backend
from store.files.backend import Root
from store.files.paths import experiment_folder
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs.blocks import BlockFile, describe, finished

FOLDERS = ("blocks", "errors")


def entry(file: BlockFile) -> FileRecord:
    """Entry of a file in `Experiment.files`."""
    return FileRecord(rows=file.rows, bytes=file.bytes, sha256=file.sha256, footer=file.footer)


def with_files(experiment: Experiment, files: Iterable[BlockFile]) -> Experiment:
    """The experiment with committed files added to those that it lists; not yet saved."""
    added = {file.name: entry(file) for file in files}
    return dataclasses.replace(experiment, files={**experiment.files, **added})


def with_committed(root: Root, experiment: Experiment) -> Experiment:
    """The experiment listing every committed file that is not merged yet; not yet saved."""
    folder = experiment_folder(root, experiment.id)
    old = merged(experiment)
    missing = [
        (folder / kind, number)
        for kind in FOLDERS
        for number in finished(folder / kind)
        if f"{kind}/{number:06d}.parquet" not in experiment.files
        and not (kind == "blocks" and number in old)
    ]
    described = backend.each(lambda name: describe(*name), missing, folder)
    return with_files(experiment, described)


def done_blocks(root: Root, experiment: Experiment) -> set[int]:
    """Numbers of the blocks whose runs are safe, in a file of their own or merged."""
    folder = experiment_folder(root, experiment.id)
    return merged(experiment) | set(finished(folder / "blocks"))


def merged(experiment: Experiment) -> set[int]:
    """Numbers of the blocks that are in a merged file."""
    return {number for file in experiment.files.values() for number in file.block_numbers}


def holding(experiment: Experiment, numbers: Iterable[int]) -> list[str]:
    """Names of the merged files that any of these blocks is in."""
    wanted = set(numbers)
    return [name for name, file in experiment.files.items() if wanted & file.block_numbers]


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """First and last of every unbroken stretch of numbers, both included, ascending."""
    stretches = itertools.groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0])
    listed = [[number for _, number in stretch] for _, stretch in stretches]
    return [(stretch[0], stretch[-1]) for stretch in listed]
