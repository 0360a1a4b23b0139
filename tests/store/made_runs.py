"""Small stores of random runs, for the tests of the results side."""

import dataclasses
import hashlib
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from kernels import BLOCKS, METRICS
from store.files.paths import experiment_folder
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.runs.blocks import write_block
from store.runs.columns import ERRORS
from store.runs.key_set import keys_of
from store.runs.manifest import with_files
from store.runs.schema import COUNTS, run_schema

START, END = datetime(1999, 1, 4, tzinfo=UTC), datetime(2014, 12, 31, tzinfo=UTC)
SEARCH = {"kind": "random", "seed": 7, "n": 120, "metric": "sharpe", "mode": "max"}


def digests(n, *key):
    return [hashlib.sha256(repr((*key, i)).encode()).digest() for i in range(n)]


def hash_bytes(n, *key):
    """(n, 32) bytes."""
    return np.frombuffer(b"".join(digests(n, *key)), np.uint8).reshape(n, 32)


def run_table(experiment_id, first=0, n=40, seed=0, params=None, swept=(), **fixed):
    """Random runs numbered from `first`; `fixed` sets whole columns."""
    rng = np.random.default_rng([seed, first])
    kinds = params or {"fast": int, "slow": int}
    columns = {
        "experiment_id": [experiment_id] * n,
        "run": np.arange(first, first + n),
        "config_hash": digests(n, seed, first),
        "params_hash": digests(n, "params", seed, first),
        "strategy": ["sma"] * n,
        "symbol": rng.choice(["NASDAQ", "SP500"], n).tolist(),
        "timeframe": ["1d"] * n,
        "direction": ["both"] * n,
        "window": ["dev"] * n,
        "start": [START] * n,
        "end": [END] * n,
        "status": ["done"] * n,
        "baseline": np.arange(first, first + n) == 0,
        "look_ahead": [False] * n,
        **{
            f"params.{name}": rng.integers(2, 99, n) if kind is int else rng.random(n)
            for name, kind in kinds.items()
        },
        **{name: rng.random(n) / 1000 for name in swept},
        "tried": keys_of(hash_bytes(n, "tried", seed, first)),
        **{name: rng.normal(0.3, 0.5, n) for name in METRICS},
        **{name: rng.integers(0, 200, n) for name in COUNTS},
        "block_sum": list(rng.normal(0, 0.1, (n, BLOCKS)).astype(np.float32)),
        "block_sumsq": list(rng.random((n, BLOCKS)).astype(np.float32)),
    }
    for name, value in fixed.items():
        columns[name] = [value] * n if isinstance(value, str | bool) else value
    return pa.table(columns, schema=run_schema(kinds, swept))


def error_table(experiment_id, first=0, n=2):
    texts = dict.fromkeys(("strategy", "symbol", "window", "config_json", "error"), ["x"] * n)
    columns = {
        "experiment_id": [experiment_id] * n,
        "run": np.arange(first, first + n),
        "config_hash": digests(n, "error", first),
        **texts,
        "traceback": ["Traceback ..."] * n,
        "tried": keys_of(hash_bytes(n, "error", first)),
    }
    return pa.table(columns, schema=ERRORS)


GROUP = {"strategy": "sma", "symbol": "NASDAQ", "windows": [], "points": 0, "runs": 0}
"""Fields that every group has."""


def group_of(group=(), **changes):
    """A recorded group from a dict, or one that is filled up; windows without bars have none."""
    if isinstance(group, GroupRecord):
        return dataclasses.replace(group, **changes)
    fields = {**GROUP, **dict(group), **changes}
    fields["windows"] = [{"start": 0, "stop": 0, **window} for window in fields["windows"]]
    return GroupRecord.from_json(fields)


def new_experiment(root, when=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), **changes):
    """A created experiment without runs."""
    facts = {
        "id": records.new_id(when),
        "name": "demo",
        "created": records.timestamp(when),
        "search": SEARCH,
        "counts": {"planned": 120, "done": 120, "skipped": 0, "failed": 0, "pruned": 0},
        "groups": [
            {
                "strategy": "sma",
                "symbol": "NASDAQ",
                "points": 130,  # ten of them barred by a constraint
                "runs": 120,
                "windows": [{"role": "dev", "start": 0, "stop": 4025}],
            }
        ],
        "data": {"NASDAQ": {"source": "nasdaq", "bars": 4025, "periods_per_year": 252.0}},
        "config": {"strategy": {"name": "sma"}, "costs": {"commission": 0.0005}},
        "seconds": 1.5,
    }
    facts |= changes
    facts["groups"] = [group_of(group) for group in facts["groups"]]
    return records.create(root, Experiment(**facts))


def add_blocks(root, experiment, tables, first=0):
    """The experiment, saved, with each table as one more block."""
    folder = experiment_folder(root, experiment.id) / "blocks"
    files = [write_block(folder, number, table) for number, table in enumerate(tables, first)]
    listed = with_files(experiment, files)
    records.save(root, listed)
    return listed


def filled(root, blocks=3, rows=40, seed=0, table=run_table, **changes):
    """An experiment with `blocks` blocks of random runs, listed in its record."""
    experiment = new_experiment(root, **changes)
    tables = [table(experiment.id, number * rows, rows, seed) for number in range(blocks)]
    return add_blocks(root, experiment, tables)


def finish(root, experiment, **changes):
    """The experiment, saved, with some fields replaced."""
    changed = dataclasses.replace(experiment, **changes)
    records.save(root, changed)
    return changed
