"""Prompt of a language model: the space, the goal, and some of the results.

No bars, symbols, strategies or names are in it. Its length is bounded, however long the history.
"""

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

from sweeper.search import Point
from sweeper.space.axes import Axis, Choices, Interval, Range
from sweeper.space.constraint import short
from sweeper.space.space import Space

BEST = 20
OTHERS = 20
"""Results that are told: the best, and as many of the rest, from the next best to the worst."""

LISTED = 40
"""Values of an axis that are written out."""

SYSTEM = (
    "You choose which parameter sets of a trading strategy are backtested next. Answer with one "
    'JSON object and nothing else: {"proposals": [{...}, ...], "reason": "..."}. Each proposal has '
    "exactly the parameters listed, each a number (or null where null is a value). The reason is "
    "one or two sentences."
)


def conversation(
    space: Space,
    metric: str,
    mode: str,
    history: Mapping[Point, float],
    wanted: int,
) -> list[dict[str, str]]:
    """The messages that ask for so many proposals.

    Args:
        space: what to choose from.
        metric: what is looked for.
        mode: max or min: which end of it is best.
        history: the metric of each point that was run, as it is (not turned round); NaN: failed.
        wanted: how many proposals.
    """
    lines = ["Parameters:", *(f"- {short(axis.name)}: {_values(axis)}" for axis in space.axes)]
    if space.rules:
        lines.append(f"Constraint: {' and '.join(map(str, space.rules))}")
        lines += [f"- {name} is {_value(value)}" for name, value in _fixed(space).items()]
    lines.append(f"Looked for: {'highest' if mode == 'max' else 'lowest'} {metric}.")
    chosen = _chosen(history, 1.0 if mode == "max" else -1.0)
    lines.append(f"{len(history)} were run; {len(chosen)} of them, the best first (null: failed):")
    for point in chosen:
        score = history[point]
        shown = None if math.isnan(score) else float(f"{score:.4g}")
        lines.append(json.dumps({**_named(space, point), metric: shown}))
    lines.append(
        f"Propose {wanted} others, none of them run before: some near the best, where several "
        "neighbours do well, and some where nothing was tried."
    )
    return [_message("system", SYSTEM), _message("user", "\n".join(lines))]


def again(answer: str, faults: Sequence[str], wanted: int) -> list[dict[str, str]]:
    """The messages that follow an answer of which too little could be used."""
    text = "\n".join(["Too little of this can be run.", *(f"- {fault}" for fault in faults)])
    return [
        _message("assistant", answer[:10_000]),
        _message("user", f"{text}\nPropose {wanted} others."),
    ]


def _message(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _values(axis: Axis) -> str:
    """The values of an axis in words."""
    if isinstance(axis, Range):
        low, high = sorted(axis.ends().astype(int).tolist())
        return f"whole numbers from {low} to {high} in steps of {abs(axis.step)}"
    if isinstance(axis, Interval):
        kind = "whole numbers" if axis.integer else "any number"
        end = "included" if axis.integer else "excluded"
        scale = ", best compared by their logarithm" if axis.log else ""
        return f"{kind} from {axis.low:g} to {axis.high:g} ({end}){scale}"
    return _choices(axis)


def _choices(axis: Choices) -> str:
    values = np.sort(axis.values)  # null last
    if len(values) <= LISTED:
        return f"one of {json.dumps([_plain(value) for value in values.tolist()])}"
    steps = np.diff(values)
    if np.allclose(steps, steps[0], rtol=1e-9, atol=0):
        return f"{values[0]:.12g} to {values[-1]:.12g} in steps of {steps[0]:.12g}"
    some = values[np.linspace(0, len(values) - 1, LISTED).round().astype(int)]
    listed = json.dumps([_plain(value) for value in some.tolist()])
    return f"one of {len(values)} values, only these told: {listed}"


def _value(value: float) -> str:
    return "null" if math.isnan(value) else f"{value:g}"


def _fixed(space: Space) -> dict[str, float]:
    """Numbers that the constraint mentions and that are not swept."""
    fixed = {short(name): value for name, value in space.fixed.items()}
    swept = {short(axis.name) for axis in space.axes}
    names = dict.fromkeys(name for rule in space.rules for name in rule.names)
    return {name: fixed[name] for name in names if name not in swept}


def _chosen(history: Mapping[Point, float], sign: float) -> list[Point]:
    """The best, and some of the others, the best first; NaN last."""
    points, scores = list(history), np.array(list(history.values()), np.float64)
    order = np.argsort(-sign * scores, kind="stable")
    rest = order[BEST:]
    if len(rest) > OTHERS:
        rest = rest[np.linspace(0, len(rest) - 1, OTHERS).round().astype(int)]
    return [points[place] for place in (*order[:BEST], *rest)]


def _named(space: Space, point: Point) -> dict[str, float | None]:
    pairs = zip(space.axes, point, strict=True)
    return {short(axis.name): _plain(value) for axis, value in pairs}


def _plain(value: float) -> float | None:
    """A number as JSON has it: no NaN, and no `.0`."""
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value
