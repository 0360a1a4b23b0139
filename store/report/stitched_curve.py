"""The curve of a walk-forward: its test windows one after the other, next to holding the asset."""

from collections.abc import Mapping, Sequence
from typing import Any

from kernels.jit.array_types import Floats
from store.analysis.stitched_walk_forward import OutOfSample, out_of_sample
from store.analysis.walk_forward_choices import spans
from store.errors import StoreError
from store.query.results import Results
from store.records.comparable_groups import pools
from store.records.experiment import Experiment
from store.report.equity import thin
from store.report.monthly_returns import monthly
from store.report.view_model import Curve, Equity, Record, Role
from store.terminal.window_tables import day

LABELS: dict[Role, str] = {"best": "out of sample", "hold": "buy and hold"}
SHOWN = ("sharpe", "annual_return", "total_return", "max_drawdown")
Walk = Mapping[str, Any]
"""As `store.analysis.walk_forward_choices.walk_forward` gives it."""


def walk_of(experiment: Experiment, run: int, walks: Sequence[Walk]) -> Walk | None:
    """The walk-forward that a run is part of; None of one train and test, or without a choice.

    Args:
        experiment: its record.
        run: its number.
        walks: of `store.analysis.windows.analyse`, one for each pool with folds, in their order.
    """
    folded = [pool for pool in pools(experiment) if pool.folds()]
    for pool, walk in zip(folded, walks, strict=True):
        rolling = pool.windows[pool.folds()[0][1]].role != "test"
        if pool.holds_run(run) and rolling and walk["folds"]:
            return walk
    return None


def stitched_equity(results: Results, experiment: Experiment, walk: Walk) -> Equity:
    """Equity of trading each fold with its choice; a reason where it is not drawn."""
    stitched, folds = walk["stitched"], walk["folds"]
    title = (
        f"Out of sample, {walk['symbol']}, {day(stitched['first'])} to {day(stitched['last'])}: "
        f"each of {len(folds)} test windows traded with what was best on the train window before it"
    )
    try:
        tested = [results.run(fold["tested"]) for fold in folds]
        traded = out_of_sample(experiment, tested, spans(folds))
    except (ValueError, StoreError) as error:
        return Equity(title, problem=f"No equity is drawn. {error}")
    lines: dict[Role, Floats] = {"best": traded.growth, "hold": traded.held}
    shown = thin(list(lines.values()))
    times = tuple(traded.times[shown].strftime("%Y-%m-%d %H:%M"))
    begins = traded.times[list(traded.starts)].strftime("%Y-%m-%d %H:%M")
    return Equity(
        title,
        tuple(
            Curve(role, LABELS[role], times, tuple(line[shown].tolist()))
            for role, line in lines.items()
        ),
        notes=("Dotted lines: a window begins", "Costs included, buy and hold too"),
        months=tuple(
            monthly(role, LABELS[role], traded.times, equity) for role, equity in lines.items()
        ),
        marks=tuple(begins),
        records=_records(stitched, traded),
    )


def _records(stitched: Mapping[str, Any], traded: OutOfSample) -> tuple[Record, ...]:
    """The numbers of both curves."""
    numbers: dict[Role, Mapping[str, float]] = {"best": stitched, "hold": traded.held_metrics}
    return tuple(
        Record(role, LABELS[role], {name: values[name] for name in SHOWN})
        for role, values in numbers.items()
    )
