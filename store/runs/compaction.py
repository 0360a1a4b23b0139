"""Merging all runs of an experiment into one file, sorted by what the search looked for.

Ten thousand small files make a query 10 to 80 times slower than one. Files of many runs do not: to
open one takes a millisecond, to merge its 25,000 runs 120. So a large experiment whose files are
large keeps them, in the order of their numbers. The steps of a merge, in this order:
the merged file is written and synced; the record is switched to it; the old files are dropped.
Killed between any two of them, readers see all old files or the new one, never a mixture, and
compacting again finishes the work.
"""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from store.files import backend
from store.files.backend import Root
from store.files.paths import experiment_folder, run_file
from store.records.experiment import Experiment, load, objective, save
from store.records.run_numbering import Layout
from store.runs.blocks import block_path
from store.runs.external_sort import Source, write_sorted
from store.runs.manifest import merged, ranges, with_committed
from store.runs.requirement import Requirement
from store.runs.segments import check_late

LEFT_ROWS = 100_000
"""Runs from which on an experiment keeps its files, if they are large."""
LARGE_ROWS = 5_000
"""Runs of a large file, on average."""

_MERGED = re.compile(r"runs(?:-(\d+))?\.parquet")


def compact(root: Root, experiment_id: str) -> Experiment:
    """Merge all files of runs into `runs.parquet`; to be called by the sweep's one driver.

    An experiment that `merges` says no to keeps its files, listed by number. In the merged one rows
    come best first by the search's metric, NaN last, ties by run number. With several windows
    a configuration's rows stay together, in the place of its mean over the train windows.

    Returns:
        The experiment as its record is now.

    Raises:
        DamagedFile: an input is not what was written. Nothing has been changed then.
        BlockConflict: a block came a second time, with other rows.
    """
    before = load(root, experiment_id)
    listed = with_committed(root, before)
    check_late(root, listed)
    listed = _merge(root, listed, _inputs(listed)) if merges(listed) else _by_number(listed)
    if listed != before or list(listed.files) != list(before.files):
        save(root, listed)
    _drop_unlisted(root, listed)
    return listed


def merges(experiment: Experiment) -> bool:
    """True when the files of an experiment that has ended are to become one."""
    inputs = _inputs(experiment)
    rows = sum(experiment.files[name].rows for name in inputs)
    large = rows >= max(LEFT_ROWS, LARGE_ROWS * len(inputs))
    return not large and any(not _MERGED.fullmatch(name) for name in inputs)


def _inputs(experiment: Experiment) -> list[str]:
    return [name for name in experiment.files if not name.startswith("errors/")]


def _by_number(experiment: Experiment) -> Experiment:
    """The experiment with its files in one order, whichever worker was first."""
    files = sorted(experiment.files.items(), key=lambda item: (len(item[0]), item[0]))
    return dataclasses.replace(experiment, files=dict(files))


def _merge(root: Root, experiment: Experiment, inputs: Sequence[str]) -> Experiment:
    """Write the merged file; return the experiment that lists it in place of its inputs."""
    paths = [run_file(root, experiment.id, name) for name in inputs]
    target = run_file(root, experiment.id, _next_name(inputs))
    metric, descending = objective(experiment)
    with backend.local_copies(paths) as copies, backend.draft(target) as draft:
        entries = [experiment.files[name] for name in inputs]
        sources = list(map(Source, paths, copies, entries))
        layout, require = Layout.of(experiment.groups), Requirement.of(experiment.search)
        entry = write_sorted(sources, metric, descending, layout, draft, require)
        assert entry.rows == sum(file.rows for file in entries)
        numbers = merged(experiment) | _numbers(inputs)
        entry = dataclasses.replace(entry, blocks=tuple(ranges(numbers)))
        backend.publish(draft, target)
    errors = {name: file for name, file in experiment.files.items() if name not in inputs}
    return dataclasses.replace(experiment, files={target.name: entry, **errors})


def _next_name(inputs: Sequence[str]) -> str:
    """A name that no listed file has: files are never edited, not even by the next compaction."""
    taken = [_MERGED.fullmatch(name) for name in inputs]
    last = max((int(match[1] or 1) for match in taken if match), default=0)
    return f"runs-{last + 1}.parquet" if last else "runs.parquet"


def _numbers(inputs: Sequence[str]) -> set[int]:
    return {int(Path(name).stem) for name in inputs if name.startswith("blocks/")}


def _drop_unlisted(root: Root, experiment: Experiment) -> None:
    """Remove what is merged and no longer listed, and what killed writers left."""
    folder = experiment_folder(root, experiment.id)
    # By number, not by glob: a straggler may have committed a block since the record was made.
    old = [f"blocks/{block_path(folder, number).name}" for number in merged(experiment)]
    merged_files = [name for name in backend.names(folder) if _MERGED.fullmatch(name)]
    copies = [
        f"{part}/{name}"
        for part in ("segments", "earlier")
        for name in backend.names(folder / part)
        if name[0] != "."
    ]
    listed = experiment.files
    unlisted = [name for name in [*old, *merged_files, *copies] if name not in listed]
    backend.each(lambda name: (folder / name).unlink(missing_ok=True), unlisted, folder)
    for part in ("blocks", "earlier", "errors", "segments"):
        backend.sweep_temporaries(folder / part)
    backend.sweep_temporaries(folder)
