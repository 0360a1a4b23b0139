"""Distribution of runs against luck, and of train against test."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from store.analysis.expected_max_sharpe import effective_bars
from store.analysis.parameter_grids import Family
from store.analysis.sharpe_error import Z, gap_error
from store.records.group import GroupRecord
from store.report.number_format import param_text
from store.report.view_model import Distribution, Gap

MOST_DOTS = 2_500
BEST_DOTS = 250
"""Of the dots, those of the best on train; the others are drawn evenly from all."""

Floats = NDArray[np.float64]


def distribution(families: Sequence[Family], metric: str) -> Distribution | None:
    """A histogram of all runs; far outliers are counted, not drawn.

    Next to it, for Sharpe ratios, the histogram that is expected of as many runs whose true Sharpe
    ratio is zero: normal, with the variance periods_per_year / bars of each family's windows.
    """
    values = np.concatenate([grid.metric for grid in families]) if families else np.empty(0)
    if values.size == 0:
        return None
    low, high = np.quantile(values, [0.005, 0.995])
    margin = 2 * (high - low)
    shown = values[(values >= low - margin) & (values <= high + margin)]
    counts, edges = np.histogram(shown, bins=int(np.clip(np.sqrt(values.size), 10, 60)))
    left_out = values.size - shown.size
    return Distribution(
        metric=metric,
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        note=f"{left_out:,} runs far off are not drawn" if left_out else "",
        expected=tuple(_expected(families, edges).tolist()) if metric == "sharpe" else (),
    )


def _expected(families: Sequence[Family], edges: Floats) -> Floats:
    """(bins,) how many runs without skill fall between the edges."""
    counts = np.zeros(edges.size - 1)
    for grid in families:
        counts += grid.runs.size * np.diff(ndtr(edges / sharpe_error(grid.group)))
    return counts


def sharpe_error(group: GroupRecord) -> float:
    """Standard error of the mean annual Sharpe ratio over train windows, at a true one of zero."""
    return math.sqrt(group.periods_per_year / effective_bars(group.train_spans))


def gap_of(group: GroupRecord) -> float:
    """Standard error of train minus test Sharpe ratio in a group that has both."""
    test_spans = [window.bars for window in group.test_windows]
    return gap_error(group.train_spans, test_spans, group.periods_per_year)


def train_and_test(families: Sequence[Family], metric: str) -> Gap | None:
    """Every run's train next to its test, of the families that have test windows."""
    tested = [_finite(grid) for grid in families if grid.test is not None]
    tested = [grid for grid in tested if grid.runs.size]
    if not tested:
        return None
    train = np.concatenate([grid.metric for grid in tested])
    test = np.concatenate([_tests(grid) for grid in tested])
    errors = np.repeat(
        [gap_of(grid.group) if metric == "sharpe" else math.nan for grid in tested],
        [grid.runs.size for grid in tested],
    )
    order = np.argsort(-train if tested[0].highest else train, kind="stable")
    rows = sample(order, MOST_DOTS, BEST_DOTS)
    is_sharpe = metric == "sharpe"
    note = f"{rows.size:,} of {train.size:,} runs are drawn, the best on train among them"
    return Gap(
        metric=metric,
        train=tuple(train[rows].tolist()),
        test=tuple(test[rows].tolist()),
        texts=tuple(_texts(tested, rows)),
        best=(float(train[order[0]]), float(test[order[0]])),
        error=float(errors.max()) if is_sharpe else None,
        beyond=float((train - test > Z * errors).mean()) if is_sharpe else None,
        correlation=_rank_correlation(train, test),
        note=note if rows.size < train.size else "",
    )


def sample(order: NDArray[np.int64], most: int, best: int) -> NDArray[np.int64]:
    """Some of the rows, given best first: all of the best, and the others evenly by rank."""
    if order.size <= most:
        return order
    places = np.linspace(best, order.size - 1, most - best).round().astype(np.int64)
    return order[np.union1d(np.arange(best), places)]


def _finite(family: Family) -> Family:
    return family.take(np.isfinite(_tests(family)))


def _tests(family: Family) -> Floats:
    return np.full(family.runs.size, np.nan) if family.test is None else family.test


def _texts(families: Sequence[Family], rows: NDArray[np.int64]) -> list[str]:
    """Names of the rows, counted through the families."""
    ends = np.cumsum([grid.runs.size for grid in families])
    texts = []
    for row in rows.tolist():
        place = int(np.searchsorted(ends, row, side="right"))
        family = families[place]
        inside = row - int(ends[place]) + family.runs.size
        texts.append(f"{family.title}: {params_text(family, inside)}")
    return texts


def params_text(family: Family, place: int) -> str:
    """Parameters that vary, of one configuration: `fast 10 slow 73`."""
    return " ".join(f"{n} {param_text(v)}" for n, v in family.params(place).items())


def _ranks(values: Floats) -> Floats:
    """(n,) ranks about their mean; equals share theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(count) - (count - 1) / 2 - (values.size + 1) / 2)[place]
    return ranks


def _rank_correlation(a: Floats, b: Floats) -> float:
    """Spearman's, with mean ranks for ties; NaN where one of them does not vary."""
    ranks = [_ranks(column) for column in (a, b)]
    spread = math.sqrt(float((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float(ranks[0] @ ranks[1]) / spread if spread > 0 else math.nan
