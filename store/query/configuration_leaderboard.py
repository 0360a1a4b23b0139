"""The leaderboard by configuration: one line for each, over all symbols of an experiment."""

from store.analysis.symbol_medians import kind_titles, over_symbols, points_by_symbol
from store.files.arrow_types import Dataset
from store.query.run_columns import unknown
from store.records.experiment import Experiment, objective
from store.records.group import by_first_run
from store.records.run_numbering import Layout
from store.records.symbols import has_many
from store.runs.columns import metrics_of
from store.runs.metric_order import best_end
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns, take_rows
from store.runs.reader import Shelf


def by_configuration(
    shelf: Shelf, experiment: Experiment, metric: str | None = None, n: int = 20
) -> list[dict[str, object]]:
    """The best configurations over symbols.

    Args:
        shelf: of the store.
        experiment: its record.
        metric: of runs, the best end as `columns.LOWER_IS_BETTER` says; None: that of the search.
        n: how many at most.

    Returns:
        Best median first, those on all symbols before those that have no finite metric on some.
        Each has strategy, direction, timeframe, `params`, `settings`, `cell` (what else was swept),
        `metric` (its name), `median`, `mean`, `worst`, `worst_symbol`, `positive` (symbols with the
        metric above 0), `n` (symbols that count), `symbols` (all), `baseline`, `params_hash`, and
        `ref`, the run on its first symbol.

    Raises:
        UnknownReference: runs have no such metric.
    """
    searched, highest = objective(experiment)
    if metric is not None and metric != searched:
        searched, highest = metric, best_end(metric) == "max"
    given = (experiment, searched, highest, n)
    return shelf.read(experiment.id, lambda runs: _ranked(runs, *given))


def by_configuration_if_many(
    shelf: Shelf, experiment: Experiment, n: int = 20
) -> dict[str, list[dict[str, object]]]:
    """`by_configuration` by that name; empty of an experiment on one or two symbols."""
    if not has_many(experiment):
        return {}
    return {"by_configuration": by_configuration(shelf, experiment, n=n)}


def _ranked(
    runs: Dataset, experiment: Experiment, metric: str, highest: bool, n: int
) -> list[dict[str, object]]:
    if metric not in runs.schema.names:
        if not len(runs.schema.names) or not runs.count_rows():
            return []
        raise unknown("metric", metric, metrics_of(runs.schema))
    table = points_by_symbol(runs, experiment, metric)
    every = over_symbols(table, experiment, metric, highest)
    chosen = every.order()[:n]
    rows = run_dicts(take_rows(runs, every.rows[chosen], light_columns(runs.schema)))
    layout, titles = Layout.of(experiment.groups), kind_titles(experiment)
    groups = by_first_run(experiment.groups)
    worst = layout.group(every.worst_runs[chosen])
    return [
        {
            **{name: row[name] for name in ("strategy", "direction", "timeframe")},
            "params": row["params"],
            "settings": row["settings"],
            "cell": titles[int(every.kinds[place])],
            "metric": metric,
            **{name: float(getattr(every, name)[place]) for name in ("median", "mean", "worst")},
            "worst_symbol": groups[group].symbol,
            **{name: int(getattr(every, name)[place]) for name in ("positive", "n")},
            "symbols": every.symbols,
            "baseline": row["baseline"],
            "params_hash": row["params_hash"],
            "ref": row["ref"],
        }
        for place, row, group in zip(chosen.tolist(), rows, worst.tolist(), strict=True)
    ]
