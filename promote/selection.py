"""Which configuration of an experiment is put forward: not the peak, but the best plateau.

The peak of thousands owes most to luck. So by default the one with the best median Sharpe ratio
over its neighbourhood is taken (`store.plateau`); or the highest of one metric, for those who want
several profiles of one experiment, each by its own aim.

What trades too seldom to pass the gate is not put forward while anything else is: a sweep is not
refused for a neighbourhood of long averages that trade twice a year. It competes all the same.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np

from promote.sample import Floats, Ints, Sample
from store.errors import UnknownReference
from store.plateau import Plateau, plateau

METRICS = ("sharpe", "annual_return", "sortino", "calmar")
WAYS = ("plateau", *METRICS)
"""What `--select-by` takes."""


def check_way(by: str) -> str:
    """Return `by`; ValueError when nothing is selected so."""
    if by not in WAYS:
        near = get_close_matches(by, WAYS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(WAYS)}"
        raise ValueError(f"select-by: nothing is selected by {by[:40]!r}; {hint}")
    return by


def select(samples: Sequence[Sample], by: str, min_trades: float = 0.0) -> tuple[Sample, int]:
    """The best candidate of several pools: its sample and its place there.

    Args:
        samples: one per pool, not empty.
        by: one of `WAYS`.
        min_trades: only those with as many trades, included, unless nobody has as many.

    Raises:
        UnknownReference: nobody has what is selected by.
    """
    found = [(sample, *_best(_scores(sample, by, min_trades))) for sample in samples]
    sample, place, value = max(found, key=lambda one: one[2])
    if value == -np.inf and min_trades > 0:
        return select(samples, by)
    if value == -np.inf:
        needs = "besides the baseline; --select-by sharpe takes that, too" * (by == "plateau")
        raise UnknownReference(f"{_ids(samples)}: no configuration has a {by} {needs}".rstrip())
    return sample, place


def neighbourhood(sample: Sample, place: int) -> float:
    """Plateau score of one candidate: median Sharpe ratio around it over its own.

    NaN for the baseline, which lies off the grid.
    """
    rows, found = _plateau(sample, int(sample.candidates.group[place]))
    mine = np.flatnonzero(rows == place)
    return float(found.score[mine[0]]) if mine.size else float("nan")


def _scores(sample: Sample, by: str, min_trades: float) -> Floats:
    """(n,) what candidates are selected by; NaN for what cannot be."""
    if by == "plateau":
        return _plateau_scores(sample, min_trades)
    return _of_eligible(sample, by, min_trades)


def _of_eligible(sample: Sample, metric: str, min_trades: float) -> Floats:
    """(n,) a metric; NaN where a later window was pruned, or trades are too few."""
    finished = sample.candidates.runs["finished"].to_numpy(zero_copy_only=False)
    eligible = finished & (sample.metric("trades") >= min_trades)
    return np.where(eligible, sample.metric(metric), np.nan)


def _plateau_scores(sample: Sample, min_trades: float) -> Floats:
    """(n,) median Sharpe ratio of the best neighbourhood of each group, NaN for all others."""
    scores = np.full(len(sample.candidates.runs), np.nan)
    for group in range(len(sample.candidates.pool.groups)):
        rows, found = _plateau(sample, group, min_trades)
        if found.best is not None:
            scores[rows[found.best]] = found.median[found.best]
    return scores


def _plateau(sample: Sample, group: int, min_trades: float = 0.0) -> tuple[Ints, Plateau]:
    """The candidates of a group that are no baseline, and their neighbourhoods.

    What was pruned, or trades less, is nobody's neighbour.
    """
    candidates = sample.candidates
    baseline = candidates.runs["baseline"].to_numpy(zero_copy_only=False)
    rows = np.flatnonzero((candidates.group == group) & ~baseline)
    axes = {name: candidates.column(name)[rows] for name in candidates.pool.groups[group]["space"]}
    return rows, plateau(axes, _of_eligible(sample, "sharpe", min_trades)[rows])


def _best(scores: Floats) -> tuple[int, float]:
    """Place and value of the highest, the first of equals; -inf when all are NaN."""
    known = np.where(np.isnan(scores), -np.inf, scores)
    place = int(np.argmax(known)) if known.size else 0
    return place, float(known[place]) if known.size else -np.inf


def _ids(samples: Iterable[Sample]) -> str:
    return next(iter(next(iter(samples)).candidates.experiments))
