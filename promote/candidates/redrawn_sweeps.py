"""A sweep's configurations on bars that were drawn: without skill, or with an edge planted in them.

The planted edge is a drift that wanders about 0 (`null_bars.Edge`), for rules that follow trends,
or a constant one, for rules that hold. Its size is what makes the *best* configuration of the sweep
as good as asked for: the highest of the configurations' expected Sharpe ratios, costs included, on
the bars that are judged. That is the most that any way to select could find.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.optimize import brentq  # type: ignore[import-untyped]

from kernels import METRICS
from promote.candidates.judged_sample import Floats, Sample, evaluate
from promote.candidates.null_bars import Edge, null_bars, spliced

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
    edge is left to foresee, and how violent times cluster is kept. Symbols are drawn each for
    itself: what moves them together is lost.

    Args:
        samples: on the experiment's own bars.
        seed: of the draw.
        edge: what is planted, or None.
        broken: whether it ends with the judged bars: from the holdout's first bar on there is none.
    """
    frames: dict[str, pd.DataFrame] = {}
    found = []
    for sample in samples:
        symbol = str(sample.candidates.pool.groups[0]["fingerprint"])
        if symbol not in frames:
            own = (*seed, len(frames))
            frames[symbol] = null_bars(sample.frame, own, mirrored=True, edge=edge)
            if broken:
                null = null_bars(sample.frame, own, mirrored=True)
                frames[symbol] = spliced(frames[symbol], null, sample.span[1])
        found.append(replace(sample, drawn=frames[symbol], drawn_days=sample.days))
    return found


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
            return -sharpe  # without a drift nobody has any skill
        edge = Edge(size, year, persistence, half_life)
        return _best_expected(samples, edge, seed, draws) - sharpe

    low, high = 0.0, sharpe
    while (found := missing(high)) < 0:
        low, high = high, high * 2
        if high > MOST * sharpe:
            lasting = "for ever" if persistence is None else f"{persistence:g} bars"
            raise ValueError(
                f"edge {sharpe:g}: no configuration reaches it where a drift lasts {lasting}, the "
                f"best has {found + sharpe:.2f}; ask for less, or change how long it lasts"
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
    halves = np.zeros((2, sum(len(one.candidates.runs) for one in samples)))
    for number in range(draws):
        drawn = redrawn(samples, (seed, 1, number), edge)
        halves[number % 2] += np.concatenate([_sharpes(one) for one in drawn])
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
