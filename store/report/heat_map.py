"""From thousands of runs to a heat map."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.report.number_format import param_text
from store.report.view_model import HeatMap

MOST_VALUES = 100
"""Values of a parameter that get a column each in a grid; more of them are binned."""
BINS = 50
RUNS_PER_CELL = 4
"""Of a search that is no grid: with fewer a map shows noise and holes."""

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

    Returns:
        None when nothing varies, or no value is finite.
    """
    finite = np.isfinite(values)
    distinct = {name: np.unique(one[finite & ~np.isnan(one)]).size for name, one in axes.items()}
    varying = [name for name in axes if distinct[name] > 1]
    if not varying:
        return None
    chosen = sorted(varying, key=lambda name: -distinct[name])[:2]
    chosen.sort(key=list(axes).index)
    off = [name for name in chosen if np.isnan(axes[name][finite]).any()]
    shown = finite & np.all([~np.isnan(axes[name]) for name in chosen], axis=0)
    others = [n for n, one in axes.items() if n not in chosen and np.unique(one[finite]).size > 1]
    at = {name: float(axes[name][centre]) for name in others} if grid and centre is not None else {}
    for name, value in at.items():
        shown &= np.isnan(axes[name]) if np.isnan(value) else axes[name] == value
    sparse = int(np.clip(np.sqrt(shown.sum() / RUNS_PER_CELL), 6, BINS))
    limit, bins = (MOST_VALUES, BINS) if grid else (sparse, sparse)
    cells = {name: _cells(axes[name][shown], limit, bins) for name in chosen}
    binned = [name for name in chosen if distinct[name] > limit]
    keys = [pd.Series(cells[name], name=name) for name in chosen]
    medians = pd.Series(values[shown]).groupby(keys).median()
    table = medians.unstack(chosen[0]) if len(chosen) > 1 else medians.to_frame().T
    x, y = table.columns.to_numpy("float64"), np.zeros(1)
    if len(chosen) > 1:
        y = table.index.to_numpy("float64")

    def cell(place: int | None) -> tuple[int, int] | None:
        if place is None or not shown[place]:
            return None
        row = int(shown[:place].sum())
        found = [
            int(np.searchsorted(one, cells[n][row])) for one, n in zip((x, y), chosen, strict=False)
        ]
        return found[0], found[1] if len(found) > 1 else 0

    return HeatMap(
        group=group,
        metric=metric,
        x_name=chosen[0],
        y_name=chosen[1] if len(chosen) > 1 else "",
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        z=tuple(tuple(None if np.isnan(v) else float(v) for v in row) for row in table.to_numpy()),
        higher_is_better=higher_is_better,
        note=_note(others, binned, off, at),
        best=cell(best),
        centre=cell(centre),
        single_steps=grid and not binned,
    )


def _cells(values: Floats, limit: int, bins: int) -> Floats:
    """The cell of each value: itself, or the centre of its bin when there are too many."""
    distinct = np.unique(values)
    if distinct.size <= limit:
        return values
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
    found: Floats = centres[np.searchsorted(edges[1:-1], values, side="right")]
    return found


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
    told = f"Median over {' and over '.join(parts)}" if parts else ""
    left_out = f"Without the runs that have {' or '.join(off)} off" if off else ""
    sliced = f"At {where}, where the best plateau is" if at else ""
    return ". ".join(filter(None, (sliced, told, left_out)))
