"""An experiment in numbers, and all experiments as one table."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from store.columns import LOWER_IS_BETTER, metrics_of
from store.experiment import Experiment

QUANTILES = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}
COUNTS = ("planned", "done", "skipped", "failed", "pruned")


def summarise(runs: Any, metric: str) -> dict[str, Any]:
    """How an experiment's runs are distributed.

    Args:
        runs: dataset of one experiment.
        metric: that it searched for.

    Returns:
        `metrics`: for each metric how many runs have a finite value, and their quantiles.
        `groups`: for each strategy, symbol, direction and window its number of finished runs,
        best and median of `metric`, and `profitable`, the share with a positive total return.
    """
    metrics = metrics_of(runs.schema)
    if metric not in metrics:
        return {"metrics": {}, "groups": []}
    with duckdb.connect() as connection:
        connection.register("runs", runs)
        return {
            "metrics": {name: _distribution(connection, name) for name in metrics},
            "groups": _groups(connection, metric),
        }


def _distribution(connection: Any, name: str) -> dict[str, float | None]:
    found = connection.execute(
        f'select count(*), quantile_cont("{name}"::double, $levels) from runs '
        f"where isfinite(\"{name}\"::double) and status = 'done'",
        {"levels": list(QUANTILES.values())},
    ).fetchall()
    values = found[0][1] or [None] * len(QUANTILES)
    return {"runs": found[0][0], **dict(zip(QUANTILES, values, strict=True))}


def _groups(connection: Any, metric: str) -> list[dict[str, Any]]:
    best = "min" if metric in LOWER_IS_BETTER else "max"
    value = f'case when isnan("{metric}"::double) then null else "{metric}" end'
    found = connection.sql(
        f"""
        select strategy, symbol, direction, "window", count(*) as runs, {best}({value}) as best,
            median({value}) as median, avg((total_return > 0)::int) as profitable
        from runs where status = 'done'
        group by strategy, symbol, direction, "window"
        order by strategy, symbol, direction, "window"
        """
    )
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def experiments_table(experiments: Sequence[Experiment]) -> Any:
    """A pa.Table with one row per experiment; config and data as JSON text."""
    return pa.Table.from_pylist([_row(one) for one in experiments], schema=_EXPERIMENTS)


_EXPERIMENTS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("id", "name", "description", "hypothesis")),
        pa.field("tags", pa.list_(pa.string())),
        *(pa.field(name, pa.string()) for name in ("status", "created", "finished", "metric")),
        *(pa.field(name, pa.int64()) for name in COUNTS),
        *(pa.field(name, pa.float64()) for name in ("noise_sharpe", "seconds")),
        *(pa.field(name, pa.string()) for name in ("plan_hash", "host", "config", "data")),
    ]
)


def _row(experiment: Experiment) -> dict[str, Any]:
    plain = {name: getattr(experiment, name, None) for name in _EXPERIMENTS.names}
    return {
        **plain,
        "metric": experiment.search.get("metric"),
        **{name: experiment.counts.get(name) for name in COUNTS},
        "config": json.dumps(experiment.config),
        "data": json.dumps(experiment.data),
    }
