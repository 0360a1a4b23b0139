"""The best plateau of a family of runs, and how its best run compares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from store.analysis.neighbourhoods import Floats, Plateau, plateau, ranked
from store.analysis.parameter_grids import Family, Ints

NEEDLE = 0.5
"""A best run whose neighbours show less than this share of its metric stands on a needle."""
MOST_SCATTERED = 50_000
"""Configurations of a search without a grid whose nearest neighbours are looked for: 1 s."""


class Edge(NamedTuple):
    """An end of the values of a parameter that were tried, of three or more.

    Attributes:
        value: the lowest or highest.
        way: what to do to see what lies beyond it, `below` or `above`.
    """

    value: float
    way: str


@dataclass(frozen=True)
class Peak:
    """The best plateau of a family, and how its best run compares.

    Attributes:
        family: strategy, symbol and direction.
        run: of the middle; params: by name, those that vary.
        median: of the metric over the neighbourhood; own: of the middle.
        size: values that is the median of.
        best: the metric of the family's best run; best_median: over its neighbourhood.
        best_score: how much of the best its neighbours share, 1 on a plateau; NaN where undefined.
        medians: of each of the params over the neighbourhood; NaN where half of them are off.
        edges: by the name of a parameter, the end of what was tried at which the plateau lies: its
            middle does, or the metric rises towards it. What lies beyond was not tried.
    """

    family: str
    run: int
    params: Mapping[str, float]
    median: float
    own: float
    size: int
    best: float
    best_median: float
    best_score: float
    medians: Mapping[str, float] = field(default_factory=dict)
    edges: Mapping[str, "Edge"] = field(default_factory=dict)


def judged(family: Family) -> tuple[Family, Plateau]:
    """The neighbourhoods of a family; of a very large one without a grid, of a part of it.

    That part is drawn evenly by run number and has the best of the family in it.
    """
    part = family
    if family.runs.size > MOST_SCATTERED and not _is_grid(family):
        step = family.runs.size / MOST_SCATTERED
        chosen = np.unique((np.arange(MOST_SCATTERED) * step).astype(np.int64))
        part = family.take(np.union1d(np.argsort(family.runs)[chosen], [family.best]))
    return part, plateau(part.axes, part.metric, highest=family.highest)


def _is_grid(family: Family) -> bool:
    """True when so few values occur that their combinations can be the points of a grid."""
    sizes = [
        _distinct(values).size + bool(np.isnan(values).any()) for values in family.axes.values()
    ]
    return bool(np.prod(np.array(sizes, np.float64)) <= 100 * family.runs.size)


def peak_of(part: Family, around: Plateau) -> Peak | None:
    """The best plateau of what `judged` gives; None where nothing varies."""
    if around.best is None or not part.axes:
        return None
    best, centre = part.best, around.best
    (near,) = around.near(np.array([centre]))
    near = near[near >= 0]
    return Peak(
        family=part.title,
        run=int(part.runs[centre]),
        params=part.params(centre),
        median=float(around.median[centre]),
        own=float(part.metric[centre]),
        size=int(around.size[centre]),
        best=float(part.metric[best]),
        best_median=float(around.median[best]),
        best_score=float(around.score[best]),
        medians={name: float(np.median(values[near])) for name, values in part.axes.items()},
        edges=_edges_of(part, centre, near),
    )


def edges(family: Family, place: int) -> dict[str, Edge]:
    """The ends of what was tried at which a configuration lies, by parameter."""
    return {name: end for name, end in _ends(family) if family.axes[name][place] == end.value}


def _edges_of(family: Family, centre: int, near: Ints) -> dict[str, Edge]:
    """The ends at which a plateau lies; see `Peak.edges`.

    Args:
        family: of the plateau.
        centre: its middle.
        near: (k,) its neighbourhood.
    """
    at = edges(family, centre)
    for name, end in _ends(family):
        side = np.sign(family.axes[name][near] - family.axes[name][centre])
        outer = 1 if end.way == "above" else -1
        beyond, inner = (family.metric[near][side == sign] for sign in (outer, -outer))
        reached = bool((family.axes[name][near] == end.value).any())
        if name not in at and reached and beyond.size and inner.size:
            rise = float(np.median(beyond) - np.median(inner))
            if (rise if family.highest else -rise) > 0:
                at[name] = end
    return at


def _ends(family: Family) -> Iterator[tuple[str, Edge]]:
    """Both ends of each parameter with three or more values."""
    for name, values in family.axes.items():
        distinct = _distinct(values)
        if distinct.size > 2:
            yield name, Edge(float(distinct[0]), "below")
            yield name, Edge(float(distinct[-1]), "above")


def strongest(families: Sequence[Family], peaks: Sequence[Peak | None]) -> int | None:
    """The place of the family whose best plateau has the best median, the first of equals.

    Args:
        families: of one experiment.
        peaks: the best plateau of each, None where nothing varies.
    """
    medians = [
        (peak.median if family.highest else -peak.median, -place)
        for place, (family, peak) in enumerate(zip(families, peaks, strict=True))
        if peak is not None
    ]
    return -max(medians)[1] if medians else None


def _distinct(values: Floats) -> Floats:
    """Values of a parameter that occur, ascending, without off."""
    return ranked(values[~np.isnan(values)])[0]
