"""Several metrics that were searched for: what none beats in all of them, among all others."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from store.analysis.parameter_grids import WHO, axis_columns
from store.analysis.pareto import goals, scores
from store.files.arrow_types import Table
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.group import GroupRecord, by_first_run
from store.records.run_numbering import Layout
from store.report.distribution import sample
from store.report.leaderboard_entries import entry
from store.report.number_format import count_text, param_text
from store.report.view_model import TradeOff
from store.runs.columns import short
from store.runs.requirement import Requirement

MOST_DOTS, BEST_DOTS = 2_500, 250
"""Of the dots, those of the best by the first metric; the others are drawn evenly by rank."""
MOST_FRONT, FIRST_FRONT = 300, 50
"""Of the front, the same."""


def trade_off(results: Results, experiment: Experiment, runs: Table) -> TradeOff | None:
    """The front of an experiment, and where all of its configurations lie.

    Args:
        results: the store.
        experiment: its record.
        runs: its `Results.points`.

    Returns:
        None when one metric was searched for, or no configuration has them all.
    """
    searched = goals(experiment)
    front = results.front(experiment.id)
    if not front:
        return None
    layout, numbers = Layout.of(experiment.groups), runs["run"].to_numpy()
    values = scores(runs, layout, searched, Requirement.of(experiment.search))
    finite = np.flatnonzero(layout.first_trains(numbers) & np.isfinite(values).all(axis=1))
    drawn = sample(finite[np.argsort(-values[finite, 0], kind="stable")], MOST_DOTS, BEST_DOTS)
    kept = sample(np.arange(len(front)), MOST_FRONT, FIRST_FRONT)
    counts = {"configurations": (drawn.size, finite.size), "of the front": (kept.size, len(front))}
    x, y = (
        tuple((values[drawn, place] * (1 if mode == "max" else -1)).tolist())
        for place, (_, mode) in enumerate(searched[:2])
    )
    groups = by_first_run(experiment.groups)
    of = [groups[place] for place in layout.group(numbers[drawn]).tolist()]
    names = ["run", *axis_columns(runs.schema)]
    return TradeOff(
        goals=tuple(searched),
        x=x,
        y=y,
        texts=tuple(map(_text, of, runs.select(names).take(drawn).to_pylist())),
        size=len(front),
        front=tuple(entry(front[place]) for place in kept.tolist()),
        note=", ".join(
            f"{count_text(shown)} of {count_text(every)} {what}"
            for what, (shown, every) in counts.items()
            if shown < every
        ),
    )


def _text(group: GroupRecord, row: Mapping[str, Any]) -> str:
    """Which run a row is: `run 42: sma NASDAQ long fast 10`."""
    who = [str(getattr(group, name)) for name in WHO]
    numbers = [
        f"{short(n)} {param_text(v)}" for n, v in row.items() if n != "run" and v is not None
    ]
    return " ".join(filter(None, [f"run {row['run']}:", *who, *numbers]))
