"""Numbers out of the kernels, rows into the store."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kernels import BLOCKS, METRICS
from kernels.engine.evaluation import Evaluation
from store.files.canonical import canonical
from store.replay.configuration import HashedBars
from store.runs.columns import ERRORS, TRIED
from store.runs.key_set import Keys, keys_of, within
from store.runs.schema import run_schema
from sweeper.config.window import Window
from sweeper.evaluate.isolate_failures import Failure
from sweeper.plan.cell import SETTINGS
from sweeper.plan.plan import Group

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


MADE = ("config_hash", "params_hash", TRIED.name)
"""Columns that are equal in every experiment which has a run, like its metrics and block sums."""


def run_rows(
    schema: pa.Schema,
    experiment: str,
    group: Group,
    numbers: Floats,
    points: Ints,
    evaluation: Evaluation | None,
    stored: pa.Table | None = None,
) -> pa.Table:
    """One row per configuration and window, configurations outermost.

    Args:
        schema: of the whole experiment; columns of other strategies stay null.
        experiment: its id.
        group: what the configurations share.
        numbers: (n, d), columns as `group.cell.names`.
        points: (n,) the configurations' points.
        evaluation: of these configurations on the group's windows; None for runs that were
            pruned, which have no metrics, or are `stored`.
        stored: what an earlier experiment has of the same runs, as many rows: see `MADE`.
    """
    n, w = len(numbers), len(group.windows)
    if not n * w:
        return schema.empty_table()
    edges = [_edges(group, window) for window in group.windows]
    columns: dict[str, object] = {
        "run": (group.first_run + points[:, None] * group.width + np.array(group.places)).ravel(),
        "window": np.tile(np.array([window.role for window in group.windows]), n),
        "start": np.tile(np.array([first for first, _ in edges]), n),
        "end": np.tile(np.array([last for _, last in edges]), n),
        "baseline": np.repeat(points == 0, w),
    }
    if stored is None:
        columns |= _hash_columns(group, numbers)
    else:
        columns |= {name: stored[name].combine_chunks() for name in stored.column_names}
    if evaluation is not None:
        columns["block_sum"] = _blocks(evaluation.block_sum)
        columns["block_sumsq"] = _blocks(evaluation.block_sumsq)
        for column, name in enumerate(group.cell.metrics):
            columns[name] = evaluation.metrics[:, :, column].ravel()
    constants: dict[str, object] = {
        "experiment_id": experiment,
        "strategy": group.cell.strategy.name,
        "symbol": group.series.symbol,
        "timeframe": group.series.timeframe,
        "direction": group.cell.config.strategy.direction,
        "status": "pruned" if evaluation is None and stored is None else "done",
        "look_ahead": group.cell.config.strategy.allow_look_ahead,
    }
    for column, name in enumerate(group.cell.names):
        columns[name] = np.repeat(numbers[:, column], w)
    return pa.table([_array(f, n * w, columns, constants) for f in schema], schema=schema)


def _hash_columns(group: Group, numbers: Floats) -> dict[str, object]:
    """The columns `MADE` as they are worked out."""
    w = len(group.windows)
    hashes = [config_hashes(group, window, numbers) for window in group.windows]
    return {
        "config_hash": _binary(np.stack(hashes, axis=1).reshape(len(numbers) * w, 32)),
        "params_hash": _binary(np.repeat(params_hashes(group, numbers), w, axis=0)),
        TRIED.name: np.repeat(tried_keys(group, numbers), w),
    }


def error_rows(
    experiment: str, group: Group, numbers: Floats, points: Ints, failures: Sequence[Failure]
) -> pa.Table:
    """One row per configuration that failed and window; arguments as for `run_rows`."""
    places = [failure.place for failure in failures]
    tried = tried_keys(group, numbers[places])
    rows = []
    for w, window in enumerate(group.windows):
        hashes = config_hashes(group, window, numbers[places])
        for failure, config_hash, key in zip(failures, hashes, tried, strict=True):
            numbered = zip(group.cell.names, numbers[failure.place].tolist(), strict=True)
            config = {name: None if value != value else value for name, value in numbered}
            rows.append(
                {
                    "experiment_id": experiment,
                    "run": group.first_run
                    + int(points[failure.place]) * group.width
                    + group.places[w],
                    "config_hash": config_hash.tobytes(),
                    "strategy": group.cell.strategy.name,
                    "symbol": group.series.symbol,
                    "window": window.role,
                    "config_json": canonical(config | group.shared_settings()),
                    "error": failure.error,
                    "traceback": failure.traceback,
                    TRIED.name: int(key),
                }
            )
    return pa.Table.from_pylist(rows, schema=ERRORS)


def config_hashes(group: Group, window: Window, numbers: Floats) -> NDArray[np.uint8]:
    """(n, 32) hashes of everything that determines each run's numbers."""
    series = group.series
    first, last = _edges(group, window)
    bars = HashedBars(series.symbol, series.timeframe, series.fingerprint, str(first), str(last))
    return group.configured(numbers).hashes(bars)


def params_hashes(group: Group, numbers: Floats) -> NDArray[np.uint8]:
    """(n, 32) hashes of strategy and parameters only: the same idea on any data."""
    return group.configured(numbers).params_hashes()


def tried_keys(group: Group, numbers: Floats) -> Keys:
    """(n,) what the ledger counts: strategy source, params and settings, on whatever window."""
    return keys_of(group.configured(numbers).tried_hashes())


def in_store(group: Group, numbers: Floats, finished: Keys) -> NDArray[np.bool_]:
    """Which configurations have a run on every window: (n,).

    Args:
        group: what the configurations share.
        numbers: (n, d), columns as `group.cell.names`.
        finished: keys of the config hashes of runs that are in the store.
    """
    have = np.full(len(numbers), bool(finished.size))
    for window in group.windows if finished.size else ():
        hashes = config_hashes(group, window, numbers[have])
        have[have] = within(keys_of(hashes), finished)
    return have


def _edges(group: Group, window: Window) -> tuple[np.datetime64, np.datetime64]:
    return group.series.times[window.start], group.series.times[window.stop - 1]


def _binary(rows: NDArray[np.uint8]) -> pa.Array:
    data = pa.py_buffer(np.ascontiguousarray(rows))
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(rows), [None, data])


def _blocks(sums: NDArray[np.float32]) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(sums.ravel()), BLOCKS)


def _array(
    field: pa.Field, n: int, columns: Mapping[str, object], constants: Mapping[str, object]
) -> pa.Array:
    if field.name in constants:
        return pa.array([constants[field.name]], field.type).take(pa.repeat(pa.scalar(0), n))
    values = columns.get(field.name)
    if values is None:
        return pa.nulls(n, field.type)
    if isinstance(values, pa.Array):
        return values if values.type == field.type else values.cast(field.type)
    return pa.array(values).cast(field.type)


def experiment_schema(groups: Sequence[Group]) -> pa.Schema:
    """The columns of an experiment: all strategies' parameters, swept settings, own metrics."""
    params: dict[str, type] = {}
    for group in groups:
        strategy = group.cell.strategy
        for path, field in zip(group.cell.params, strategy.fields, strict=True):
            name = path.removeprefix("params.")
            # Two strategies may disagree on a name's type; float holds both.
            params[name] = (
                strategy.types[field]
                if params.get(name) in (None, strategy.types[field])
                else float
            )
    swept = {axis.name for group in groups for axis in group.cell.space.axes}
    own = dict.fromkeys(m for group in groups for m in group.cell.metrics if m not in METRICS)
    return run_schema(params, [name for name in SETTINGS if name in swept], list(own))
