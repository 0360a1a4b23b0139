"""Which configuration of an experiment is put forward: not the peak, but the best plateau.

The peak of thousands owes most to luck. So by default the middle of the best plateau is taken, in
each group the one that luck finds most seldom (`store.analysis.neighbourhoods`), of the groups that
with the highest median Sharpe ratio; or the highest of one metric, for those who want
several profiles of one experiment, each by its own aim.

What trades too seldom to pass the gate, or has fallen too deep for its volatility, is not put
forward while anything else is: a sweep is not refused for a neighbourhood of long averages that
trade twice a year. It competes all the same, and who fell too deep stays a neighbour.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

import numpy as np

from promote.candidates.judged_sample import Floats, Ints, Sample
from store.analysis.neighbourhoods import Plateau, neighbours, plateau
from store.analysis.parameter_grids import Bools, in_order, in_space
from store.errors import UnknownReference
from store.records.comparable_groups import firsts_that_share
from store.runs.metric_order import goodness
from store.runs.requirement import KEY

METRICS = ("sharpe", "annual_return", "sortino", "calmar")
WAYS = ("plateau", *METRICS)
"""What `--select-by` takes."""


class Needs(NamedTuple):
    """Limits that a configuration has to meet by itself to be put forward, while any does.

    Attributes:
        min_trades: at least; with fewer it is no neighbour either, for its Sharpe ratio is chance.
        drawdown_ratio: deepest fall over annual volatility, at most.
    """

    min_trades: float = 0.0
    drawdown_ratio: float = math.inf

    @classmethod
    def of(cls, limits: Mapping[str, float]) -> "Needs":
        """Limits of this kind among those of a gate."""
        return cls(**{name: limits[name] for name in cls._fields if name in limits})


ANY = Needs()


def check_way(by: str) -> str:
    """Return `by`; ValueError when nothing is selected so."""
    if by not in WAYS:
        near = get_close_matches(by, WAYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(WAYS)}"
        raise ValueError(f"select-by: nothing is selected by {by[:40]!r}; {hint}")
    return by


def select(samples: Sequence[Sample], by: str, needs: Needs = ANY) -> tuple[Sample, int]:
    """The best candidate of several pools: its sample and its place there.

    Args:
        samples: one per pool, not empty.
        by: one of `WAYS`.
        needs: only those that show it, unless none does.

    Raises:
        UnknownReference: no candidate has the value that is selected by.
    """
    for asked in (needs, Needs(needs.min_trades), ANY):
        bests = [(sample, *_best(_scores(sample, by, asked))) for sample in samples]
        sample, place, value = max(bests, key=lambda best: best[2])
        if value > -np.inf:
            return sample, place
    if not any(sample.meets.any() for sample in samples):
        raise UnknownReference(f"{_ids(samples)}: no configuration meets its {KEY}; lower it")
    hint = "besides the baseline; --select-by sharpe takes that, too" * (by == "plateau")
    raise UnknownReference(f"{_ids(samples)}: no configuration has a {by} {hint}".rstrip())


def medians(sample: Sample, min_trades: float) -> Floats:
    """(n,) median annual Sharpe ratio around each candidate.

    NaN for a baseline off the grid, and for those that were pruned or trade less.
    """
    median = np.full(len(sample.candidates.runs), np.nan)
    for group in range(len(sample.candidates.pool.groups)):
        rows, values = _plateau(sample, group, min_trades)
        median[rows] = values.median
    return median


def neighbours_of(sample: Sample, places: Ints, min_trades: float) -> list[Ints]:
    """The candidates that the medians around some are over; each a candidate that has a median.

    Returns:
        Places by group, (p, k) of the p of `places` that are of it; -1 where there are fewer.
    """
    members = []
    sharpes = _of_eligible(sample, "sharpe", min_trades)
    for group in np.unique(sample.candidates.group[places]):
        rows, axes = _in_space(sample, int(group))
        order = np.argsort(rows)
        wanted = places[sample.candidates.group[places] == group]
        mine = order[np.searchsorted(rows, wanted, sorter=order)]
        near = neighbours(axes, sharpes[rows], mine)
        members.append(np.where(near < 0, -1, rows[near]))
    return members


def neighbourhood(sample: Sample, place: int) -> float:
    """Plateau score of one candidate: median Sharpe ratio around it over its own.

    NaN for a baseline that lies off the grid.
    """
    rows, values = _plateau(sample, int(sample.candidates.group[place]))
    mine = np.flatnonzero(rows == place)
    return float(values.score[mine[0]]) if mine.size else float("nan")


def _scores(sample: Sample, by: str, needs: Needs) -> Floats:
    """(n,) what candidates are selected by; NaN for what cannot be."""
    shallow = np.ones(len(sample.candidates.runs), np.bool_)
    if not math.isinf(needs.drawdown_ratio):
        deepest = needs.drawdown_ratio * sample.metric("volatility")
        shallow = sample.metric("max_drawdown") <= deepest
    if by == "plateau":
        return _strongest(sample, needs.min_trades, shallow)
    return np.where(shallow, _of_eligible(sample, by, needs.min_trades), np.nan)


def _of_eligible(sample: Sample, metric: str, min_trades: float) -> Floats:
    """(n,) a metric; NaN where a later window was pruned, or results are not as required."""
    finished = sample.candidates.runs["finished"].to_numpy(zero_copy_only=False)
    eligible = finished & sample.meets & (sample.metric("trades") >= min_trades)
    return np.where(eligible, sample.metric(metric), np.nan)


def _strongest(sample: Sample, min_trades: float, allowed: Bools) -> Floats:
    """(n,) median Sharpe ratio around the best plateau's middle in each group; NaN for others."""
    scores = np.full(len(sample.candidates.runs), np.nan)
    for group in range(len(sample.candidates.pool.groups)):
        rows, judged = _plateau(sample, group, min_trades)
        strength = np.where(judged.enough & allowed[rows], judged.strength, -np.inf)
        if rows.size and np.isfinite(strength).any():
            place = int(np.argmax(strength))
            scores[rows[place]] = judged.median[place]
    return scores


def _plateau(sample: Sample, group: int, min_trades: float = 0.0) -> tuple[Ints, Plateau]:
    """The candidates of a group that lie in its space, and their neighbourhoods.

    What was pruned, or trades less, is excluded from neighbourhoods.
    """
    rows, axes = _in_space(sample, group)
    return rows, plateau(axes, _of_eligible(sample, "sharpe", min_trades)[rows])


def _in_space(sample: Sample, group: int) -> tuple[Ints, dict[str, Floats]]:
    """The candidates of a group that lie in its space, and what they differ in."""
    candidates = sample.candidates
    described = candidates.pool.groups[group]
    rows = np.flatnonzero(candidates.group == group)
    same = firsts_that_share(candidates.pool.groups)
    spaces = [
        other.space
        for other, first in zip(candidates.pool.groups, same, strict=True)
        if first == group
    ]
    names = dict.fromkeys(name for space in spaces for name in space)
    axes = {name: candidates.column(name)[rows] for name in names}
    baseline = candidates.runs["baseline"].to_numpy(zero_copy_only=False)[rows]
    inside = in_space(described, baseline, axes)
    places = np.flatnonzero(inside)
    if len(spaces) > 1:  # in the order of one grid, whichever of them came first
        places = places[in_order([values[places] for values in axes.values()])]
    return rows[places], {name: values[places] for name, values in axes.items()}


def _best(scores: Floats) -> tuple[int, float]:
    """Place and value of the highest, the first of equals; -inf when all are NaN."""
    ranked = np.where(np.isnan(scores), -np.inf, goodness(scores, highest=True))
    place = int(np.argmax(ranked)) if ranked.size else 0
    return place, float(ranked[place]) if ranked.size else -np.inf


def _ids(samples: Iterable[Sample]) -> str:
    return next(iter(next(iter(samples)).candidates.experiments))
