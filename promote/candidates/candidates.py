"""The configurations that a choice was made among: those that finished on the same bars.

A configuration has the run on the first window it was chosen on. They are the runs of one
experiment, those among them that an earlier one has made, too: see `store.runs.earlier_runs`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.analysis.block_sharpe import block_sums
from store.commands import again, line
from store.errors import StoreError
from store.files.arrow_types import Column, Dataset, Table
from store.records.comparable_groups import Pool, firsts_that_share
from store.records.experiment import Experiment, is_whole
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.runs.columns import BLOCK_SUMS
from store.runs.key_set import arrow_keys
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns
from store.runs.reader import Shelf
from store.runs.requirement import Requirement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

AGAIN = "run the sweep again with force=true"
"""What to do about runs without block sums."""

STREAMED = {"batch_size": 16_384, "batch_readahead": 2, "fragment_readahead": 1}
"""Of a scan that is to hold little: 16,384 runs have 8 MB of block sums."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """n configurations of one pool.

    Attributes:
        pool: the groups they belong to.
        experiments: that hold their runs, by id.
        runs: pa.Table of n rows without block sums, each configuration once; its column
            `finished` is false for those that were pruned on a later window: they compete, for
            they were tried, but cannot be chosen; so is `meets` for those without the results
            that `search.require` asks for.
        group: (n,) place of each in `pool.groups`; of groups that overlap that of the first.
    """

    pool: Pool
    experiments: Mapping[str, Experiment]
    runs: Table
    group: Ints

    def place(self, experiment_id: str, run: int) -> int | None:
        """Where the configuration of a run stands; None when it is not among them."""
        layout = Layout.of(self.experiments[experiment_id].groups)
        asked = int(layout.configuration(np.array([run]))[0])
        mine = pc.equal(self.runs["experiment_id"], experiment_id).to_numpy(zero_copy_only=False)
        places = np.flatnonzero(mine & (layout.configuration(self._numbers) == asked))
        return int(places[0]) if places.size else None

    def run(self, place: int) -> RunRow:
        """The run of one configuration as `store.runs.plain.run_dicts` gives it."""
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
        """Sums of r and of r^2 on the first window they were chosen on: (n, blocks) each.

        Read batch by batch: next to what is given back, there are some megabytes at a time.
        """
        sums = _Sums(self._numbers)
        for experiment in self.experiments:
            mine = pc.equal(self.runs["experiment_id"], experiment).to_numpy(zero_copy_only=False)
            places = np.flatnonzero(mine)
            if places.size:
                shelf.read(experiment, partial(sums.read, places=places))
                if not sums.there[places].all():
                    raise StoreError(
                        f"{experiment}: lacks some of the runs that it has just listed"
                    )
        return sums.sums, sums.squares

    @property
    def _numbers(self) -> Ints:
        return np.asarray(self.runs["run"].to_numpy(), np.int64)


def candidates(shelf: Shelf, experiment: Experiment, pool: Pool) -> Candidates:
    """The candidates of one of an experiment's pools; none when nothing has finished.

    Raises:
        DamagedFile: a file is not what was written.
        StoreError: runs of its plan are in other experiments only, as older checkouts left them.
    """
    if not is_whole(experiment):
        raise StoreError(
            f"{experiment.id}: lacks runs of its plan that are in "
            f"{', '.join(experiment.history.origins)}; give its command again, which "
            f"copies them:\n  {line(*again(experiment.command, shelf.root))}"
        )
    layout, require = Layout.of(experiment.groups), Requirement.of(experiment.search)
    table = shelf.read(experiment.id, lambda runs: _light(runs, layout, require))
    of_row = layout.group(table["run"].to_numpy())
    parts, groups = [], []
    firsts = firsts_that_share(pool.groups)
    for place, group in enumerate(pool.groups):
        number = layout.firsts.tolist().index(group.first_run)
        parts.append(table.filter(pa.array(of_row == number)))
        groups.append(np.full(len(parts[-1]), firsts[place]))
    runs = pa.concat_tables(parts)
    _, first = np.unique(arrow_keys(runs["config_hash"].combine_chunks()), return_index=True)
    first.sort()
    return Candidates(
        pool, {experiment.id: experiment}, runs.take(first), np.concatenate(groups)[first]
    )


def _light(runs: Dataset, layout: Layout, require: Requirement) -> Table:
    """Finished runs on the first window they may be chosen on, by number, without block sums.

    A column `finished` says whether the configuration did all of its windows, or was pruned, and
    `meets` whether it meets what the search required of results.
    """
    done = pc.field("status") == "done"
    table = runs.to_table(columns=light_columns(runs.schema), filter=done).sort_by("run")
    numbers = table["run"].to_numpy()
    _, place, count = np.unique(
        layout.configuration(numbers), return_inverse=True, return_counts=True
    )
    whole = count[place] == layout.widths[layout.group(numbers)]
    table = table.append_column("finished", pa.array(whole))
    table = table.append_column("meets", pa.array(require.met_by(table, layout)))
    return table.filter(pa.array(layout.first_trains(numbers)))


class _Sums:
    """Block sums of n runs, as they are read.

    Attributes:
        sums, squares: (n, blocks), of r and of r^2.
        there: (n,) which have been read.
    """

    def __init__(self, numbers: Ints) -> None:
        """Room for the runs of these numbers."""
        self.sums, self.squares = np.empty((2, numbers.size, 0))
        self.there = np.zeros(numbers.size, np.bool_)
        self._numbers = numbers

    def read(self, runs: Dataset, places: Ints) -> None:
        """Read those of some places, all of one experiment.

        Raises:
            StoreError: some have none.
        """
        if missing := [name for name in BLOCK_SUMS if name not in runs.schema.names]:
            raise StoreError(f"block sums: these runs have no {missing[0]}; {AGAIN}")
        places = places[np.argsort(self._numbers[places])]
        wanted, absent = self._numbers[places], dict.fromkeys(BLOCK_SUMS, 0)
        for batch in runs.to_batches(columns=["run", *BLOCK_SUMS], **STREAMED):
            numbers = batch["run"].to_numpy()
            at = np.minimum(np.searchsorted(wanted, numbers), wanted.size - 1)
            mine = wanted[at] == numbers
            part = batch if mine.all() else batch.filter(pa.array(mine))
            for name in BLOCK_SUMS:
                absent[name] += part[name].null_count
            if len(part) and not any(absent.values()):
                self._put(places[at[mine]], *block_sums(part))
        for name, none in absent.items():
            if none:
                raise StoreError(
                    f"block sums: {none:,} of {wanted.size:,} runs have no {name}; {AGAIN}"
                )

    def _put(self, places: Ints, sums: Floats, squares: Floats) -> None:
        if not self.sums.shape[1]:
            self.sums, self.squares = np.empty((2, self.there.size, sums.shape[1]))
        self.sums[places], self.squares[places], self.there[places] = sums, squares, True


def _floats(column: Column) -> Floats:
    values: Floats = column.cast(pa.float64()).to_numpy().astype(np.float64)
    return values
