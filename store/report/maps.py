"""From thousands of runs to a heat map and a histogram."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.report.view import Distribution, HeatMap

MOST_VALUES = 100
"""Values of a parameter that get a column each in a grid; more of them are binned."""
BINS = 50
RUNS_PER_CELL = 4
"""Of a search that is no grid: with fewer a map shows noise and holes."""

Floats = NDArray[np.float64]


def heat_map(
    runs: pd.DataFrame,
    axes: Sequence[str],
    metric: str,
    group: str,
    *,
    higher_is_better: bool = True,
    grid: bool = True,
) -> HeatMap | None:
    """The metric over the two parameters with the most values; the median where others vary.

    Args:
        runs: of one strategy, symbol and direction: columns `axes`, `metric` and `window`.
        axes: parameters and swept settings, in the strategy's order; NaN: off, or not its own.
        metric: of which NaN and infinite values are left out.
        group: heading.
        higher_is_better: which end of the scale is good.
        grid: whether each combination of values was run, so that single values can be shown.

    Returns:
        None when nothing varies, or no value is finite.
    """
    runs = runs[np.isfinite(runs[metric])]
    values = {name: runs[name].nunique() for name in axes}
    varying = [name for name in axes if values[name] > 1]
    if not varying:
        return None
    chosen = sorted(varying, key=lambda name: -values[name])[:2]
    chosen.sort(key=list(axes).index)
    off = [name for name in chosen if runs[name].isna().any()]
    runs = runs.dropna(subset=chosen)
    sparse = int(np.clip(np.sqrt(len(runs) / RUNS_PER_CELL), 6, BINS))
    limit, bins = (MOST_VALUES, BINS) if grid else (sparse, sparse)
    cells, binned = {}, []
    for name in chosen:
        cells[name], was_binned = _cells(runs[name].to_numpy("float64"), limit, bins)
        binned += [name] if was_binned else []
    keys = [pd.Series(cells[name], runs.index, name=name) for name in chosen]
    medians = runs[metric].groupby(keys).median()
    table = medians.unstack(chosen[0]) if len(chosen) > 1 else medians.to_frame().T
    x, y = table.columns.to_numpy("float64"), np.zeros(1)
    if len(chosen) > 1:
        y = table.index.to_numpy("float64")
    return HeatMap(
        group=group,
        metric=metric,
        x_name=chosen[0],
        y_name=chosen[1] if len(chosen) > 1 else "",
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        z=tuple(tuple(None if np.isnan(v) else float(v) for v in row) for row in table.to_numpy()),
        higher_is_better=higher_is_better,
        note=_note([n for n in varying if n not in chosen], runs["window"].nunique(), binned, off),
    )


def distribution(values: Floats, metric: str) -> Distribution | None:
    """A histogram of (n,) values; far outliers, NaN and infinity are counted, not drawn."""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return None
    low, high = np.quantile(finite, [0.005, 0.995])
    margin = 2 * (high - low)
    shown = finite[(finite >= low - margin) & (finite <= high + margin)]
    counts, edges = np.histogram(shown, bins=int(np.clip(np.sqrt(finite.size), 10, 60)))
    left_out = values.size - shown.size
    return Distribution(
        metric=metric,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        note=f"{left_out:,} runs far off or without a finite value are not drawn" * bool(left_out),
    )


def _cells(values: Floats, limit: int, bins: int) -> tuple[Floats, bool]:
    """The cell of each value: itself, or the centre of its bin when there are too many."""
    distinct = np.unique(values)
    if distinct.size <= limit:
        return values, False
    low, high = distinct[0], distinct[-1]
    if low > 0 and np.median(distinct) < (low + high) / 8:  # spread as powers are
        edges = np.geomspace(low, high, bins + 1)
        centres = np.array([float(f"{c:.3g}") for c in np.sqrt(edges[1:] * edges[:-1])])
    elif (distinct == np.floor(distinct)).all():
        step = np.ceil((high - low + 1) / bins)
        edges = np.arange(low, high + step, step)  # whole bins: each holds as many values
        centres = edges[:-1] + (step - 1) / 2
    else:
        edges = np.linspace(low, high, bins + 1)
        centres = (edges[1:] + edges[:-1]) / 2
    return centres[np.searchsorted(edges[1:-1], values, side="right")], True


def _note(others: Sequence[str], windows: int, binned: Sequence[str], off: Sequence[str]) -> str:
    """What a cell stands for: empty when it is one run."""
    over = [*others, *([f"{windows} windows"] if windows > 1 else [])]
    parts = [f"bins of {' and '.join(binned)}"] if binned else []
    parts += [", ".join(over)] if over else []
    told = f"Median over {' and over '.join(parts)}" if parts else ""
    left_out = f"Without the runs that have {' or '.join(off)} off" if off else ""
    return ". ".join(filter(None, (told, left_out)))
