"""Outcome of a finished sweep: the leaderboard or JSON, and where its report is."""

from dataclasses import asdict

from rich.console import Console

from store.analysis.pareto import goals
from store.commands import store_line
from store.files.foreign_text import Screen
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.symbols import has_many
from store.replay.buy_and_hold import hold_metrics, hold_settings
from store.runs.plain import to_json
from store.terminal.configuration_table import ConfigurationTable, configurations_title
from store.terminal.leaderboard import front_table, leaderboard, suggestion_lines
from sweeper.evaluate.kernel_call import prepared
from sweeper.plan.described_windows import described_windows
from sweeper.plan.plan import Plan
from sweeper.run.events import Finished

SHOWN = 10

SLOW_TO_RANK = 200_000
"""Runs from which on merging them, and the search for plateaus, takes seconds, and is said."""


def show_outcome(console: Console, finished: Finished, output: str) -> None:
    """Print the best runs of an experiment next to its baselines and holding the asset.

    Args:
        console: for words; JSON goes to standard output.
        finished: the experiment that has ended.
        output: table or json.
    """
    root, experiment = finished.root, finished.experiment
    results = Results(root)
    if output == "json":
        best = results.standings(experiment.id, SHOWN)
        shown: dict[str, object] = {
            "experiment": experiment.id,
            "counts": experiment.counts,
            "luck": experiment.luck or None,
            "top": best,
            "suggestion": results.suggestion(experiment.id),
        }
        if has_many(experiment):
            shown["by_configuration"] = results.by_configuration(experiment.id, n=SHOWN)
        if note := results.required(experiment.id):
            shown["required"] = note
        if searched := goals(experiment):
            shown |= {"goals": searched, "front": results.front(experiment.id)}
        Screen(soft_wrap=True).print_json(to_json(shown))
    else:
        _show_tables(console, results, experiment, finished.plan)
    if finished.report is not None:
        console.print(f"Report: {finished.report}\n  open it in a browser; it needs no network")
    about = store_line("show", experiment.id, root=root)
    console.print(f"All about it: {about}", soft_wrap=True, markup=False, highlight=False)


def _show_tables(console: Console, results: Results, experiment: Experiment, plan: Plan) -> None:
    """Print the leaderboards, and what to look at next."""
    if has_many(experiment):
        rows = results.by_configuration(experiment.id, n=SHOWN)
        title = configurations_title(rows, experiment.name)
        console.print(ConfigurationTable(rows, title), "")
    console.print(leaderboard(results, experiment.id, SHOWN, hold(plan)))
    for note in filter(None, (_ended_early(experiment, plan), results.required(experiment.id))):
        console.print(note, soft_wrap=True, markup=False, highlight=False)
    if goals(experiment):
        console.print(front_table(results, experiment))
    if experiment.counts["planned"] >= SLOW_TO_RANK:
        console.print(f"Looking for plateaus among {experiment.counts['planned']:,} runs ...")
    for line in suggestion_lines(results.suggestion(experiment.id)):
        console.print(line, soft_wrap=True, markup=False, highlight=False)


def _ended_early(experiment: Experiment, plan: Plan) -> str:
    """That a learner ran less than was planned; empty when all of it ran."""
    made = experiment.counts["planned"]
    kinds = {group.cell.config.search.kind for group in plan.groups if group.learns}
    if not kinds or made >= plan.runs:
        return ""
    return (
        f"search={','.join(sorted(kinds))} ended after {made:,} of {plan.runs:,} runs: it has no "
        "point left to propose that has not run"
    )


def hold(plan: Plan) -> dict[str, dict[str, float]]:
    """Metrics of buying each symbol at the start of a window and holding it to its end.

    As in `store.runs.by_configuration`: means over train windows, and as `test_...` over test
    windows.
    """
    return {
        group.series.symbol: hold_metrics(
            prepared(group),
            hold_settings(asdict(group.settings)),
            described_windows(group),
        )
        for group in plan.groups
    }
