"""Reading a walk-forward: what was chosen on each train window, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from store.analysis.block_sharpe import block_sums
from store.analysis.walk_forward import ANNUAL, best_of, efficiency, stitch
from store.files.arrow_types import Dataset
from store.records.comparable_groups import Pool
from store.records.experiment import Experiment, objective
from store.records.run_row import RunRow
from store.runs.columns import BLOCK_SUMS
from store.runs.plain import run_dicts
from store.runs.ranking import light_columns, take_rows
from store.runs.swept_words import with_words

YEAR = 365.25 * 86_400
"""Seconds."""


class Choice(NamedTuple):
    """Choice of one fold: places of its windows, and the rows of the configuration on them."""

    train: int
    test: int
    inside: int
    outside: int


def walk_forward(runs: Dataset, experiment: Experiment, pool: Pool) -> dict[str, object]:
    """The choice of each fold, by the search metric on its train window, and all folds stitched.

    Args:
        runs: dataset of the experiment.
        experiment: its record.
        pool: one of its pools, with folds.

    Returns:
        `symbol`, `metric`, `folds` (a dict each), `stitched` (see `store.analysis.walk_forward`,
        with its `max_drawdown`; None without a choice) and `efficiency` by metric; JSON types. A
        fold in which nothing has the metric is left out.
    """
    metric, descending = objective(experiment)
    keys = runs.to_table(columns=list(dict.fromkeys(["run", "status", metric])))
    numbers = keys["run"].to_numpy()
    score = keys[metric].to_numpy().astype(np.float64)
    mine = pool.holds(numbers) & (keys["status"].to_numpy(zero_copy_only=False) == "done")
    rows = np.flatnonzero(mine)
    rows = rows[np.argsort(numbers[rows])]
    window = pool.window(numbers[rows])
    choices = []
    for train, test in pool.folds():
        inside = rows[window == train]
        inside = inside[np.isin(numbers[inside] + test - train, numbers[rows])]
        best = best_of(score[inside], descending)
        if best is not None:
            place = np.searchsorted(numbers[rows], numbers[inside[best]] + test - train)
            choices.append(Choice(train, test, int(inside[best]), int(rows[place])))
    chosen = _chosen(runs, experiment, choices)
    folds = [
        _fold(pool, metric, choice, rows) for choice, rows in zip(choices, chosen, strict=True)
    ]
    record = _stitched(runs, pool, metric, choices, folds)
    if record["stitched"] is not None:
        record["stitched"] |= _fall(experiment, [outside for _, outside in chosen], folds)
    return {"symbol": pool.symbol, "metric": metric, "folds": folds} | record


def spans(folds: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """Bars [start, stop) of the test windows of folds."""
    return [(fold["test"]["start"], fold["test"]["stop"]) for fold in folds]


def _fall(
    experiment: Experiment,
    tested: Sequence[RunRow],
    folds: Sequence[Mapping[str, object]],
) -> dict[str, object]:
    """`max_drawdown` of the account that trades all folds; None and the `problem` when unknown."""
    from store.analysis.stitched_walk_forward import (  # late: Numba takes half a second
        deepest_fall,
        out_of_sample,
    )

    try:
        growth = out_of_sample(experiment, tested, spans(folds)).growth
    except ValueError as error:
        return {"max_drawdown": None, "problem": str(error)}
    return {"max_drawdown": deepest_fall(growth)}


def _chosen(runs: Dataset, experiment: Experiment, choices: Sequence[Choice]) -> list[list[RunRow]]:
    """The runs of each choice on its train and on its test window, as dicts."""
    places = np.array(
        [row for choice in choices for row in (choice.inside, choice.outside)], np.int64
    )
    table = take_rows(runs, places, light_columns(runs.schema))
    rows = run_dicts(with_words(table, [experiment]))
    return [rows[place : place + 2] for place in range(0, len(rows), 2)]


def _fold(pool: Pool, metric: str, choice: Choice, chosen: Sequence[RunRow]) -> dict[str, object]:
    """One fold: its windows, what was chosen, and what that came to."""
    inside, outside = chosen
    return {
        "train": pool.windows[choice.train].to_json(),
        "test": pool.windows[choice.test].to_json(),
        "chosen": inside["ref"],
        "tested": outside["ref"],
        **{name: value for name, value in inside.items() if name in _WHAT},
        "in_sample": {name: inside["metrics"][name] for name in _shown(metric, inside)},
        "out_of_sample": {name: outside["metrics"][name] for name in _shown(metric, outside)},
    }


_WHAT = ("strategy", "direction", "params", "settings", "words")


def _shown(metric: str, run: RunRow) -> list[str]:
    wanted = dict.fromkeys([metric, *ANNUAL, "total_return", "max_drawdown", "trades"])
    return [name for name in wanted if name in run["metrics"]]


def _stitched(
    runs: Dataset,
    pool: Pool,
    metric: str,
    choices: Sequence[Choice],
    folds: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The out-of-sample record and the efficiencies; None and nothing without a choice."""
    if not choices:
        return {"stitched": None, "efficiency": {}}
    rows = np.array([choice.outside for choice in choices], np.int64)
    tested = take_rows(runs, rows, [*BLOCK_SUMS, "total_return"])
    sums, squares = block_sums(tested)
    bars = np.array([fold["test"]["stop"] - fold["test"]["start"] for fold in folds], np.int64)
    total = tested["total_return"].to_numpy().astype(np.float64)
    record = stitch(
        sums,
        squares,
        bars,
        total,
        pool.periods_per_year,
        flat=max(0, folds[-1]["test"]["stop"] - folds[0]["test"]["start"] - int(bars.sum())),
        years=_years(folds),
        risk_free=pool.groups[0].number("risk_free", 0.0),
    )
    ratios = {}
    for name in dict.fromkeys(["annual_return", metric]):
        if name in ANNUAL:
            inside, outside = (
                np.array([fold[side][name] for fold in folds], np.float64)
                for side in ("in_sample", "out_of_sample")
            )
            ratios[name] = efficiency(inside, outside)
    span = {"first": folds[0]["test"].get("first"), "last": folds[-1]["test"].get("last")}
    return {"stitched": span | asdict(record), "efficiency": ratios}


def _years(folds: Sequence[Mapping[str, Any]]) -> float | None:
    """Years from the first test bar to the end of the last, as the kernels count; None: unknown."""
    first, last = folds[0]["test"].get("first"), folds[-1]["test"].get("last")
    bars = int(folds[-1]["test"]["stop"] - folds[0]["test"]["start"])
    if not (first and last) or bars < 2:
        return None
    elapsed = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return float(elapsed.total_seconds() / YEAR * bars / (bars - 1))
