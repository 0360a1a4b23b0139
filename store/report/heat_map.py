"""From thousands of runs to a heat map."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from store.report.number_format import param_text
from store.report.view_model import HeatMap

MOST_VALUES = 100
"""Values of a parameter that get a column each in a grid; more of them are binned."""
BINS = 50
RUNS_PER_CELL = 4
"""Of a search that is no grid: with fewer a map shows noise and holes."""
MANY_PER_CELL = 20
"""Values a cell on average, from which on each cell is sorted by itself."""

Floats = NDArray[np.float64]


def heat_map(
    axes: Mapping[str, Floats],
    values: Floats,
    metric: str,
    group: str,
    *,
    best: int | None = None,
    centre: int | None = None,
    higher_is_better: bool = True,
    grid: bool = True,
    laid: "Laid | None" = None,
) -> HeatMap | None:
    """The metric over the two parameters with the most values.

    Where others vary, too, it is the slice of a grid in which the best plateau lies; without a
    grid, or a plateau, the median.

    Args:
        axes: (n,) values of what varies, in the strategy's order; NaN: off, or not its own.
        values: (n,) of the metric; NaN and infinite ones are left out.
        metric: its name.
        group: heading.
        best: row of the run to mark; one outside the slice is not marked.
        centre: row of the middle of the best plateau.
        higher_is_better: which end of the scale is good.
        grid: whether each combination of values was run, so that single values can be shown.
        laid: what `laid_out` gives of the same; None lays them out here.

    Returns:
        None when nothing varies, or no value is finite.
    """
    laid = laid or laid_out(axes, values, centre=centre, grid=grid)
    if laid is None:
        return None
    first, second, shown, chosen = laid.first, laid.second, laid.shown, laid.chosen
    table = _medians(first, second, values[shown])
    columns, rows = (~np.isnan(table)).any(axis=0), (~np.isnan(table)).any(axis=1)
    table, x, y = table[rows][:, columns], first.centres[columns], second.centres[rows]

    def cell(place: int | None) -> tuple[int, int] | None:
        if place is None or not shown[place]:
            return None
        row = int(shown[:place].sum())
        own = (first.centres[first.codes[row]], second.centres[second.codes[row]])
        return int(np.searchsorted(x, own[0])), int(np.searchsorted(y, own[1]))

    return HeatMap(
        group=group,
        metric=metric,
        x_name=chosen[0],
        y_name=chosen[1] if len(chosen) > 1 else "",
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        z=tuple(tuple(None if np.isnan(v) else float(v) for v in row) for row in table),
        higher_is_better=higher_is_better,
        note=laid.note,
        best=cell(best),
        centre=cell(centre),
        single_steps=grid and not laid.binned,
    )


class Cells(NamedTuple):
    """Cells along one axis.

    Attributes:
        centres: (m,) their values, ascending.
        codes: (n,) number of the cell of each configuration.
    """

    centres: Floats
    codes: NDArray[np.int64]


class Laid(NamedTuple):
    """Configurations laid out in cells.

    Attributes:
        chosen: parameters along x and y; one alone along x.
        first: cells along x of the rows shown.
        second: cells along y.
        shown: (n,) which rows are in the map.
        binned: parameters with more values than cells.
        note: what a cell stands for.
    """

    chosen: list[str]
    first: Cells
    second: Cells
    shown: NDArray[np.bool_]
    binned: list[str]
    note: str

    def rows(self, x: float, y: float) -> NDArray[np.int64]:
        """Rows of the configurations in the cell whose centre is (x, y); y is 0 without one."""
        inside = self.first.centres[self.first.codes] == x
        inside &= self.second.centres[self.second.codes] == y
        rows: NDArray[np.int64] = np.flatnonzero(self.shown)[inside]
        return rows


def laid_out(
    axes: Mapping[str, Floats], values: Floats, *, centre: int | None = None, grid: bool = True
) -> Laid | None:
    """The cells of `heat_map`, by arguments that it has, too.

    Returns:
        None when nothing varies, or no value is finite.
    """
    finite = np.isfinite(values)
    present = {name: np.unique(column[finite & ~np.isnan(column)]) for name, column in axes.items()}
    distinct = {name: each.size for name, each in present.items()}
    varying = [name for name in axes if distinct[name] > 1]
    if not varying:
        return None
    chosen = sorted(varying, key=lambda name: -distinct[name])[:2]
    chosen.sort(key=list(axes).index)
    off = [name for name in chosen if np.isnan(axes[name][finite]).any()]
    shown = finite & np.all([~np.isnan(axes[name]) for name in chosen], axis=0)
    others = [n for n, each in axes.items() if n not in chosen and varies(each[finite])]
    at = {name: float(axes[name][centre]) for name in others} if grid and centre is not None else {}
    for name, value in at.items():
        shown &= np.isnan(axes[name]) if np.isnan(value) else axes[name] == value
    sparse = int(np.clip(np.sqrt(shown.sum() / RUNS_PER_CELL), 6, BINS))
    limit, bins = (MOST_VALUES, BINS) if grid else (sparse, sparse)
    whole = shown.all()
    cells = {
        name: _cells(axes[name][shown], present[name] if whole else None, limit, bins)
        for name in chosen
    }
    binned = [name for name in chosen if distinct[name] > limit]
    first, second = cells[chosen[0]], cells[chosen[1]] if len(chosen) > 1 else _one_row(shown.sum())
    return Laid(chosen, first, second, shown, binned, _note(others, binned, off, at))


def _one_row(n: int) -> Cells:
    """The one cell of an axis that is not there."""
    return Cells(np.zeros(1), np.zeros(n, np.int64))


def varies(values: Floats) -> bool:
    """True when not all values are the same; NaN equals NaN."""
    return values.size > 0 and not bool(
        np.all((values == values[0]) | (np.isnan(values) & np.isnan(values[0])))
    )


def _medians(first: Cells, second: Cells, values: Floats) -> Floats:
    """(rows, columns) median of the values in each cell, NaN in an empty one.

    Of few values a cell they are sorted once by value and then, stably, by cell: a third of the
    time of a group-by of pandas. Of many the cells are sorted one by one, a third of that again.
    """
    shape = (second.centres.size, first.centres.size)
    cell = (second.codes * shape[1] + first.codes).astype(np.int16)
    counts = np.bincount(cell, minlength=shape[0] * shape[1])
    starts = np.cumsum(counts) - counts
    if values.size > MANY_PER_CELL * counts.size:
        ordered = values[np.argsort(cell, kind="stable")]
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True):
            ordered[start : start + count].sort()
    else:
        by_value = np.argsort(values)
        ordered = values[by_value[np.argsort(cell[by_value], kind="stable")]]
    filled = counts > 0
    medians = np.full(counts.size, np.nan)
    low, high = starts + (counts - 1) // 2, starts + counts // 2
    medians[filled] = (ordered[low[filled]] + ordered[high[filled]]) / 2
    return medians.reshape(shape)


def _cells(values: Floats, present: Floats | None, limit: int, bins: int) -> Cells:
    """The cell of each value: its own, or a bin where there are more values than the limit.

    Args:
        values: (n,) none of them NaN.
        present: (m,) each of them once, ascending; None: not known.
        limit: most values with a cell each.
        bins: of more.
    """
    distinct = np.unique(values) if present is None else present
    if distinct.size <= limit:
        return Cells(distinct, np.searchsorted(distinct, values))
    low, high = distinct[0], distinct[-1]
    if spread_as_powers(distinct):
        edges = np.geomspace(low, high, bins + 1)
        centres = np.array([float(f"{c:.3g}") for c in np.sqrt(edges[1:] * edges[:-1])])
    elif (distinct == np.floor(distinct)).all():
        step = np.ceil((high - low + 1) / bins)
        edges = np.arange(low, high + step, step)  # whole bins: each holds as many values
        centres = edges[:-1] + (step - 1) / 2
    else:
        edges = np.linspace(low, high, bins + 1)
        centres = np.array([(a + b) / 2 for a, b in pairwise(edges)])
    return Cells(centres, np.searchsorted(edges[1:-1], values, side="right"))


def spread_as_powers(distinct: Floats) -> bool:
    """True when ascending values lie so unevenly that a log scale shows them better."""
    low, high = distinct[0], distinct[-1]
    return bool(low > 0 and np.median(distinct) < (low + high) / 8)


def _note(
    others: Sequence[str], binned: Sequence[str], off: Sequence[str], at: Mapping[str, float]
) -> str:
    """Note on what a cell stands for: empty when it is the only run there could be."""
    where = ", ".join(f"{name} {param_text(value)}" for name, value in at.items())
    parts = [f"bins of {' and '.join(binned)}"] if binned else []
    parts += [", ".join(others)] if others and not at else []
    text = f"Median over {' and over '.join(parts)}" if parts else ""
    left_out = f"Without the runs that have {' or '.join(off)} off" if off else ""
    sliced = f"At {where}, where the best plateau is" if at else ""
    return ". ".join(filter(None, (sliced, text, left_out)))
