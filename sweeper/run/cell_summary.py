"""Summary of a cell once its sweep has ended: the `return_value` of its job in Hydra."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from store.files.backend import Root
from store.query.results import Results
from store.records.group import GroupRecord
from store.runs.metric_order import goodness
from sweeper.plan.cell import Cell

Floats = NDArray[np.float64]


def summaries(root: Root, experiment_id: str, cells: Sequence[Cell]) -> list[dict[str, object]]:
    """Summaries of each cell: experiment, runs, metric, and its best configuration in numbers.

    Args:
        root: of the store.
        experiment_id: finished.
        cells: of it; one that was left out as senseless has no runs.

    Returns:
        Dicts of `experiment`, `runs`, `metric`, `best` (the mean of the search metric over train
        windows, by the search's mode; None where no run has one), `symbol` and `params` of it.
    """
    results = Results(root)
    groups = results.resolve(experiment_id).experiment.groups
    metric = cells[0].config.search.metric
    columns = results.runs(experiment_id, ["run", "status", metric])
    runs = columns["run"].to_numpy()
    values = columns[metric].to_numpy(zero_copy_only=False).astype(np.float64)
    values[columns["status"].to_numpy(zero_copy_only=False) != "done"] = np.nan
    table = np.full(runs.max(initial=-1) + 1, np.nan)
    table[runs] = values
    return [_summary(results, experiment_id, groups, table, cell) for cell in cells]


def _summary(
    results: Results,
    experiment_id: str,
    groups: Sequence[GroupRecord],
    table: Floats,
    cell: Cell,
) -> dict[str, object]:
    search = cell.config.search
    own = [group for group in groups if group.overrides == tuple(cell.overrides)]
    summary: dict[str, object] = {
        "experiment": experiment_id,
        "runs": sum(group.runs for group in own),
        "metric": search.metric,
        "best": None,
        "symbol": None,
        "params": {},
    }
    best = [_best(group, table, search.mode) for group in own]
    if not best or all(np.isnan(value) for value, _ in best):
        return summary
    place = int(
        np.nanargmax(goodness(np.array([value for value, _ in best]), search.mode == "max"))
    )
    value, run = best[place]
    row = results.standing(f"{experiment_id}/{run}")
    return summary | {"best": value, "symbol": own[place].symbol, "params": row["params"]}


def _best(group: GroupRecord, table: Floats, mode: str) -> tuple[float, int]:
    """The best mean over a group's train windows, and the first run of that configuration."""
    first, width = group.first_run, len(group.windows)
    values = table[first : first + group.points * width]
    whole = values[: len(values) // width * width].reshape(-1, width)
    train = [place for place, window in enumerate(group.windows) if not window.is_test]
    means = goodness(whole[:, train].mean(axis=1), mode == "max")
    if np.isnan(means).all():
        return float("nan"), first
    place = int(np.nanargmax(means))
    return float(whole[place, train].mean()), first + place * width
