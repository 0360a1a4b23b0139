"""Weights that add to 1: `params.shares=simplex(0,1,0.1)` runs every division in tenths.

simplex(low,high,step) is every choice of weights that are whole steps above `low`, at most `high`,
and add to 1; simplex(low,high) is drawn at random, each choice as likely as the next. It sets all
params below a key, or those that are named: `params.weights.a,params.weights.b=simplex(0,1,0.25)`.
For Hydra's grammar it becomes a choice of one dictionary,
`+simplex.params_shares=choice({over:[params.shares],low:0,high:1,step:0.1})`.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hydra.core.override_parser.types import ChoiceSweep, Override

from sweeper.space.axes import Floats
from sweeper.space.counter_rng import uniforms
from sweeper.space.zip_values import Pair

KEY = "simplex"
"""The key below which they are kept."""
CALL = re.compile(r"\s*simplex\((?P<arguments>[^()]*)\)\s*")
EXAMPLE = "'params.shares=simplex(0,1,0.1)'"
LARGEST = 1_000_000
"""Most choices of weights that are listed."""
TRIES = 1_000
"""Draws for each that lies within the bounds, at most."""


@dataclass(frozen=True)
class Simplex:
    """Weights that add to 1.

    Attributes:
        over: config paths of the weights, or the one path that they stand below.
        low: lowest weight.
        high: highest weight.
        step: between weights; None: drawn at random.
    """

    over: tuple[str, ...]
    low: float
    high: float
    step: float | None = None


def is_simplex_text(value: str) -> bool:
    """True for the text right of a `=` that is a call of simplex()."""
    return value.strip().startswith("simplex(")


def as_choice(paths: Sequence[str], value: str) -> str:
    """The override that `a,b=simplex(low,high,step)` is short for.

    Raises:
        ValueError: one line: numbers that are none, or describe no weights.
    """
    keys = ",".join(paths)
    match = CALL.fullmatch(value)
    texts = [] if match is None else match["arguments"].split(",")
    if not 2 <= len(texts) <= 3:
        raise ValueError(f"{keys}: cannot read {value}; write simplex(low,high,step), as {EXAMPLE}")
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        raise ValueError(f"{keys}: simplex() takes numbers, got {value}; as {EXAMPLE}") from None
    if not all(map(math.isfinite, numbers)) or not 0 <= numbers[0] < numbers[1] <= 1:
        raise ValueError(f"{keys}: simplex() needs 0 <= low < high <= 1, got {value}")
    if len(numbers) == 3 and not 0 < numbers[2] <= 1:
        raise ValueError(f"{keys}: simplex() needs a step in (0, 1], got {value}")
    step = texts[2].strip() if len(texts) == 3 else "null"
    name = re.sub(r"\W", "_", keys)
    listed = ",".join(paths)
    low, high = texts[0].strip(), texts[1].strip()
    return f"+{KEY}.{name}=choice({{over:[{listed}],low:{low},high:{high},step:{step}}})"


def is_simplex(override: Override) -> bool:
    """True for an override of `as_choice`."""
    return override.key_or_group.startswith(f"{KEY}.") and isinstance(override.value(), ChoiceSweep)


def simplex_of(override: Override) -> Simplex:
    """The simplex of such an override."""
    swept: Any = override.value()
    (given,) = swept.list
    step = given["step"]
    return Simplex(
        tuple(map(str, given["over"])),
        float(given["low"]),
        float(given["high"]),
        None if step is None else float(step),
    )


def entries(
    simplex: Simplex, params: Sequence[str], kind: str, n: int | None, seed: int
) -> list[Pair]:
    """Every choice of weights, as numbers that are set together.

    Args:
        simplex: what is asked for.
        params: config paths of the strategy's params, among which those below its one path are.
        kind: of the search; random draws where there is no step.
        n: how many are drawn.
        seed: of the draws.

    Raises:
        ValueError: fewer than two weights, steps that never add to 1, or too many choices.
    """
    paths = _paths(simplex, params)
    if simplex.step is None:
        if kind != "random" or n is None:
            raise ValueError(
                f"{paths[0]}: simplex() without a step is drawn: give search=random search.n=100, "
                f"or a step, as {EXAMPLE}"
            )
        rows = drawn(len(paths), n, seed, simplex.low, simplex.high)
    else:
        rows = listed(len(paths), simplex.low, simplex.high, simplex.step)
    return [dict(zip(paths, row, strict=True)) for row in rows.tolist()]


def _paths(simplex: Simplex, params: Sequence[str]) -> list[str]:
    paths = list(simplex.over)
    if len(paths) == 1:
        paths = [path for path in params if path.startswith(f"{simplex.over[0]}.")]
    if len(paths) < 2:
        raise ValueError(
            f"{simplex.over[0]}: simplex() divides 1 among two or more params, got "
            f"{', '.join(paths) or 'none'}; it has {', '.join(params) or 'none'}"
        )
    return paths


def listed(m: int, low: float, high: float, step: float) -> Floats:
    """(k, m) every choice of m weights in whole steps above `low`, at most `high`, adding to 1.

    Raises:
        ValueError: none adds to 1, or more than `LARGEST` would.
    """
    first, last, gap = (Fraction(repr(number)) for number in (low, high, step))
    units = (1 - m * first) / gap
    most = int((last - first) // gap)
    if units < 0 or units.denominator != 1 or units > m * most:
        raise ValueError(
            f"simplex({low:g},{high:g},{step:g}): no {m} such weights add to 1; let steps divide "
            f"1 - {m} x {low:g}, and high be at least 1 / {m}"
        )
    if (count := math.comb(int(units) + m - 1, m - 1)) > LARGEST:
        raise ValueError(
            f"simplex({low:g},{high:g},{step:g}): {count:,} choices of {m} weights, more than "
            f"{LARGEST:,}; take a larger step, or leave it out with search=random"
        )
    rows = list(_divisions(int(units), m, most))
    return np.array([[float(first + k * gap) for k in row] for row in rows])


def _divisions(units: int, m: int, most: int) -> Iterator[tuple[int, ...]]:
    """Every way to divide some units among m places, the first place turning slowest."""
    if m == 1:
        if units <= most:
            yield (units,)
        return
    for k in range(min(units, most) + 1):
        yield from ((k, *rest) for rest in _divisions(units - k, m - 1, most))


def drawn(m: int, n: int, seed: int, low: float, high: float) -> Floats:
    """(n, m) weights drawn evenly from the simplex: row k depends on the seed and k only.

    Weights are the spacings of m - 1 uniform numbers between 0 and 1 (Devroye 1986, "Non-uniform
    random variate generation", chapter 5); those with one above `high` are drawn again.

    Raises:
        ValueError: the bounds leave hardly any.
    """
    rest = 1.0 - m * low
    if rest < 0 or high * m < 1:
        raise ValueError(f"simplex({low:g},{high:g}): no {m} such weights add to 1")
    rows: list[Floats] = []
    have = place = 0
    while have < n:
        stop = place + max(n, 1024)
        cuts = np.column_stack([uniforms(seed, column, place, stop) for column in range(m - 1)])
        ends = np.column_stack([np.zeros(len(cuts)), np.sort(cuts, axis=1), np.ones(len(cuts))])
        weights = low + rest * np.diff(ends, axis=1)
        inside = weights[(weights <= high).all(axis=1)]
        rows.append(inside)
        have, place = have + len(inside), stop
        if place > TRIES * n and have < n:
            raise ValueError(
                f"simplex({low:g},{high:g}): hardly any {m} weights lie within; raise high"
            )
    return np.concatenate(rows)[:n]
