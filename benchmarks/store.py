"""The store: a million runs asked, against SQLite with the same rows, and 10,000 against MLflow.

`python -m benchmarks.store [--write] [--runs N] [--rounds N] [--large]`: every question is asked of
all sides in turns, after one time to warm up; `--write` puts the table into docs/benchmarks.md.
`--large` asks ten million runs, too, without another side: ten minutes and 8 GB of disk.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from sqlite3 import sqlite_version
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.peers.client import ROOT
from benchmarks.peers.trackers import Mlflow, Sqlite
from benchmarks.report.machine import describe
from benchmarks.report.table import digits, replace_table
from kernels import BLOCKS, METRICS
from store.files.backend import Root
from store.files.paths import experiment_folder
from store.query.results import Results
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.group import GroupRecord, WindowRecord
from store.runs.blocks import write_block
from store.runs.columns import BLOCK_SUMS
from store.runs.compaction import compact
from store.runs.manifest import with_files
from store.runs.schema import COUNTS, run_schema

HEADER = (
    "| | Sweeper | the other side | times | target |",
    "|---|---|---|---|---|",
)
BLOCK_ROWS = 25_000
MLFLOW_RUNS = 10_000
LARGE = 10_000_000
LOGGED = 100
"""Runs that are logged by MLflow's client, for its time per run."""
EXPERIMENT = "exp-20260102-030405-0000"
SCHEMA = run_schema({"fast": int, "slow": int})
FILTER = "symbol = 'NASDAQ' and trades > 100 and max_drawdown < 0.2"
COUNT = "select symbol, count(*), avg(sharpe) from runs group by symbol"

Ask = Callable[[], object]


def runs(first: int, n: int) -> Any:
    """Seeded runs, as incompressible as those of a sweep or more."""
    random = np.random.default_rng([1, first])
    start, end = datetime(1999, 1, 4, tzinfo=UTC), datetime(2014, 12, 31, tzinfo=UTC)
    same: dict[str, object] = {
        "experiment_id": EXPERIMENT,
        "strategy": "sma",
        "timeframe": "1d",
        "window": "dev",
    }
    same |= {"direction": "long", "status": "done", "start": start, "end": end}
    same |= {"baseline": False, "look_ahead": False}
    columns = {name: pa.repeat(value, n) for name, value in same.items()}
    columns |= {name: _hashes(random, n) for name in ("config_hash", "params_hash")}
    columns |= {name: random.normal(0.3, 0.4, n) for name in METRICS}
    columns |= {name: random.integers(0, 200, n) for name in COUNTS}
    columns |= {f"params.{name}": random.integers(2, 250, n) for name in ("fast", "slow")}
    columns |= {name: _sums(random, n) for name in BLOCK_SUMS}
    columns["run"] = np.arange(first, first + n)
    columns["symbol"] = np.array(["NASDAQ", "SP500"])[random.integers(0, 2, n)]
    columns["tried"] = random.integers(0, 2**63, n).astype(np.uint64)
    return pa.table([pa.array(columns[f.name]).cast(f.type) for f in SCHEMA], schema=SCHEMA)


def _hashes(random: np.random.Generator, n: int) -> Any:
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(32), n, [None, pa.py_buffer(random.bytes(32 * n))]
    )


def _sums(random: np.random.Generator, n: int) -> Any:
    values = pa.array(random.normal(0.001, 0.02, n * BLOCKS).astype(np.float32))
    return pa.FixedSizeListArray.from_arrays(values, type=SCHEMA.field(BLOCK_SUMS[0]).type)


def tables(n: int) -> Iterator[Any]:
    """All n runs, a block at a time."""
    return (runs(first, min(BLOCK_ROWS, n - first)) for first in range(0, n, BLOCK_ROWS))


def write_store(root: Root, n: int) -> float:
    """Write n runs as a sweep does, block by block, then merged; seconds without making them."""
    windows = (WindowRecord(start=0, stop=4000),)
    group = GroupRecord(strategy="sma", symbol="NASDAQ", points=n, runs=n, windows=windows)
    experiment = Experiment(
        id=EXPERIMENT,
        name="benchmark",
        created=records.timestamp(datetime(2026, 1, 2, tzinfo=UTC)),
        search={"kind": "random", "metric": "sharpe", "mode": "max"},
        counts={"planned": n, "done": n},
        groups=[group],
    )
    records.create(root, experiment)
    folder, files, seconds = experiment_folder(root, EXPERIMENT) / "blocks", [], 0.0
    for number, table in enumerate(tables(n)):
        start = time.perf_counter()
        files.append(write_block(folder, number, table))
        seconds += time.perf_counter() - start
    start = time.perf_counter()
    records.save(root, replace(with_files(experiment, files), status="done"))
    compact(root, EXPERIMENT)
    return seconds + time.perf_counter() - start


def bytes_a_run(root: Root, n: int) -> tuple[float, float]:
    """Bytes on the disk per run: all, and all but the block sums."""
    path = experiment_folder(root, EXPERIMENT) / "runs.parquet"
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    columns = [group.column(number) for group in groups for number in range(group.num_columns)]
    sums = sum(one.total_compressed_size for one in columns if "block_sum" in one.path_in_schema)
    size = Path(str(path)).stat().st_size
    return size / n, (size - sums) / n


def interleaved(sides: Mapping[str, Ask], rounds: int) -> dict[str, float]:
    """Seconds of each side, asked in turns after once to warm up: its fastest round."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, ask in sides.items():
            start = time.perf_counter()
            ask()
            if number:
                taken[name].append(time.perf_counter() - start)
    return {name: min(seconds) for name, seconds in taken.items()}


def line(what: str, ours: float, other: str, theirs: float, target: float | None = None) -> str:
    """A row of the table, of seconds."""
    told = f"{_time(ours)} | {_time(theirs)} ({other}) | {times(theirs / ours)}"
    return f"| {what} | {told} | {_aim(ours, target)} |"


def alone(what: str, ours: float, target: float | None = None) -> str:
    """A row without another side."""
    return f"| {what} | {_time(ours)} | | | {_aim(ours, target)} |"


def _aim(ours: float, target: float | None) -> str:
    return "" if target is None else f"{target:g} s {'reached' if ours < target else 'missed'}"


def times(ratio: float) -> str:
    """Three digits of a ratio, however large or small."""
    return f"{float(f'{ratio:.3g}'):,g}"


def _time(seconds: float) -> str:
    return f"{digits(seconds)} s" if seconds >= 1 else f"{digits(seconds * 1000)} ms"


def against_sqlite(folder: Path, n: int, rounds: int) -> Iterator[str]:
    """The lines of n runs."""
    results, sqlite = Results(folder / "store"), Sqlite(folder / "runs.db")
    written, inserted = write_store(results.root, n), sqlite.fill(tables(n))
    yield line(f"write {n:,} runs", written, "SQLite", inserted)
    whole, light = bytes_a_run(results.root, n)
    theirs = sqlite.path.stat().st_size / n
    for what, size, target in (("", whole, 800), (" without block sums", light, 350)):
        aim = f"{target} {'reached' if size <= target else 'missed'}"
        other, times = (
            (f"{theirs:,.0f} B (SQLite)", digits(theirs / size)) if not what else ("", "")
        )
        yield f"| bytes a run{what} | {size:,.0f} B | {other} | {times} | {aim} |"
    wide = ", ".join(f'"{name}"' for name in SCHEMA.names if name not in BLOCK_SUMS)
    queries = (
        f"select {wide} from runs order by sharpe desc limit 20",
        f"select {wide} from runs order by calmar desc limit 20",
        f"select run, sharpe from runs where {FILTER}",
        COUNT,
    )
    asks = questions(results)
    for (what, ask), query in zip(asks.items(), queries, strict=True):
        asked = interleaved({"ours": ask, "sqlite": partial(sqlite.ask, query)}, rounds)
        yield line(what, asked["ours"], "SQLite", asked["sqlite"], 0.5)
    sqlite.index("sharpe")
    ask, query = next(iter(asks.values())), queries[0]
    asked = interleaved({"ours": ask, "sqlite": lambda: sqlite.ask(query)}, rounds)
    yield line("the same, sharpe indexed in SQLite", asked["ours"], "SQLite", asked["sqlite"], 0.5)


def questions(results: Results) -> dict[str, Ask]:
    """What users ask, in words."""
    return {
        "top 20 by sharpe": lambda: results.top("sharpe", 20),
        "top 20 by calmar, which it is not sorted by": lambda: results.top("calmar", 20),
        "filter by three columns": (
            lambda: results.sql(f"select run, sharpe from runs where {FILTER}").fetchall()
        ),
        "count and mean by symbol": lambda: results.sql(COUNT).fetchall(),
    }


def large(folder: Path, n: int, rounds: int) -> Iterator[str]:
    """The lines of n runs that nobody else is asked about."""
    results = Results(folder / "store")
    yield alone(f"write {n:,} runs", write_store(results.root, n))
    for what, ask in questions(results).items():
        yield alone(f"of these, {what}", interleaved({"ours": ask}, rounds)["ours"], 2)


def against_mlflow(folder: Path, n: int, rounds: int) -> Iterator[str]:
    """The lines of n runs."""
    results, mlflow = Results(folder / "store"), Mlflow(folder)
    written = write_store(results.root, n) / n
    yield line(f"write a run, of {n:,}", written, "MLflow", mlflow.log(runs(n, LOGGED)))
    mlflow.fill(runs(0, n))
    asked = interleaved(
        {"ours": lambda: results.top("sharpe", 20), "mlflow": lambda: mlflow.top("sharpe", 20)},
        rounds,
    )
    yield line(f"top 20 of {n:,} runs", asked["ours"], "MLflow", asked["mlflow"])
    query = "select run, sharpe from runs where max_drawdown < 0.1 and trades > 100 limit 1000"
    asked = interleaved(
        {
            "ours": lambda: results.sql(query).fetchall(),
            "mlflow": lambda: mlflow.filtered(
                "metrics.max_drawdown < 0.1 and metrics.trades > 100"
            ),
        },
        rounds,
    )
    yield line(f"the first 1,000 that meet two conditions, of {n:,}", asked["ours"], "MLflow",
               asked["mlflow"])  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Measure, in a temporary folder that is removed at the end."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args(arguments)
    names = ("duckdb", "pyarrow", "mlflow-skinny")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    about = f"{describe()}; {versions}, SQLite {sqlite_version}; {given.rounds} rounds"
    print(about)
    lines = []
    parts = [(against_sqlite, given.runs), (against_mlflow, MLFLOW_RUNS)]
    for part, n in [*parts, (large, LARGE)] if given.large else parts:
        with tempfile.TemporaryDirectory() as folder:
            for found in part(Path(folder), n, given.rounds):
                print(found, flush=True)
                lines.append(found)
    if given.write:
        replace_table(ROOT / "docs" / "benchmarks.md", "store", about, lines, HEADER)


if __name__ == "__main__":
    main(sys.argv[1:])
