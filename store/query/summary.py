"""An experiment in numbers, and all experiments as one table."""

import json
from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import pyarrow as pa

from store.files.arrow_types import Dataset, Table
from store.luck.record import Luck, line_of
from store.query.configuration_leaderboard import by_configuration_if_many
from store.records.experiment import EDITABLE, Experiment, objective
from store.records.run_numbering import Layout
from store.runs.columns import metrics_of
from store.runs.metric_order import best_end
from store.runs.reader import Shelf

QUANTILES = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}
LUCK = ("mean", "se", "sd", "q90", "best", "chance")
"""Fields of `store.luck.record.Luck` that are columns, named `luck_...`."""
COUNTS = ("planned", "done", "skipped", "failed", "pruned")


def summary_of(
    shelf: Shelf, experiment: Experiment, shown: Mapping[str, object]
) -> dict[str, object]:
    """Summary of an experiment: its record's counts, `summarise`, and what is `shown` of it.

    Args:
        shelf: readers of the store.
        experiment: its record.
        shown: its `best`, `baseline` and `suggestion`, as `Results` finds them.
    """
    metric, _ = objective(experiment)
    layout = Layout.of(experiment.groups)
    numbers = shelf.read(experiment.id, lambda runs: summarise(runs, metric, layout))
    return {
        "experiment": experiment.id,
        "name": experiment.name,
        "status": experiment.status,
        "created": experiment.created,
        "seconds": experiment.seconds,
        "counts": experiment.counts,
        "metric": metric,
        "noise_sharpe": line_of(experiment),
        "luck": experiment.luck or None,
        **shown,
        **by_configuration_if_many(shelf, experiment),
        **numbers,
    }


def summarise(runs: Dataset, metric: str, layout: Layout) -> dict[str, object]:
    """Distribution of an experiment's runs.

    Args:
        runs: dataset of one experiment.
        metric: that it searched for.
        layout: of the experiment.

    Returns:
        `metrics`: for each metric how many runs have a finite value, and their quantiles; with
        several windows it is configurations that count, each with its mean over train windows.
        `groups`: for each strategy, symbol, direction and window its number of finished runs,
        best and median of `metric`, and `profitable`, the share with a positive total return.
    """
    metrics = metrics_of(runs.schema)
    if metric not in metrics:
        return {"metrics": {}, "groups": []}
    with duckdb.connect() as connection:
        connection.register("runs", runs)
        table = "runs" if layout.single else _configurations(connection, metrics, layout)
        return {
            "metrics": {name: _distribution(connection, table, name) for name in metrics},
            "groups": _groups(connection, metric),
        }


def _configurations(
    connection: duckdb.DuckDBPyConnection, metrics: Sequence[str], layout: Layout
) -> str:
    """Name of a new table: a row per configuration, each metric its mean over train windows."""
    last = np.append(layout.firsts[1:], np.iinfo(np.int64).max) - 1
    groups = zip(layout.firsts, last, layout.widths, layout.ranked, strict=True)
    places = [
        {"first": int(a), "last": int(b), "width": int(w), "place": k, "trains": int(ranked.sum())}
        for a, b, w, ranked in groups
        for k in np.flatnonzero(ranked).tolist()
    ]
    connection.register("places", pa.Table.from_pylist(places))
    means = ", ".join(f'avg("{name}"::double) as "{name}"' for name in metrics)
    connection.execute(
        f"""
        create temp table configurations as
        select {means}, 'done' as status
        from runs join places on run between first and last and (run - first) % width = place
        where status = 'done'
        group by run - place, trains having count(*) = trains
        """
    )
    return "configurations"


def _distribution(
    connection: duckdb.DuckDBPyConnection, table: str, name: str
) -> dict[str, float | None]:
    rows = connection.execute(
        f'select count(*), quantile_cont("{name}"::double, $levels) from {table} '
        f"where isfinite(\"{name}\"::double) and status = 'done'",
        {"levels": list(QUANTILES.values())},
    ).fetchall()
    values = rows[0][1] or [None] * len(QUANTILES)
    return {"runs": rows[0][0], **dict(zip(QUANTILES, values, strict=True))}


def _groups(connection: duckdb.DuckDBPyConnection, metric: str) -> list[dict[str, object]]:
    finite = f'case when isfinite("{metric}"::double) then "{metric}" end'
    value = f'case when isnan("{metric}"::double) then null else "{metric}" end'
    best = f"coalesce({best_end(metric)}({finite}), {best_end(metric)}({value}))"
    relation = connection.sql(
        f"""
        select strategy, symbol, direction, "window", count(*) as runs, {best} as best,
            median({value}) as median, avg((total_return > 0)::int) as profitable
        from runs where status = 'done'
        group by strategy, symbol, direction, "window"
        order by strategy, symbol, direction, min("end"), "window"
        """
    )
    rows: list[dict[str, object]] = relation.to_arrow_table().to_pylist()
    return rows


def experiments_table(experiments: Sequence[Experiment]) -> Table:
    """A pa.Table with one row per experiment; config and data as JSON text."""
    table: Table = pa.Table.from_pylist(list(map(_row, experiments)), schema=_EXPERIMENTS)
    return table


_EXPERIMENTS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("id", "name", *EDITABLE)),
        pa.field("tags", pa.list_(pa.string())),
        *(pa.field(name, pa.string()) for name in ("status", "created", "finished", "metric")),
        *(pa.field(name, pa.int64()) for name in COUNTS),
        *(pa.field(name, pa.float64()) for name in ("noise_sharpe", "seconds")),
        pa.field("luck_histories", pa.int64()),
        *(pa.field(f"luck_{name}", pa.float64()) for name in LUCK),
        *(pa.field(name, pa.string()) for name in ("plan_hash", "host", "config", "data")),
    ]
)


def _row(experiment: Experiment) -> dict[str, object]:
    plain = {name: getattr(experiment, name, None) for name in _EXPERIMENTS.names}
    luck = Luck.of(experiment)
    return {
        **plain,
        "noise_sharpe": None if luck is None else luck.mean,
        "luck_histories": None if luck is None else luck.histories,
        **{f"luck_{name}": None if luck is None else getattr(luck, name) for name in LUCK},
        "metric": experiment.search.get("metric"),
        **{name: experiment.counts.get(name) for name in COUNTS},
        "config": json.dumps(experiment.config),
        "data": json.dumps(experiment.data),
    }
