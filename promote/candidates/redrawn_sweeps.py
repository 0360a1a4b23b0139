"""A sweep's configurations on bars that were drawn: without skill, or with an edge planted in them.

The planted edge is a drift that wanders about 0 (`null_bars.Edge`), for rules that follow trends,
or a constant one, for rules that hold. Its size is what makes the *best* configuration of the sweep
as good as asked for: the highest of the configurations' expected Sharpe ratios, costs included, on
the bars that are judged. That is the most that any way to select could find.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from kernels import METRICS
from kernels.portfolio.panel import Panel, last_known, panel_from
from promote.candidates.judged_sample import Floats, Sample, evaluate
from promote.candidates.null_bars import (
    Edge,
    null_bars,
    null_bars_together,
    planted_steps,
    spliced,
)
from store.luck.panels import SWAPPED, PanelPart
from store.resampling.block_length import optimal_block
from store.resampling.bootstrap import stationary_index

DRAWS = 100
"""Draws that an expected Sharpe ratio is the mean of: over ten years its error is 0.03."""
MOST = 16.0
"""Times the Sharpe ratio asked for that is planted at most."""
CLOSE = 0.01
"""Error of the planted Sharpe ratio, besides that of the draws."""


def redrawn(
    samples: Sequence[Sample], seed: Sequence[int], edge: Edge | None, *, broken: bool = False
) -> list[Sample]:
    """The same candidates on drawn bars.

    Samples of one symbol's bars get the same drawn ones. Bars are drawn mirrored: nothing but the
    edge is left to foresee, and how violent times cluster is kept. Several symbols, and those of a
    universe, are drawn by the same dates: what moves them together is kept.

    Args:
        samples: on the experiment's own bars.
        seed: of the draw.
        edge: what is planted, or None.
        broken: whether it ends with the judged bars: from the holdout's first bar on there is none.
    """
    distinct: dict[str, Sample] = {}
    for sample in samples:
        distinct.setdefault(_bars_of(sample), sample)
    drawn = _drawn(list(distinct.values()), seed, edge)
    if broken:
        null = _drawn(list(distinct.values()), seed, None)
        drawn = [
            _broken(sample, with_edge, without)
            for sample, with_edge, without in zip(distinct.values(), drawn, null, strict=True)
        ]
    by_bars = dict(zip(distinct, drawn, strict=True))
    return [  # with the bars as loaded: else each draw reads the file again
        replace(sample, loaded=sample.data, **by_bars[_bars_of(sample)]) for sample in samples
    ]


def _bars_of(sample: Sample) -> str:
    return sample.candidates.pool.groups[0].fingerprint


def _drawn(
    samples: Sequence[Sample], seed: Sequence[int], edge: Edge | None
) -> list[dict[str, Any]]:
    """The fields of each sample on drawn bars; those of one timeframe by the same dates."""
    drawn: dict[int, dict[str, Any]] = {}
    together: dict[str, list[int]] = {}
    for place, sample in enumerate(samples):
        if sample.panel_part is None:
            timeframe = str(sample.candidates.pool.groups[0].timeframe)
            together.setdefault(timeframe, []).append(place)
        else:
            drawn[place] = _drawn_panel(sample, sample.panel_part, (*seed, place), edge)
    for places in together.values():
        own = [samples[place].frame for place in places]
        if len(own) == 1:
            frames = [null_bars(own[0], (*seed, places[0]), mirrored=True, edge=edge)]
        else:
            frames = null_bars_together(own, (*seed, places[0]), edge=edge)
        for place, frame in zip(places, frames, strict=True):
            drawn[place] = {"drawn": frame, "drawn_days": samples[place].days}
    return [drawn[place] for place in range(len(samples))]


def _drawn_panel(
    sample: Sample, part: PanelPart, seed: Sequence[int], edge: Edge | None
) -> dict[str, object]:
    """A universe on drawn dates, in each symbol a drift of its own where an edge is planted."""
    random = np.random.default_rng(seed)
    n = part.returns.size
    index = stationary_index(n, optimal_block(part.returns**2), random)
    upside_down = random.random(n) < 0.5
    planted = None
    if edge is not None:
        moved = np.where(np.isfinite(part.steps), np.expm1(part.steps), 0.0)
        planted = planted_steps(edge, moved.std(axis=1), n, random)
    return _of_panel(part.drawn(index, upside_down, planted), sample)


def _of_panel(panel: Panel, sample: Sample) -> dict[str, object]:
    frame = pd.DataFrame(dict(panel.columns), index=sample.frame.index)
    return {"drawn": frame, "drawn_days": sample.days, "drawn_panel": panel}


def _broken(sample: Sample, before: dict[str, Any], after: dict[str, Any]) -> dict[str, object]:
    """Drawn bars up to the end of the judged ones, then the moves of others."""
    stop = sample.span[1]
    if "drawn_panel" not in before:
        return before | {"drawn": spliced(before["drawn"], after["drawn"], stop)}
    early, late = before["drawn_panel"], after["drawn_panel"]
    ratio = (
        last_known(early.table["close"])[:, stop - 1] / last_known(late.table["close"])[:, stop - 1]
    )
    ratio = np.where(np.isfinite(ratio), ratio, 1.0)[:, None]
    table = {}
    for name, values in early.table.items():
        scale = ratio if name in SWAPPED or name == "close" else 1.0
        joined = values.copy()
        joined[:, stop:] = late.table[name][:, stop:] * scale
        table[name] = joined
    return _of_panel(panel_from(early.symbols, table, early.times, early.days), sample)


def planted(
    samples: Sequence[Sample],
    sharpe: float,
    persistence: float | None,
    seed: int,
    draws: int = DRAWS,
    half_life: float | None = None,
) -> Edge:
    """The edge under which the best configuration has a given expected Sharpe ratio.

    Args:
        samples: on the experiment's own bars.
        sharpe: annual, above 0.
        persistence: bars within which the drift is forgotten; None: it is constant.
        seed: of the draws; their numbers are apart from those of a sweep's replicas.
        draws: that each expectation is the mean of, 2 or more.
        half_life: of a part of the price that reverts, in bars; None: a drift is planted.

    Raises:
        ValueError: no configuration is as good, however strong the drift.
    """
    year = samples[0].candidates.pool.periods_per_year

    def missing(size: float) -> float:
        if size == 0:
            return -sharpe  # without a drift there is no skill
        edge = Edge(size, year, persistence, half_life)
        return _best_expected(samples, edge, seed, draws) - sharpe

    low, high = 0.0, sharpe
    while (lacking := missing(high)) < 0:
        low, high = high, high * 2
        if high > MOST * sharpe:
            lasting = "for ever" if persistence is None else f"{persistence:g} bars"
            raise ValueError(
                f"edge {sharpe:g}: no configuration reaches it where a drift lasts {lasting}, the "
                f"best has {lacking + sharpe:.2f}; ask for less, or change how long it lasts"
            )
    size = float(brentq(missing, low, high, xtol=CLOSE * sharpe))
    return Edge(size, year, persistence, half_life)


def expected_sharpes(
    samples: Sequence[Sample], edge: Edge | None, seed: int, draws: int = DRAWS
) -> Floats:
    """Expected annual Sharpe ratio of every configuration on drawn bars, costs included.

    Args:
        samples: on the experiment's own bars.
        edge: what is planted, or None.
        seed: of the draws; their numbers are apart from those of a sweep's replicas.
        draws: that each expectation is the mean of, 2 or more.

    Returns:
        (2, n) over the samples one after the other: means of two halves of the draws.
    """
    halves = np.zeros((2, sum(len(sample.candidates.runs) for sample in samples)))
    for number in range(draws):
        drawn = redrawn(samples, (seed, 1, number), edge)
        halves[number % 2] += np.concatenate([_sharpes(sample) for sample in drawn])
    halves /= [[draws - draws // 2], [draws // 2]]
    return halves


def _best_expected(samples: Sequence[Sample], edge: Edge, seed: int, draws: int) -> float:
    """Expected annual Sharpe ratio of the best configuration.

    Which is the best is told by one half of the draws, how good it is by the other, and the other
    way round: the highest of many means is too high.
    """
    first, second = expected_sharpes(samples, edge, seed, draws)
    return float(first[second.argmax()] + second[first.argmax()]) / 2


def _sharpes(sample: Sample) -> Floats:
    """(n,) annual Sharpe ratio of each candidate on its drawn bars."""
    metrics = evaluate(sample.candidates, sample.series, sample.span).metrics
    return np.nan_to_num(metrics[:, 0, METRICS.index("sharpe")])
