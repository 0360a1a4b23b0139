"""No strategy is swept that looks ahead: checked before it is, once for what is swept.

A pass is remembered in an empty file next to the compiled kernels, so an edit of the kernels
forgets it, as an edit of the strategy, other bars or another space do.
"""

import itertools
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from kernels.foresight import IMPLAUSIBLE, foresight, panel_foresight
from kernels.jit.cache import VARIABLE
from kernels.jit.error_text import gist
from kernels.lookahead import Cheat, find_cheat
from kernels.series.clock import CLOCK
from store.files.canonical import digest
from sweeper.evaluate.isolate_failures import evaluate_each
from sweeper.evaluate.kernel_call import prepared
from sweeper.plan.cell import Cell
from sweeper.plan.plan import Floats, Group, Plan

MEMORY = Path(os.environ[VARIABLE]) / "look_ahead"
"""Where passes are remembered."""

CORNERS = 16
"""Corners of the space that are tried at most; up to 4 axes have no more."""

ALONG = 5
"""Points spread over the search that are tried."""


def refuse_look_ahead(plan: Plan) -> None:
    """Check the strategy of every cell, on its first symbol's bars, unless it may look ahead.

    Raises:
        ValueError: one looks ahead, or gives no result for any of the points tried.
    """
    checked: list[Cell] = []
    for group in plan.groups:
        allowed = group.cell.config.strategy.allow_look_ahead
        if not allowed and not any(group.cell is cell for cell in checked):
            checked.append(group.cell)
            fault = look_ahead(group, _points(group.cell))
            if fault:
                raise ValueError(
                    f"{fault}; fix the rule, or pass strategy.allow_look_ahead=true, which every "
                    "row records"
                )


def foresight_notes(plan: Plan) -> list[str]:
    """A line for each feature column that foretells the next bar implausibly; see docs/gate.md."""
    notes: dict[str, None] = {}
    for group in plan.groups:
        features = [n for n in group.cell.strategy.columns if n not in ("volume", *CLOCK)]
        for name, correlation in _correlations(group, features).items():
            if abs(correlation) >= IMPLAUSIBLE:
                notes[
                    f"{name} of {group.series.symbol} has a rank correlation of {correlation:.2f} "
                    "with the return of the next bar; is it known at the close of its bar?"
                ] = None
    return list(notes)


def _correlations(group: Group, features: Sequence[str]) -> dict[str, float]:
    """Correlations of each feature with the return of the next bar."""
    panel = group.series.panel
    if panel is None:
        return foresight(group.series.columns, features)
    return panel_foresight(panel, features, 0, panel.n_bars)


def warn_of_look_ahead(group: Group) -> None:
    """Say on standard error if the one configuration of a backtest looks ahead."""
    fault = look_ahead(group, group.cell.baseline)
    if fault and not group.cell.config.strategy.allow_look_ahead:
        sys.stderr.write(f"Warning: {fault}; no sweep will run it\n")


def look_ahead(group: Group, numbers: Floats) -> str:
    """Look-ahead of a strategy in one line; empty when there is none.

    Args:
        group: its bars are used.
        numbers: configurations (n, d) to try, columns as `group.cell.names`; those that raise
            are left out.

    Raises:
        ValueError: all of them raise.
    """
    strategy = group.cell.strategy
    params = group.configured(numbers).params
    _, failures = evaluate_each(group, numbers)
    if len(failures) == len(numbers):
        raise ValueError(f"strategy {strategy.module}: cannot be run: {failures[0].error}")
    passed = _memory(group, params)
    if passed.exists():
        return ""
    params = np.delete(params, [failure.place for failure in failures], axis=0)
    try:
        cheat = find_cheat(strategy, params, prepared(group))
    except Exception as error:
        raise ValueError(
            f"strategy {strategy.module}: fails when bars to come are changed: {gist(error)}; let "
            "it take any prices, or pass strategy.allow_look_ahead=true"
        ) from error
    if cheat is not None:
        return _words(group, cheat)
    with suppress(OSError):  # not remembered, and checked again next time
        passed.parent.mkdir(exist_ok=True)
        passed.touch()
    return ""


def _points(cell: Cell) -> Floats:
    """Configurations to try, (n, d): the baseline, corners of the space, points of the search."""
    space, size = cell.space, cell.sample.size()
    along = np.unique(np.linspace(0, size - 1, min(ALONG, size)).astype(np.int64)).tolist()
    values = [cell.sample.points(k, k + 1) for k in along]
    searched = [points[valid] for points, valid in values]
    corners = _corners([axis.ends() for axis in space.axes])
    points = np.concatenate([corners[space.valid(corners)], *searched])
    tried = np.concatenate([cell.baseline, cell.numbers(points)])
    params = tried[:, [cell.names.index(name) for name in cell.params]]
    _, first = np.unique(params, axis=0, return_index=True)
    return tried[np.sort(first)]


def _corners(ends: list[Floats]) -> Floats:
    """All combinations of the ends of axes, or as many random ones as are tried: (n, axes)."""
    if np.prod([float(end.size) for end in ends]) <= CORNERS:
        chosen = list(itertools.product(*ends))
    else:
        random = np.random.default_rng(0)
        chosen = [tuple(random.choice(end) for end in ends) for _ in range(CORNERS)]
    return np.array(chosen, np.float64).reshape(len(chosen), len(ends))


def _memory(group: Group, params: Floats) -> Path:
    """The file that is there once these params have passed on these bars."""
    tried = {
        "strategy": group.cell.strategy.module,
        "source": group.cell.strategy.source_hash,
        "data": [group.series.fingerprint, len(group.series.times)],
        "params": params.tolist(),
    }
    return MEMORY / digest(tried)


def _words(group: Group, cheat: Cheat) -> str:
    """A cheat as people say it."""
    names = [name.removeprefix("params.") for name in group.cell.params]
    pairs = zip(names, cheat.params, strict=True)
    params = " ".join(f"{name}={value:g}" for name, value in pairs)
    time = str(group.series.times[cheat.bar])[:16].replace("T", " ").removesuffix(" 00:00")
    where = f"the code of bar {cheat.bar} ({time})"
    text = f"strategy {group.cell.strategy.module}: "
    if cheat.shock == "again":
        text += f"is not repeatable: {where} differs when the same bars are run again"
    else:
        verb = "are taken away" if cheat.shock == "gone" else "change"
        text += f"looks ahead: {where} changes when bars from {cheat.cut} on {verb}"
    return f"{text} (params {params})" if params else text
