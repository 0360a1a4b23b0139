"""Plan of an experiment: cells times symbols as groups of points, cut into blocks.

Nothing is materialised: a group knows how many points it has, point k is a pure function of the
space, the seed and k, and a block is a range of points. Runs are numbered by (group, point,
window), so a run's number does not depend on block sizes or on which points the constraint bars.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kernels import KERNEL_VERSION, Settings
from kernels.portfolio.settings import PanelSettings
from store.data import Dataset, DataSpec, load
from store.data.load import left_out_line
from store.files.backend import Place
from store.files.canonical import digest
from store.files.order_keys import field_of, without_idle
from store.records.comparable_groups import analysis_of
from store.records.group import Setting
from store.replay.configuration import Configurations
from sweeper.config.error_text import DoesNotFit
from sweeper.config.window import Window, short_window_note
from sweeper.plan.cell import SETTINGS, Cell, data_spec
from sweeper.plan.data_notes import data_notes
from sweeper.plan.order_checks import check_order_settings
from sweeper.plan.overlap import (
    ALONE,
    Siblings,
    elsewhere,
    n_elsewhere,
    overlap,
    own_baseline,
    rows_equal,
    siblings_of,
)
from sweeper.plan.panel_cell import fits_universe
from sweeper.plan.proposals import Proposals
from sweeper.plan.reading_note import say_what_is_read
from sweeper.plan.series import Series
from sweeper.search import Search
from sweeper.split import settings as split_settings
from sweeper.split import split_windows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """The points of one cell on one symbol. Point 0 is the baseline, point k the search's k-1.

    Attributes:
        cell: strategy and space.
        series: the bars.
        settings: those that all configurations share.
        windows: to backtest each configuration on.
        search: the points.
        places: of `windows` among all of the group's, of which there are `width`.
        width: by which run numbers of one point and the next differ.
        first_run: number of the first run.
        first_block: number of the first block.
        block_points: points of a block.
        siblings: cells on the same bars that hold some of its configurations, too.
    """

    cell: Cell
    series: Series
    settings: Settings | PanelSettings
    windows: tuple[Window, ...]
    search: Search
    places: tuple[int, ...]
    width: int
    first_run: int = 0
    first_block: int = 0
    block_points: int = 1
    siblings: Siblings = ALONE

    @property
    def points(self) -> int:
        """Raw points, the baseline's and those that the constraint bars included."""
        return 1 + self.search.size()

    @property
    def runs(self) -> int:
        """Number of rows: different configurations, the baseline among them, times windows."""
        different = self.search.count() - n_elsewhere(self.cell, self.siblings)
        return (different + len(self.baseline)) * len(self.windows)

    @property
    def left_out(self) -> int:
        """Number of the group's configurations that groups before it have."""
        lone = self.search.count() - n_elsewhere(self.cell, ALONE) + len(self.cell.baseline)
        return lone - self.runs // len(self.windows)

    @property
    def baseline(self) -> Floats:
        """The strategy's defaults, (1, d); (0, d) where barred, or in a group before this one."""
        return own_baseline(self.cell, self.siblings)

    @property
    def blocks(self) -> int:
        """Number of files that the group is written in."""
        return -(-self.points // self.block_points)

    def on(self, places: Sequence[int]) -> "Group":
        """The same group on some of its windows only, by their places among all."""
        windows = tuple(self.windows[self.places.index(place)] for place in places)
        return replace(self, windows=windows, places=tuple(places))

    @property
    def block_numbers(self) -> range:
        """Numbers of its blocks."""
        return range(self.first_block, self.first_block + self.blocks)

    def configurations(self, start: int, stop: int) -> tuple[Floats, NDArray[np.int64], int]:
        """Valid configurations among points start..stop-1.

        Returns:
            (n, d) numbers with columns as `cell.names`, (n,) their points, and how many points
            were left out because they have their row elsewhere: that of the baseline, which they
            equal, or one of a group before this one.
        """
        values, valid = self.search.points(max(start, 1) - 1, stop - 1)
        numbers = self.cell.numbers(values[valid])
        points = np.flatnonzero(valid) + max(start, 1)
        again = elsewhere(numbers, self.cell, self.siblings)
        numbers, points = numbers[~again], points[~again]
        if start == 0:
            numbers = np.concatenate([self.baseline, numbers])
            points = np.concatenate([np.zeros(len(self.baseline), np.int64), points])
        return numbers, points, int(again.sum())

    def sample(self, size: int) -> Floats:
        """The baseline and some of the first `size` points, to try things on: (n, d)."""
        values, valid = self.cell.sample.points(0, min(size - 1, self.cell.sample.size()))
        numbers, baseline = self.cell.numbers(values[valid]), self.cell.baseline
        return np.concatenate([baseline, numbers[~rows_equal(numbers, baseline)]])

    @property
    def learns(self) -> bool:
        """True when the group's points are proposed while it runs."""
        return isinstance(self.search, Proposals)

    def shared_settings(self) -> dict[str, Setting]:
        """The settings that all configurations share: those that are no numbers of theirs."""
        own = {field_of(name) for name in SETTINGS}
        shared = {k: v for k, v in without_idle(asdict(self.settings)).items() if k not in own}
        if not shared["risk_free"]:  # nothing is subtracted: the same hash as before there was one
            del shared["risk_free"]
        return shared

    def configured(self, numbers: Floats) -> Configurations:
        """Configurations (n, d) of the group, columns as `cell.names`."""
        cell = self.cell
        return Configurations(cell.strategy, cell.names, numbers, self.shared_settings())

    def identity(self) -> dict[str, object]:
        """Everything that decides the group's rows, for the plan's hash."""
        return {
            **self.what(),
            "split": split_settings(self.cell.config.split),
            "symbol": self.series.symbol,
            "data": self.series.fingerprint,
            "space": [f"{axis.name}={axis}" for axis in self.cell.space.axes],
            "constraint": str(self.cell.space.constraint),
            "fixed": {name: repr(value) for name, value in self.cell.fixed.items()},
            "search": self.cell.config.search.identity(self.learns),
            "windows": [[w.role, w.start, w.stop] for w in self.windows],
            **self._pairs(),
            **({"left_out": self.left_out} if self.left_out else {}),
        }

    def what(self) -> dict[str, object]:
        """Parts that are the same for all configurations, on whatever bars."""
        return {
            "strategy": self.cell.strategy.name,
            "source": self.cell.strategy.source_hash,
            "settings": self.shared_settings(),
            "split": analysis_of(split_settings(self.cell.config.split)),
            "metrics": [[m.column, m.source_hash] for m in self.cell.own_metrics],
            "look_ahead": self.cell.config.strategy.allow_look_ahead,
        }

    @property
    def alike(self) -> list[Cell]:
        """The cells on the same bars whose points some of its own are."""
        cells = (*self.siblings.earlier, *self.siblings.later)
        return [other for other in cells if overlap(self.cell, other)]

    def whole_work(self) -> dict[str, object]:
        """Everything that decides the group's rows, however its windows are spelt: 4y or 48mo."""
        return self.identity() | {"split": self.what()["split"]}

    def with_equal_work(self) -> dict[str, object]:
        """Groups whose equal configurations have equal rows, gathered."""
        series = self.series
        windows = [[w.role, w.start, w.stop] for w in self.windows]
        return {
            **self.what(),
            "bars": [series.symbol, series.timeframe, series.fingerprint, windows],
        }

    def _pairs(self) -> dict[str, object]:
        """The points that set numbers in pairs, which their axes alone do not tell."""
        rows = self.cell.rows
        if rows is None or self.cell.config.search.kind == "list":
            return {}
        return {"pairs": hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()}


@dataclass(frozen=True)
class Plan:
    """The groups of an experiment, numbered.

    Attributes:
        groups: one per cell and symbol; none has the rows of another.
        notes: on the data, and what is left out, and why: one line each.
    """

    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()

    @property
    def cells(self) -> list[Cell]:
        """The cells, in the order of their first groups."""
        return list(dict.fromkeys(group.cell for group in self.groups))

    def places_of(self, cell: Cell) -> list[int]:
        """Places of a cell's groups among all: one per symbol."""
        return [place for place, group in enumerate(self.groups) if group.cell is cell]

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return sum(group.blocks for group in self.groups)

    @property
    def runs(self) -> int:
        """Number of runs, the baselines' included."""
        return sum(group.runs for group in self.groups)

    @property
    def configurations(self) -> int:
        """Number of configurations tried: runs count once for all their windows."""
        return sum(group.runs // len(group.windows) for group in self.groups)

    def hash(self) -> str:
        """Equal for plans with the same rows, whatever their block sizes, names and tags."""
        return digest({"kernel": KERNEL_VERSION, "groups": [g.identity() for g in self.groups]})

    def group_of(self, block: int) -> int:
        """The number of a block's group."""
        return bisect_right([group.first_block for group in self.groups], block) - 1

    def locate(self, block: int) -> tuple[Group, int, int]:
        """The group of a block and its points start..stop-1."""
        group = self.groups[self.group_of(block)]
        start = (block - group.first_block) * group.block_points
        return group, start, min(start + group.block_points, group.points)

    def kept_in(self, folders: Sequence[Place]) -> "Plan":
        """The same plan, with the folder of each group where its learner's rounds are kept."""
        groups = [
            replace(group, search=replace(group.search, folder=folder))
            if isinstance(group.search, Proposals)
            else group
            for group, folder in zip(self.groups, folders, strict=True)
        ]
        return replace(self, groups=tuple(groups))

    def cut(self, block_points: Sequence[int]) -> "Plan":
        """The same plan with `block_points[i]` points in every block of group i."""
        numbered, first_block, first_run = [], 0, 0
        for group, size in zip(self.groups, block_points, strict=True):
            placed = replace(group, block_points=size, first_block=first_block, first_run=first_run)
            numbered.append(placed)
            first_block += placed.blocks
            first_run += placed.points * len(placed.windows)
        return replace(self, groups=tuple(numbered))


def load_datasets(cells: Sequence[Cell]) -> list[list[Dataset]]:
    """The data of each cell, read once per distinct `data` section."""
    loaded: list[tuple[DataSpec, list[Dataset]]] = []
    result = []
    for cell in cells:
        spec = data_spec(cell.config)
        datasets_of_spec = next((datasets for other, datasets in loaded if other == spec), None)
        if datasets_of_spec is None:
            say_what_is_read(spec)
            loaded.append((spec, datasets_of_spec := load(spec)))
        result.append(datasets_of_spec)
    return result


def build_plan(cells: Iterable[Cell], datasets: Iterable[Sequence[Dataset]]) -> Plan:
    """One group per cell and symbol, in blocks of one point until `cut` says better.

    Of several symbols those whose bars are too few for the windows are left out, which the notes
    say.

    Raises:
        ValueError: a config that no bars fit.
        DoesNotFit: the windows fit none of the symbols.
    """
    groups: list[Group] = []
    datasets = list(datasets)
    notes = data_notes([dataset for symbols in datasets for dataset in symbols])
    for cell, symbols in zip(cells, datasets, strict=True):
        misfits: dict[str, DoesNotFit] = {}
        for dataset in symbols:
            try:
                groups.append(_group(cell, dataset))
            except DoesNotFit as misfit:
                misfits[dataset.symbol] = misfit
        if len(misfits) == len(symbols):
            symbol, reason = next(iter(misfits.items()))
            raise DoesNotFit(f"{symbol}: {reason}")
        if misfits:
            notes.append(left_out_line(misfits, len(symbols)))
    short = (short_window_note(g.series.symbol, g.windows, g.series.times) for g in groups)
    notes += list(filter(None, short))[:1]
    kept, repeats = _each_once(groups)
    return Plan(kept, tuple(dict.fromkeys([*notes, *repeats]))).cut([1] * len(kept))


def _each_once(groups: Sequence[Group]) -> tuple[tuple[Group, ...], list[str]]:
    """The groups so that each configuration has one row, and what was left out, one line each."""
    distinct: dict[str, Group] = {}
    for group in groups:
        distinct.setdefault(digest(group.whole_work()), group)
    alike: dict[str, list[Group]] = {}
    for group in distinct.values():
        alike.setdefault(digest(group.with_equal_work()), []).append(group)
    groups_once = []
    for group in distinct.values():
        same = alike[digest(group.with_equal_work())]
        cells = [other.cell for other in same]
        groups_once.append(replace(group, siblings=siblings_of(cells.index(group.cell), cells)))
    kept = tuple(group for group in groups_once if group.runs)
    notes = []
    if repeats := len(groups) - len(distinct):
        notes.append(
            f"{repeats} repeated cell(s) dropped: the same strategy, bars and settings run once"
        )
    if shared := sum(group.left_out for group in groups_once):
        notes.append(f"{shared:,} configurations that several cells hold are run once")
    return kept, notes


def _group(cell: Cell, dataset: Dataset) -> Group:
    """A cell on one symbol; DoesNotFit when its windows do not fit the bars."""
    fits_universe(cell, dataset)
    series = Series.before_holdout(dataset, cell.config.holdout)
    split = split_windows(cell.config.split, series.times)
    settings = cell.settings(dataset.periods_per_year)
    check_order_settings(cell, dataset)
    return Group(cell, series, settings, split, cell.search, tuple(range(len(split))), len(split))
