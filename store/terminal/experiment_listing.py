"""Experiments as a terminal table, a line each; nothing heavy is imported for it."""

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from store.records.experiment import Experiment
from store.terminal.fitted_table import Column, FittedTable, texts


def experiments_listing(experiments: Sequence[Experiment], none: str) -> RenderableType:
    """One line per experiment, newest first; `none` when there is none."""
    if not experiments:
        return Text(none)
    table = FittedTable(
        [
            Column("experiment", "id"),
            *texts("name", "status", "counts"),
            Column("seconds", "number"),
            Column("tags"),
        ]
    )
    for experiment in experiments:
        table.add_row(
            experiment.id,
            experiment.name,
            experiment.status,
            counts_text(
                {n: c for n, c in experiment.counts.items() if c or n in ("planned", "done")}
            ),
            f"{experiment.seconds:,.1f}",
            ", ".join(experiment.tags),
        )
    return table


def counts_text(counts: Mapping[str, int]) -> str:
    """Counts by name in one cell: `5 planned, 5 done`."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
