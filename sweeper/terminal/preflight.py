"""Pre-flight page of a sweep: how much, how long, and what luck alone would reach."""

from rich.console import Console

from store.analysis.enough_bars import too_few
from store.analysis.expected_max_sharpe import effective_bars
from store.luck import sentences
from store.luck.record import Luck
from store.records.group import is_test
from store.records.symbols import MANY, symbols_text
from store.runs.columns import short
from store.terminal.fitted_table import Column, FittedTable, numbers, texts
from store.terminal.leaderboard import made_by
from store.terminal.window_tables import windows_tables
from sweeper.evaluate.calibration import Estimate
from sweeper.evaluate.engine_share import engines_line
from sweeper.evaluate.lookahead import foresight_notes
from sweeper.evaluate.luck_line import too_large
from sweeper.plan.described_windows import described_windows
from sweeper.plan.plan import Group, Plan
from sweeper.plan.proposals import Proposals
from sweeper.run.events import Planned
from sweeper.space.axes import Axis

MANY_RUNS = 1_000_000

MANY_CONFIGURATIONS = 2_880
"""6 x 6 x 5 x 4 x 4 values: a grid of everything; 4 x 4 x 3 of an idea are 48."""

MANY_AXES = 4
"""Numbers swept at once; with more, something fits any history."""


LONG_AXIS = 24
"""Letters of an axis from which it may have to wrap."""


def show_preflight(console: Console, planned: Planned) -> None:
    """Print the plan of an experiment."""
    plan, experiment, history = planned.plan, planned.experiment, planned.history
    console.print(f"\n[bold]{experiment.name}[/]  {experiment.id}")
    if experiment.hypothesis:
        console.print(f"Hypothesis: {experiment.hypothesis}")
    _show_size(console, plan)
    if planned.stored:
        about = "" if history.exact else "about "
        source = made_by(experiment)
        source = f", from {source}" if source else ""
        console.print(
            f"{about}{planned.stored:,} of them are in the store already{source}; "
            f"{about}{planned.left:,} to run"
        )
    rungs = planned.rungs
    if rungs is not None:
        console.print(
            f"search.prune={rungs.factor}: after each of {rungs.rungs - 1} rungs one configuration "
            f"in {rungs.factor} goes on; about {100 * rungs.share:.0f} % of the runs are made"
        )
    work = f"About {_duration(planned.seconds)} of work {planned.where.words}"
    console.print(f"{work}, in {planned.blocks:,} blocks")
    if engines := engines_line(plan.groups):
        console.print(engines)
    if history.tried:
        names = dict.fromkeys(group.cell.strategy.name for group in plan.groups)
        console.print(
            f"{history.tried:,} configurations of {', '.join(names)} were tried on this data before"
        )
    if (luck := Luck.of(experiment)) is not None:
        console.print(f"{sentences.line(luck)}\n{sentences.measured(luck)}")
    for note in dict.fromkeys(_notes(planned, luck)):
        console.print(f"Note: {note}")
    if plan.runs > MANY_RUNS:
        console.print(f"More than {MANY_RUNS:,} runs: search=random finds as good a region sooner")


def _notes(planned: Planned, luck: Luck | None) -> list[str]:
    """Notes on a plan, in their order."""
    plan = planned.plan
    return [
        *planned.history.notes,
        *([reason] if (reason := too_large(plan)) else []),
        *_scarce(plan, luck),
        *(note for group in plan.groups for note in group.cell.search.notes),
        *_asking(plan, planned.estimate),
        *_inviting(plan),
        *foresight_notes(plan),
    ]


def _scarce(plan: Plan, luck: Luck | None) -> list[str]:
    """Warning where luck shows on so few bars what a sound edge would."""
    if luck is None:
        return []
    spans = [
        [(window.start, window.stop) for window in group.windows if not is_test(window.role)]
        for group in plan.groups
    ]
    bars, place = max((effective_bars(own), place) for place, own in enumerate(spans))
    year = plan.groups[place].settings.periods_per_year
    note = "" if year is None else too_few(luck, bars, year)
    return [note] if note else []


def _asking(plan: Plan, estimate: Estimate) -> list[str]:
    """Where proposing takes longer than running: how far random would come in that time."""
    notes = []
    for group, seconds in zip(plan.groups, estimate.point_seconds, strict=True):
        search = group.search
        if isinstance(search, Proposals) and search.ask_seconds > seconds:
            asking = search.ask_seconds * search.budget
            tried = round((asking + seconds * search.budget) / seconds, -2)
            notes.append(
                f"search={group.cell.config.search.kind}: proposing {search.budget:,} points takes "
                f"about {asking:.2g} s, running them {seconds * search.budget:.2g} s; in that time "
                f"search=random would run about {tried:,.0f} points"
            )
    return notes


def _inviting(plan: Plan) -> list[str]:
    """Warnings of plans that invite overfitting: many numbers swept, many configurations."""
    notes = []
    for group in plan.groups:
        axes = len(group.cell.space.axes)
        if axes > MANY_AXES:
            notes.append(
                f"{group.cell.strategy.name} sweeps {axes} numbers at once: with that much freedom "
                "something fits any history; fix those that do not carry the idea"
            )
    if plan.configurations > MANY_CONFIGURATIONS:
        notes.append(
            f"{plan.configurations:,} configurations invite overfitting: 48 (4 x 4 x 3) that carry "
            "an idea say more than 2,880 of everything, and the gate counts each one"
        )
    return notes


def _show_size(console: Console, plan: Plan) -> None:
    """Groups, windows, and how many runs they make."""
    console.print(_groups(plan))
    for table in windows_tables((g.series.symbol, described_windows(g)) for g in plan.groups):
        console.print(table)
    symbols = dict.fromkeys(group.series.symbol for group in plan.groups)
    roles = list(dict.fromkeys(w.role for group in plan.groups for w in group.windows))
    text = f"window {roles[0]}" if len(roles) == 1 else f"windows {roles[0]} to {roles[-1]}"
    console.print(
        f"{_count(plan.configurations, 'configuration')}{_baselines(plan)} on "
        f"{symbols_text(symbols)}; {text}: {_count(plan.runs, 'run')}"
    )


def _baselines(plan: Plan) -> str:
    """Sentence on the defaults, which are configurations like others."""
    baselines = sum(len(group.baseline) for group in plan.groups)
    if not baselines or plan.configurations == 1:
        return ", the baseline," * baselines
    return f", the baseline{'s' * (baselines > 1)} among them,"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _groups(plan: Plan) -> FittedTable:
    words = {text: _swept(text) for group in plan.groups for text in group.cell.overrides}
    one_side = len({group.cell.config.strategy.direction for group in plan.groups}) == 1
    heads = [Column("strategy"), Column("side", need=2 * one_side), Column("symbol")]
    heads += [*texts("swept") * any(words.values()), Column("space"), Column("constraint", need=1)]
    table = FittedTable([*heads, *numbers("configurations")])
    for groups in _shown_together(plan):
        cell = groups[0].cell
        own = " ".join(word for text in cell.overrides if (word := words[text]))
        table.add_row(
            cell.strategy.name,
            cell.config.strategy.direction,
            symbols_text(group.series.symbol for group in groups),
            *[own] * any(words.values()),
            "  ".join(map(_swept_values, cell.space.axes)) or "one point",
            str(cell.space.constraint or ""),
            f"{sum(group.runs // len(group.windows) for group in groups):,}",
        )
    return table


def _swept_values(axis: Axis) -> str:
    """Name and values of an axis, as one types them: `fast=range(5,60,1)`."""
    return breakable(f"{short(axis.name)}={axis}")


def breakable(axis: str) -> str:
    """An axis that a narrow column wraps between its values, never within one."""
    return axis.replace(",", ", ").replace("=", " = ") if len(axis) > LONG_AXIS else axis


def _swept(override: str) -> str:
    """A word that tells a group from others, unless another column shows it."""
    shown = ("strategy=", "strategy.direction=", "data.symbols=")
    word = override.lstrip("+")
    return "" if word.startswith(shown) else word


def _shown_together(plan: Plan) -> list[list[Group]]:
    """The groups of each cell, on one line from three symbols on."""
    together: list[list[Group]] = []
    for cell in plan.cells:
        groups = [plan.groups[place] for place in plan.places_of(cell)]
        together += [groups] if len(groups) >= MANY else [[group] for group in groups]
    return together


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
