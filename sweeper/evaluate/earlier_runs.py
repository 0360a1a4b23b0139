"""Runs of a plan that the store holds already: which they are, and their copies in an experiment.

The copies are what `sweeper.evaluate.rows` would write, had the runs been made again: hashes,
metrics and block sums are those stored, everything else comes from this plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.errors import DamagedFile, UnknownReference
from store.files.arrow_types import Schema, Table
from store.files.backend import Root
from store.ledger import completed_runs
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs import earlier_runs
from store.runs import key_set as keys
from store.runs.columns import BLOCK_SUMS, ORIGIN, metrics_of
from store.runs.key_set import Keys
from store.runs.reader import Shelf
from sweeper.evaluate.rows import MADE, Ints, config_hashes, experiment_schema, run_rows
from sweeper.plan.plan import Floats, Group, Plan

CHUNK = 4096
"""Points that are looked up at a time."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """The n runs of a plan that the store holds, whole configurations only.

    Attributes:
        keys: (n,) of their config hashes.
        group: (n,) places of their groups in the plan.
        window: (n,) places of their windows in the group.
        points: (n,) of the search.
        numbers: of each group the numbers (m, d) of its configurations.
        row: (n,) rows of `numbers`.
    """

    keys: Keys
    group: Ints
    window: Ints
    points: Ints
    numbers: Sequence[Floats]
    row: Ints

    def only(self, rows: NDArray[Any]) -> "Wanted":
        """Some of the runs."""
        names = ("keys", "group", "window", "points", "row")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def wanted_of(plan: Plan, there: Keys, own: Ints | None = None) -> Wanted:
    """Look up every run of a plan, a second for a million.

    Args:
        plan: of points that are known before it starts.
        there: keys of all runs that the store holds.
        own: numbers of runs that the experiment has made itself.
    """
    numbers, parts = [], []
    for place, group in enumerate(plan.groups):
        mine, points, hashes = _held(group, there)
        numbers.append(mine)
        for window, own_keys in enumerate(hashes):
            parts.append(
                (
                    own_keys,
                    np.full(len(mine), place),
                    np.full(len(mine), window),
                    points,
                    np.arange(len(mine)),
                )
            )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    wanted = Wanted(columns[0], columns[1], columns[2], columns[3], numbers, columns[4])
    return wanted if own is None else wanted.only(~np.isin(_run_numbers(plan, wanted), own))


def _held(group: Group, there: Keys) -> tuple[Floats, Ints, list[Keys]]:
    """The configurations of a group that have a run on every window.

    Returns:
        Numbers, points, and for each window the keys of the runs.
    """
    numbers = [np.empty((0, len(group.cell.names)))]
    places = [np.empty(0, np.int64)]
    hashes = [[keys.none()] for _ in group.windows]
    for start in range(0, group.points if there.size and not group.learns else 0, CHUNK):
        some, points, _ = group.configurations(start, min(start + CHUNK, group.points))
        looked: list[Keys] = []
        for window in group.windows:  # the next one for what has this one only
            hashes_here = keys.keys_of(config_hashes(group, window, some))
            have = keys.within(hashes_here, there)
            some, points = some[have], points[have]
            looked = [column[have] for column in (*looked, hashes_here)]
        numbers.append(some)
        places.append(points)
        for kept, hashes_here in zip(hashes, looked, strict=True):
            kept.append(hashes_here)
    return np.concatenate(numbers), np.concatenate(places), [np.concatenate(k) for k in hashes]


def _run_numbers(plan: Plan, wanted: Wanted) -> Ints:
    first = np.array([group.first_run for group in plan.groups])[wanted.group]
    width = np.array([group.width for group in plan.groups])[wanted.group]
    return np.asarray(first + wanted.points * width + wanted.window)


def bring(root: Root, experiment: Experiment, plan: Plan) -> tuple[Experiment, list[str]]:
    """Copy the runs of a plan that the store holds into an experiment.

    Args:
        root: of the store.
        experiment: its record names, newest first, the experiments to look in.
        plan: cut into blocks.

    Returns:
        The experiment as recorded now; and a line for each experiment that could not be read,
        whose runs are made again.
    """
    schema = _schema(plan)
    columns = _results(schema)
    ids = list(experiment.history.origins)
    own = earlier_runs.own(root, experiment)
    notes: list[str] = []
    while True:
        there, faults = completed_runs.done_runs(root, ids, columns)
        notes += faults
        wanted = wanted_of(plan, there, own)
        try:
            files, origins = _copy(root, experiment, plan, schema, ids, wanted)
        except _Gone as gone:  # deleted or damaged since it was looked at
            ids.remove(gone.experiment)
            notes.append(str(gone))
            continue
        return earlier_runs.listed(root, experiment, files, origins), notes


class _Gone(Exception):
    """An experiment that cannot be read any more."""

    def __init__(self, experiment: str, error: Exception) -> None:
        super().__init__(f"{experiment} cannot be read, its runs are made again: {error}")
        self.experiment = experiment


def _copy(
    root: Root,
    experiment: Experiment,
    plan: Plan,
    schema: Schema,
    ids: Sequence[str],
    wanted: Wanted,
) -> tuple[dict[str, FileRecord], list[str]]:
    """Write the copies out of each experiment, every run once; and who has made them."""
    shelf = Shelf(root)
    files: dict[str, FileRecord] = {}
    origins: dict[str, None] = {}
    for number, name in enumerate(ids):
        if not wanted.keys.size:
            break

        def action(runs: Any, wanted: Wanted = wanted, number: int = number) -> Any:
            if set(_results(schema)) - set(runs.schema.names):
                return None
            places, rows = earlier_runs.find(runs, wanted.keys)
            if not rows.size:
                return None
            makers: dict[str, None] = {}
            tables = _tables(runs, places, rows, wanted, plan, schema, experiment.id, makers)
            return places, makers, earlier_runs.write(root, experiment.id, number, tables, schema)

        try:
            copied = shelf.read(name, action, committed=True)
        except (DamagedFile, UnknownReference) as error:
            raise _Gone(name, error) from error
        if copied is not None:
            places, makers, (file, entry) = copied
            files[file] = entry
            origins |= makers
            wanted = wanted.only(np.delete(np.arange(wanted.keys.size), places))
    return files, list(origins)


def _tables(
    runs: Any,
    places: Ints,
    rows: Ints,
    wanted: Wanted,
    plan: Plan,
    schema: Schema,
    experiment_id: str,
    makers: dict[str, None],
) -> Iterator[Any]:
    """The copies of some rows, a part at a time; `makers` gets the ids of who has made them."""
    columns = earlier_runs.copied_columns(_results(schema))
    for some, stored in earlier_runs.parts(runs, places, rows, columns):
        mine = wanted.only(some)
        tables = []
        for group, window in np.unique(np.stack([mine.group, mine.window]), axis=1).T:
            here = np.flatnonzero((mine.group == group) & (mine.window == window))
            own = plan.groups[group]
            own = own.on([own.places[window]])
            numbers = mine.numbers[group][mine.row[here]]
            points, made = mine.points[here], _made(stored.take(here), schema)
            tables.append(run_rows(schema, experiment_id, own, numbers, points, None, made))
        table = pa.concat_tables(tables)
        makers |= dict.fromkeys(table[ORIGIN.names[0]].unique().to_pylist())
        yield table


def _made(stored: Table, schema: Schema) -> object:
    """Columns of stored rows that do not depend on the experiment, and their origin."""
    origin, number = ORIGIN.names
    table = stored.select(_results(schema))
    table = table.append_column(origin, pc.coalesce(stored[origin], stored["experiment_id"]))
    return table.append_column(number, pc.coalesce(stored[number], stored["run"]))


def _results(schema: Schema) -> list[str]:
    """The columns of a run that are equal in every experiment that makes it."""
    return [*MADE, *metrics_of(schema), *BLOCK_SUMS]


def _schema(plan: Plan) -> Any:
    schema = experiment_schema(plan.groups)
    for field in ORIGIN:
        schema = schema.append(field)
    return schema
