"""Configurations of a group into the kernels."""

from dataclasses import replace
from typing import Any

from kernels.bars import Series, prepare
from kernels.evaluate import Evaluation, evaluate_runs
from sweeper.cells import SETTINGS
from sweeper.plan import Floats, Group


def evaluate_group(group: Group, numbers: Floats) -> Evaluation:
    """Evaluate configurations (n, d), columns as `group.cell.names`, on the group's windows."""
    names = group.cell.names
    swept: dict[str, Any] = {
        name.partition(".")[2]: numbers[:, names.index(name)] for name in SETTINGS
    }
    settings = replace(group.settings, **swept)
    params = numbers[:, [names.index(name) for name in group.cell.params]]
    ranges = [(window.start, window.stop) for window in group.windows]
    return evaluate_runs(_series(group), group.cell.strategy, params, settings, ranges)


_prepared: dict[tuple[str, str, int], Series] = {}


def _series(group: Group) -> Series:
    """The group's bars, prepared once per process."""
    key = (group.series.symbol, group.series.fingerprint, len(group.series.times))
    if key not in _prepared:
        _prepared[key] = prepare(group.series.columns)
    return _prepared[key]
