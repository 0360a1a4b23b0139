"""The configurations that a choice was made among: those that finished on the same bars.

A configuration has the run on the first window it was chosen on. An experiment that grew from an
earlier one holds only its new runs; the others are read from the experiments that its record
names, wherever they did the same work: strategy and its source, bars, windows, settings, and every
number that this experiment does not sweep.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store import experiment as records
from store.columns import BLOCK_SUMS
from store.errors import StoreError
from store.experiment import Experiment
from store.keys import arrow_keys
from store.layout import Layout
from store.moments import block_sums
from store.pools import Group, Pool
from store.ranking import light_columns
from store.rows import run_dicts
from store.shelf import Shelf

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAME = ("strategy", "source", "symbol", "fingerprint", "direction", "look_ahead", "data")
"""What the groups of two experiments have to agree in, windows and settings besides."""

AGAIN = "run the sweep again with force=true"
"""What to do about runs without block sums."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """n configurations of one pool.

    Attributes:
        pool: the groups they belong to.
        experiments: that hold their runs, by id.
        runs: pa.Table of n rows without block sums, each configuration once; its column
            `finished` is false for those that were pruned on a later window: they compete, for
            they were tried, but cannot be chosen.
        group: (n,) place of each in `pool.groups`.
    """

    pool: Pool
    experiments: Mapping[str, Experiment]
    runs: Any
    group: Ints

    def place(self, experiment_id: str, run: int) -> int | None:
        """Where the configuration of a run stands; None when it is not among them."""
        layout = Layout.of(self.experiments[experiment_id].groups)
        asked = int(layout.configuration(np.array([run]))[0])
        mine = pc.equal(self.runs["experiment_id"], experiment_id).to_numpy(zero_copy_only=False)
        found = np.flatnonzero(mine & (layout.configuration(self._numbers) == asked))
        return int(found[0]) if found.size else None

    def run(self, place: int) -> dict[str, Any]:
        """The run of one configuration as `store.rows.run_dicts` gives it."""
        return run_dicts(self.runs.slice(place, 1))[0]

    def experiment(self, place: int) -> Experiment:
        """The experiment that holds it."""
        return self.experiments[self.runs["experiment_id"][place].as_py()]

    def column(self, name: str) -> Floats:
        """(n,) of a number of the runs; NaN where it is off, or where a run has none."""
        if name not in self.runs.schema.names:
            return np.full(len(self.runs), np.nan)
        return _floats(self.runs[name])

    def block_sums(self, shelf: Shelf) -> tuple[Floats, Floats]:
        """Sums of r and of r^2 on the first window they were chosen on: (n, blocks) each."""
        found: list[tuple[Ints, Floats, Floats]] = []
        ids = np.array(self.runs["experiment_id"].to_pylist())
        for one in self.experiments:
            places = np.flatnonzero(ids == one)
            if places.size:
                wanted = self._numbers[places]
                table = shelf.read(one, partial(_sums_of, wanted=wanted))
                if not np.array_equal(table["run"].to_numpy(), np.sort(wanted)):
                    raise StoreError(f"{one}: lacks some of the runs that it has just listed")
                found.append((places[np.argsort(wanted)], *block_sums(table)))
        order = np.argsort(np.concatenate([places for places, _, _ in found]))
        sums, squares = (np.concatenate([part[k] for part in found])[order] for k in (1, 2))
        return sums, squares

    @property
    def _numbers(self) -> Ints:
        return np.asarray(self.runs["run"].to_numpy(), np.int64)


def candidates(shelf: Shelf, experiment: Experiment, pool: Pool) -> Candidates:
    """The candidates of one of an experiment's pools; none when nothing has finished.

    Raises:
        StoreError: a file, or an earlier experiment that holds some of the runs, is damaged or
            gone.
    """
    earlier = [records.load(shelf.root, one) for one in experiment.history.get("skips_runs_of", ())]
    parts, groups = [], []
    for one in (experiment, *earlier):
        for place, table in _finished(shelf, one, pool):
            parts.append(table)
            groups.append(np.full(len(table), place))
    runs = pa.concat_tables(parts, promote_options="permissive")
    _, first = np.unique(arrow_keys(runs["config_hash"].combine_chunks()), return_index=True)
    first.sort()
    known = {one.id: one for one in (experiment, *earlier)}
    return Candidates(pool, known, runs.take(first), np.concatenate(groups)[first])


def _finished(shelf: Shelf, experiment: Experiment, pool: Pool) -> Iterator[tuple[int, Any]]:
    """The runs of an experiment that did a pool's work: place of the group in it, and a table."""
    layout = Layout.of(experiment.groups)
    sources = sorted(experiment.groups, key=lambda group: int(group.get("first_run", 0)))
    table = shelf.read(experiment.id, lambda runs: _light(runs, layout))
    of_row = layout.group(table["run"].to_numpy())
    for place, group in enumerate(pool.groups):
        for number, source in enumerate(sources):
            if _same_work(group, source):
                yield place, _as_in(group, source, table.filter(pa.array(of_row == number)))


def _light(runs: Any, layout: Layout) -> Any:
    """Finished runs on the first window they may be chosen on, by number, without block sums.

    A column `finished` says whether the configuration did all of its windows, or was pruned.
    """
    done = pc.field("status") == "done"
    table = runs.to_table(columns=light_columns(runs.schema), filter=done).sort_by("run")
    numbers = table["run"].to_numpy()
    _, place, count = np.unique(
        layout.configuration(numbers), return_inverse=True, return_counts=True
    )
    whole = count[place] == layout.widths[layout.group(numbers)]
    table = table.append_column("finished", pa.array(whole))
    return table.filter(pa.array(layout.first_trains(numbers)))


def _sums_of(runs: Any, wanted: Ints) -> Any:
    """Block sums of some runs, by number.

    Raises:
        StoreError: some have none.
    """
    if missing := [name for name in BLOCK_SUMS if name not in runs.schema.names]:
        raise StoreError(f"block sums: these runs have no {missing[0]}; {AGAIN}")
    batches = runs.to_batches(columns=["run", *BLOCK_SUMS])
    kept = [batch.filter(pa.array(np.isin(batch["run"].to_numpy(), wanted))) for batch in batches]
    table = pa.Table.from_batches(kept, kept[0].schema).sort_by("run")
    for name in BLOCK_SUMS:
        if none := table[name].null_count:
            raise StoreError(f"block sums: {none:,} of {len(table):,} runs have no {name}; {AGAIN}")
    return table


def _same_work(group: Group, other: Group) -> bool:
    """Whether runs of another group may be runs of this one."""
    keys = (*SAME, "settings", "windows")
    return all(group.get(key) == other.get(key) for key in keys)


def _as_in(group: Group, source: Group, table: Any) -> Any:
    """The runs of a source that have this group's numbers, with all the columns it sweeps."""
    keep = np.ones(len(table), np.bool_)
    for name, fixed in group["fixed"].items():
        if name not in table.schema.names:
            there = source["fixed"].get(name)
            if name in group["space"]:
                column = pa.array(np.full(len(table), np.nan if there is None else there))
                table = table.append_column(name, column)
            elif there != fixed:
                keep[:] = False
        elif name not in group["space"]:
            values = _floats(table[name])
            keep &= np.isnan(values) if fixed is None else values == fixed
    return table.filter(pa.array(keep))


def _floats(column: Any) -> Floats:
    values: Floats = column.cast(pa.float64()).to_numpy().astype(np.float64)
    return values
