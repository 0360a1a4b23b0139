"""All parameters at once: parallel coordinates, and the metric by each parameter alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.analysis.importance import levels, main_effects, ped_anova
from store.analysis.parameter_grids import Family
from store.report.distribution import params_text, sample
from store.report.heat_map import spread_as_powers
from store.report.number_format import metric_label, metric_text, param_text
from store.report.view_model import Axis, Importance, Lines, Profile

MOST_LINES = 500
BEST_LINES = 50
"""Of the lines, those of the best; the others are drawn evenly by rank from all."""
MOST_TICKS = 6
OFF = 1.1
"""Where an axis has what is off: above its upper end."""
MANY = 10_000
"""Runs of a family from which on its best tenth is large enough for PED-ANOVA."""

Floats = NDArray[np.float64]


def parallel(family: Family, metric: str) -> Lines | None:
    """Parallel coordinates of a family with two parameters that vary, or more."""
    if len(family.axes) < 2:
        return None
    order = np.argsort(-family.metric if family.highest else family.metric, kind="stable")
    shown = sample(order, MOST_LINES, BEST_LINES)[::-1]
    rank = np.empty(order.size)
    rank[order] = np.linspace(1, 0, order.size)
    axes, places = [], []
    for name, values in family.axes.items():
        axis, place = _axis(name, values, [param_text(tick) for tick in _ticks(values)])
        axes.append(axis)
        places.append(place[shown])
    texts = [metric_text(metric, float(tick)) for tick in _ticks(family.metric)]
    axis, place = _axis(metric_label(metric), family.metric, texts)
    return Lines(
        axes=(*axes, axis),
        places=tuple(map(tuple, np.column_stack([*places, place[shown]]).round(4).tolist())),
        texts=tuple(
            f"run {family.runs[row]}: {params_text(family, row)}, {metric_label(metric)} "
            f"{metric_text(metric, float(family.metric[row]))}"
            for row in shown.tolist()
        ),
        ranks=tuple(rank[shown].round(4).tolist()),
        note=f"{shown.size:,} of {order.size:,} runs: the best {BEST_LINES}, and others evenly by "
        "rank"
        if shown.size < order.size
        else "",
    )


def _ticks(values: Floats) -> Floats:
    """Values to write next to an axis, ascending."""
    distinct = np.unique(values[~np.isnan(values)])
    if distinct.size <= MOST_TICKS:
        return distinct
    low, high = distinct[0], distinct[-1]
    if spread_as_powers(distinct):
        return np.array([float(f"{v:.2g}") for v in np.geomspace(low, high, MOST_TICKS)])
    raw = np.linspace(low, high, MOST_TICKS)
    return np.unique(np.round(raw)) if (distinct == np.floor(distinct)).all() else raw


def _axis(name: str, values: Floats, texts: Sequence[str]) -> tuple[Axis, Floats]:
    """An upright, and the places on it of all values."""
    distinct = np.unique(values[~np.isnan(values)])
    low, high, ticks = distinct[0], distinct[-1], _ticks(values)
    if spread_as_powers(distinct):
        low, high, ticks = np.log(low), np.log(high), np.log(ticks)
        values = np.log(values)
    width = high - low if high > low else 1.0
    places = np.where(np.isnan(values), OFF, (values - low) / width)
    marks = [
        (round(float((t - low) / width), 4), text) for t, text in zip(ticks, texts, strict=True)
    ]
    marks += [(OFF, "off")] if (places == OFF).any() else []
    return Axis(name, tuple(marks)), places


def profiles(family: Family, centre: dict[str, float]) -> list[Profile]:
    """The metric by each parameter of a family alone."""
    best = family.params(family.best)
    lines = []
    for name, values in family.axes.items():
        on = ~np.isnan(values)
        level = levels(values[on])
        grouped = pd.Series(family.metric[on]).groupby(level)
        low, middle, high = (grouped.quantile(share).to_numpy() for share in (0.1, 0.5, 0.9))
        top = (grouped.max() if family.highest else grouped.min()).to_numpy()
        x = pd.Series(values[on]).groupby(level).median().to_numpy()
        lines.append(
            Profile(
                name=name,
                x=tuple(x.tolist()),
                low=tuple(low.tolist()),
                middle=tuple(middle.tolist()),
                high=tuple(high.tolist()),
                top=tuple(top.tolist()),
                best=_known(best[name]),
                centre=_known(centre.get(name, np.nan)),
            )
        )
    return lines


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def importance(family: Family) -> Importance:
    """Which parameters of a family matter."""
    many = family.runs.size > MANY
    return Importance(
        family=family.title,
        runs=int(family.runs.size),
        effects=main_effects(family.axes, family.metric),
        among_best=ped_anova(family.axes, family.metric, highest=family.highest) if many else {},
    )
