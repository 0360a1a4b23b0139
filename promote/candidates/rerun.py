"""A stored configuration run again: the same bits or not, and what its strategy sees."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kernels import KERNEL_VERSION
from kernels.lookahead import find_cheat
from promote.candidates.judged_sample import Floats
from store.files.arrow_types import Dataset, Table
from store.records.experiment import Experiment
from store.records.group import GroupRecord, WindowRecord
from store.records.run_row import RunRow
from store.replay.configuration import HashedBars, of_run, param_names
from store.replay.replay import Replay, group_of
from store.runs.columns import BLOCK_SUMS
from store.runs.plain import run_dicts
from store.runs.ranking import take_rows
from store.runs.reader import Shelf


def differences(
    shelf: Shelf, experiment: Experiment, run: RunRow, again: Replay
) -> tuple[str, ...]:
    """Differences from the stored rows when a configuration is run again, on each of its windows.

    Metrics and block sums are compared bit for bit, and the config hash of what was run now with
    the one that was stored: it covers the strategy's source, params, settings, bars, window and
    kernel. Metrics of the user's own are not compared.
    """
    group = group_of(experiment, run["run"])
    windows = group.windows
    first = run["run"] - (run["run"] - group.first_run) % len(windows)
    evaluation = again.evaluate([window.bars for window in windows])
    changes: list[str] = []
    for place, window in enumerate(windows):
        stored = _stored(shelf, experiment, first + place)
        if stored is None:
            changes.append(f"{window.role} has no stored run")
            continue
        row, stored_sums = stored
        if config_hash(group, run, window, again) != row["config_hash"]:
            changes.append(
                f"the config hash of {window.role}: {_changed(experiment, group, again)}"
            )
        changes += [
            f"{name} of {window.role}" for name in _unlike(row, again, evaluation.metrics[0, place])
        ]
        sums = (evaluation.block_sum[0, place], evaluation.block_sumsq[0, place])
        if not all(map(np.array_equal, stored_sums, sums)):
            changes.append(f"the block sums of {window.role}")
    return tuple(changes)


def config_hash(group: GroupRecord, run: RunRow, window: WindowRecord, again: Replay) -> str:
    """The config hash that a sweep would give what was run again, 64 hex digits."""
    bars = HashedBars(group.symbol, run["timeframe"], group.fingerprint, window.first, window.last)
    params = dict(zip(param_names(again.strategy), again.params.tolist(), strict=True))
    again_run: RunRow = {**run, "params": params}
    configured = of_run(group, again_run, run["experiment_id"])
    return bytes(replace(configured, strategy=again.strategy).hashes(bars)[0]).hex()


def leaks(again: Replay, stop: int) -> tuple[str, ...]:
    """Codes of a strategy that moved when later bars were changed, in words; empty without any.

    Args:
        again: the configuration.
        stop: bars from here on are not used: the holdout.
    """
    cheat = find_cheat(again.strategy, again.params[None, :], again.series.before(stop))
    if cheat is None:
        return ()
    if cheat.shock == "again":
        return (f"the signal of bar {cheat.bar} differs when the same bars are run again",)
    done = "taken away" if cheat.shock == "gone" else "changed"
    return (f"the signal of bar {cheat.bar} moves when bars from {cheat.cut} on are {done}",)


def _stored(
    shelf: Shelf, experiment: Experiment, number: int
) -> tuple[RunRow, list[NDArray[np.float32]]] | None:
    """A run as it is stored and its block sums; None when there is none."""

    def read(runs: Dataset) -> Table:
        rows = np.flatnonzero(runs.to_table(columns=["run"])["run"].to_numpy() == number)
        return take_rows(runs, rows, runs.schema.names)

    table = shelf.read(experiment.id, read)
    if not len(table):
        return None
    sums = [np.array(table[name][0].as_py(), np.float32) for name in BLOCK_SUMS]
    return run_dicts(table)[0], sums


def _unlike(row: RunRow, again: Replay, metrics: Floats) -> Iterator[str]:
    """Names of the metrics that differ from the stored ones; those that the file declares.

    A metric that is newer than the file has no column there, and so nothing to differ from.
    """
    for name, value in zip(again.metric_names, metrics.tolist(), strict=True):
        if name not in row["metrics"]:
            continue
        stored = row["metrics"][name]
        if stored is None or not (stored == value or (stored != stored and value != value)):
            yield name


def _changed(experiment: Experiment, group: GroupRecord, again: Replay) -> str:
    """Changes since the run, as far as the record tells."""
    changes = []
    if again.strategy.source_hash != group.source:
        changes.append(f"the file of {again.strategy.name} has changed")
    if experiment.versions.get("kernel") != KERNEL_VERSION:
        changes.append(f"kernel version {KERNEL_VERSION}, then {experiment.versions.get('kernel')}")
    return " and ".join(changes) or "the record has changed"
