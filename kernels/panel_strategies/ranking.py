"""Rank the universe by a weighted sum of features, and hold the best.

Each feature is a column of the panel, taken as it is or set against the others of the same bar:
raw, log, zscore (distance from the mean in standard deviations, ddof 0) or rank (0 the lowest, 1
the highest, equal values at their mean). A linear score of ranked features goes back to Piotroski
(2000) and to the composites of Asness, Frazzini and Pedersen (2019), "Quality minus junk".

The name carries the features: `ranking(quality=zscore,value)` has params weights.quality and
weights.value. A feature that is missing adds nothing; the confidence in a score is the share of the
weights, in absolute terms, whose features are there, and what is below `min_confidence` is not
ranked.
"""

import re
from collections import namedtuple
from typing import Any

import numpy as np
from numba import njit

from kernels.indicators.cross_section import AT_BARS
from kernels.jit.array_types import Floats, Ints
from kernels.strategy import BarRow, Row

NO_THRESHOLD = -1e9
"""Below every score: nothing is left out."""
FIRST_WEIGHT = 3
"""Place of the first weight among the params."""
FEATURE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def declare(variant: str) -> tuple[Any, dict[str, Any], tuple[Row, ...]]:
    """Params, limits and rows of a ranking of some features.

    Args:
        variant: features divided by commas, each with its transform after `=`, raw without.

    Raises:
        ValueError: no feature, a name that is none, or an unknown transform.
    """
    features = dict(_feature(text) for text in variant.replace(" ", "").split(",") if text)
    if not features:
        raise ValueError(
            "strategy ranking: has no features; weigh columns of the panel, "
            "params.weights.momentum=1 for example"
        )
    names = [f"weights__{feature}" for feature in features]
    defaults: dict[str, float] = {"k": 10, "threshold": NO_THRESHOLD, "min_confidence": 1.0}
    defaults |= dict.fromkeys(names, 1.0)
    params: type = namedtuple("Params", [*defaults], defaults=[*defaults.values()])  # type: ignore[misc]
    params.__annotations__ = {name: int if name == "k" else float for name in defaults}
    limits = {"k": (1, None), "min_confidence": (0, 1)}
    return params, limits, tuple(BarRow(AT_BARS[t], f) for f, t in features.items())


def _feature(text: str) -> tuple[str, str]:
    name, _, transform = text.partition("=")
    if not FEATURE.fullmatch(name):
        raise ValueError(
            f"strategy ranking: {name!r} is no name of a feature; use letters, _ and 0-9"
        )
    if (transform or "raw") not in AT_BARS:
        raise ValueError(
            f"strategy ranking: feature {name}: need one of {', '.join(AT_BARS)}, got {transform!r}"
        )
    return name, transform or "raw"


@njit(error_model="numpy")
def fill(features: Floats, rows: Ints, params: Floats, needed: float, out: Floats) -> None:
    """Write the weighted sum of the features that are there where some are missing.

    `needed` is what the weights of those must add to at least, in absolute terms.
    """
    for i in range(out.size):
        if out[i] == out[i]:
            continue
        weighed = value = 0.0
        for j in range(rows.size):
            weight, own = params[FIRST_WEIGHT + j], features[rows[j], i]
            if own == own:
                weighed += abs(weight)
                value += weight * own
        if weighed > 0.0 and weighed >= needed:
            out[i] = value


@njit(cache=True, error_model="numpy")
def score(features: Floats, rows: Ints, params: Floats, out: Floats) -> None:
    """Write the weighted sum; NaN where the confidence is too low."""
    total, least = 0.0, np.inf
    for j in range(rows.size):
        size = abs(params[FIRST_WEIGHT + j])
        total += size
        least = min(least, size) if size > 0.0 else least
    needed = params[2] * total * (1.0 - 1e-12)
    out[:] = 0.0
    for j in range(rows.size):
        weight, feature = params[FIRST_WEIGHT + j], features[rows[j]]
        if weight != 0.0:
            for i in range(out.size):
                out[i] += weight * feature[i]
    if total == 0.0:
        out[:] = np.nan
    if needed <= total - least:  # else no feature may be missing: what is NaN stays NaN
        fill(features, rows, params, needed, out)
