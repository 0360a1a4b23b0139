"""Recovery after killed drivers: rows that no record lists, and that are not counted yet."""

import dataclasses
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from store.errors import DamagedFile, Driven
from store.files import hash_chain, leftovers
from store.files.arrow_types import Dataset
from store.files.backend import Root
from store.files.lock import driving
from store.files.paths import experiment_folder, ledger_folder
from store.ledger import ledger
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.run_numbering import Ints, Layout
from store.runs.blocks import finished, read_block
from store.runs.manifest import done_blocks, with_committed
from store.runs.reader import Shelf, run_names


def catch_up(root: Root) -> list[str]:
    """Bring in what is left of every experiment that has not come to its end.

    Its committed blocks are listed in its record, so that readers see them; it is `interrupted`,
    unless somebody drives it at this moment; and what it has tried is counted in the ledger.

    Returns:
        One line for each experiment of which that failed, because its files are damaged.

    Raises:
        DamagedFile: the ledger itself is not what was written.
    """
    hash_chain.read(ledger_folder(root))
    leftovers.clear(root)
    faults = []
    for experiment in records.every(root):
        if experiment.status != "done":
            try:
                _list(root, experiment.id)
                ledger.record(root, experiment.id, ended=_ended(root, experiment.id))
            except DamagedFile as error:
                faults.append(f"{experiment.id} is not counted in the ledger: {error}")
    return faults


def _list(root: Root, experiment_id: str) -> None:
    """Bring the record of an experiment up to date, unless its driver is there to do it."""
    try:
        with driving(root, experiment_id):
            before = records.load(root, experiment_id)  # again: it may have ended just now
            listed = recounted(root, with_committed(root, before))
            if listed.status == "running":
                listed = dataclasses.replace(listed, status="interrupted")
            if listed != before:
                records.save(root, listed)
    except Driven:
        return


def _ended(root: Root, experiment_id: str) -> Experiment | None:
    """The record, unless somebody drives the experiment at this moment."""
    experiment = records.load(root, experiment_id)
    return None if experiment.status == "running" else experiment


def _pruned(root: Root, experiment: Experiment) -> int:
    """Number of rows listed by an experiment whose runs were pruned."""
    runs = Shelf(root).dataset(experiment)
    return int(runs.count_rows(filter=pc.field("status") == "pruned"))


def runs_by_group(root: Root, experiment: Experiment) -> list[int]:
    """Runs that an experiment has committed, failed ones included, by group."""
    layout = Layout.of(experiment.groups)

    def read(runs: Dataset) -> Ints:
        numbers: Ints = runs.to_table(columns=["run"])["run"].to_numpy()
        return numbers

    folder = experiment_folder(root, experiment.id) / "errors"
    failed = [read_block(folder, number)["run"].to_numpy() for number in finished(folder)]
    numbers = np.concatenate([Shelf(root).read(experiment.id, read, committed=True), *failed])
    rows = np.bincount(layout.group(numbers), minlength=len(experiment.groups))
    firsts = layout.firsts.tolist()
    return [int(rows[firsts.index(group.first_run)]) for group in experiment.groups]


def recounted(root: Root, experiment: Experiment) -> Experiment:
    """The experiment with its counts of runs taken from the files that it lists.

    Failures of a block that was killed before its runs were committed are not counted: the block
    is run again.
    """
    done = done_blocks(root, experiment)
    failed = [
        entry.rows
        for name, entry in experiment.files.items()
        if name.startswith("errors/") and int(Path(name).stem) in done
    ]
    rows = sum(experiment.files[name].rows for name in run_names(experiment))
    pruned = _pruned(root, experiment) if experiment.search.get("prune") else 0
    brought = experiment.history.brought or 0
    counts = {"done": rows - pruned - brought, "failed": sum(failed), "pruned": pruned}
    if experiment.history.brought is not None:
        counts["skipped"] = brought
    counts = experiment.counts | counts
    return dataclasses.replace(experiment, counts=counts)
