"""The same runs in SQLite, and in MLflow's SQL store, as their users would keep them."""

import logging
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from kernels import METRICS
from store.runs.columns import BLOCK_SUMS

BATCH = 10_000


class Sqlite:
    """One table of all columns, the block sums as BLOBs of the same float32."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = sqlite3.connect(path)

    def fill(self, tables: Iterator[Any]) -> float:
        """Insert all rows, a transaction per table; seconds that it took."""
        seconds = 0.0
        for table in tables:
            rows = list(zip(*(_values(table[name]) for name in table.column_names), strict=True))
            start = time.perf_counter()
            names = ", ".join(f'"{name}"' for name in table.column_names)
            self._connection.execute(f"create table if not exists runs ({names})")
            marks = ", ".join("?" * len(table.column_names))
            with self._connection:
                self._connection.executemany(f"insert into runs values ({marks})", rows)
            seconds += time.perf_counter() - start
        return seconds

    def index(self, column: str) -> None:
        """Have one column indexed."""
        with self._connection:
            self._connection.execute(f'create index "by_{column}" on runs ("{column}")')

    def ask(self, query: str) -> list[Any]:
        """All rows of an answer."""
        return self._connection.execute(query).fetchall()


def _values(column: Any) -> Sequence[Any]:
    if pa.types.is_fixed_size_list(column.type):
        flat = column.combine_chunks().flatten().to_numpy()
        return [row.tobytes() for row in flat.reshape(len(column), -1)]
    if pa.types.is_timestamp(column.type):
        return list(column.cast(pa.string()).to_pylist())
    if pa.types.is_uint64(column.type):
        return list(column.cast(pa.int64(), safe=False).to_pylist())
    return list(column.to_pylist())


class Mlflow:
    """MLflow's SQL store on SQLite: a run with its params and metrics, no block sums."""

    def __init__(self, folder: Path) -> None:
        logging.disable(logging.WARNING)  # it tells of every migration
        from mlflow import MlflowClient

        self._address = f"sqlite:///{folder / 'mlflow.db'}"
        self._client = MlflowClient(tracking_uri=self._address)
        self._experiment = self._client.create_experiment("runs", f"file://{folder / 'files'}")

    def log(self, table: Any) -> float:
        """Log runs one after the other, as a sweep would; seconds per run."""
        from mlflow.entities import Metric, Param

        rows = table.drop_columns(list(BLOCK_SUMS)).to_pylist()
        start = time.perf_counter()
        for row in rows:
            run = self._client.create_run(self._experiment).info.run_id
            metrics = [Metric(name, float(row[name]), 0, 0) for name in METRICS]
            params = [Param(n, str(row[n])) for n in row if n.startswith("params.")]
            self._client.log_batch(run, metrics, params)
            self._client.set_terminated(run)
        return (time.perf_counter() - start) / len(rows)

    def fill(self, table: Any) -> None:
        """Insert runs past the client, which would take half an hour."""
        from mlflow.store.tracking.dbmodels import models
        from sqlalchemy import create_engine, insert

        runs, metrics, params = [], [], []
        for number, row in enumerate(table.drop_columns(list(BLOCK_SUMS)).to_pylist()):
            run = f"{number:032x}"
            runs.append(
                {"run_uuid": run, "name": run, "experiment_id": int(self._experiment),
                 "status": "FINISHED", "lifecycle_stage": "active", "start_time": 0,
                 "artifact_uri": "", "user_id": "me"}
            )  # fmt: skip
            for name in METRICS:
                value = {"run_uuid": run, "key": name, "value": float(row[name]), "timestamp": 0}
                metrics.append({**value, "step": 0, "is_nan": False})
            for name in (one for one in row if one.startswith("params.")):
                params.append({"run_uuid": run, "key": name, "value": str(row[name])})
        engine = create_engine(self._address)
        with engine.begin() as connection:
            connection.execute(insert(models.SqlRun), runs)
            connection.execute(insert(models.SqlMetric), metrics)
            connection.execute(insert(models.SqlLatestMetric), metrics)
            connection.execute(insert(models.SqlParam), params)
        engine.dispose()

    def top(self, metric: str, n: int) -> int:
        """The best n runs; how many there were."""
        order = [f"metrics.{metric} DESC"]
        return len(self._client.search_runs([self._experiment], order_by=order, max_results=n))

    def filtered(self, condition: str) -> int:
        """How many of the first 1,000 runs meet a condition."""
        found = self._client.search_runs([self._experiment], condition, max_results=1_000)
        return len(found)
