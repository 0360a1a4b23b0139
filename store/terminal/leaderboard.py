"""The best runs as a terminal table, and what to think of them.

Percent appear here and nowhere else: stored numbers are fractions.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from store.analysis.pareto import ENDS, goals
from store.commands import SWEEPER, line
from store.luck.sentences import paragraph
from store.query.results import Results
from store.records.experiment import Experiment, objective
from store.records.group import is_test
from store.runs.by_configuration import TEST
from store.runs.complexity_penalty import COUNT, PENALISED
from store.terminal.collapsed_rows import collapsed
from store.terminal.fitted_table import Column, FittedTable
from store.terminal.metric_text import LABELS, cell, label, params_text

WIDE = 125
"""Columns of a terminal from which on the table shows more than the essentials."""

DIGITS = 10
"""Hex digits shown of a config hash: a REF for `show`, unambiguous among a million runs."""

FRONT = 20
"""Configurations of a Pareto front that are shown."""

NAMED = 3
"""Experiments that are named, newest first; more are counted."""

_REFS = {"config": 3, "ref": 2}
"""What names a run in the store, which a narrow terminal has no room for."""
_ESSENTIAL = ("sharpe", "total_return", "max_drawdown", "trades")
_WITH_TEST = ("max_drawdown", "trades")
_MORE = ("sharpe", "sortino", "annual_return", "total_return", "max_drawdown", "win_rate", "trades")

Row = Mapping[str, Any]


def chosen(row: Row) -> dict[str, object]:
    """Choices that make a run: parameters, settings and words, but for its direction."""
    words = {n: value for n, value in row.get("words", {}).items() if n != "direction"}
    return {**row.get("params", {}), **row.get("settings", {}), **words}


@dataclass(frozen=True)
class RunTable:
    """Runs as a table that is readable at 80 columns, and says more in a wide terminal.

    Attributes:
        rows: as `rows.run_dicts` gives them, best first.
        metric: that they are sorted by; its column comes first.
        title: above the table.
        compared: label and run of each row to show below for comparison.
    """

    rows: Sequence[Row]
    metric: str
    title: str = ""
    compared: Sequence[tuple[str, Row]] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay out for the width at hand."""
        wide = options.max_width >= WIDE
        metrics = self._metrics(wide)
        texts = self._texts(wide)
        labelled = [*((str(place), row) for place, row in enumerate(self.rows, 1)), *self.compared]
        words = [
            Column(LABELS.get(name, name), "id" if name in _REFS else "text", _REFS.get(name, 0))
            for name in texts
        ]
        needed = {self.metric, TEST + self.metric, PENALISED + self.metric, *_ESSENTIAL}
        table = FittedTable(
            [
                Column("#", "id"),
                *words,
                Column("params"),
                *(Column(label(name), "number", int(name not in needed)) for name in metrics),
            ],
            self.title,
        )
        for place, (name, row) in enumerate(labelled, 1):
            cells = _cells(name, row, texts, metrics)
            table.add_row(*cells, end_section=place == len(self.rows))
        yield table

    def _metrics(self, wide: bool) -> list[str]:
        """The columns of numbers: what ranks, next to it the same on test windows if there are any.

        With a penalty what it leaves ranks, and stands next to the count and the metric itself.
        """
        tested, penalised = TEST + self.metric, PENALISED + self.metric
        more = ("sharpe", "sharpe_daily", *_MORE[1:]) if any(map(_intraday, self.rows)) else _MORE
        if any(penalised in row["metrics"] for row in self.rows):
            shown = [penalised, COUNT, self.metric, *(more if wide else ())]
        elif not any(tested in row["metrics"] for row in self.rows):
            shown = [self.metric, *(more if wide else _ESSENTIAL)]
        elif wide:
            shown = [self.metric, tested, f"{TEST}total_return", f"{TEST}max_drawdown", *more]
        else:
            shown = [self.metric, tested, *_WITH_TEST]
        return list(dict.fromkeys(shown))

    def _texts(self, wide: bool) -> list[str]:
        """The text columns: those that tell the rows apart."""
        every = [*self.rows, *(row for _, row in self.compared if "window" in row)]
        several = [
            name
            for name in ("direction", "window")
            if len({row[name] for row in every}) > 1
            or any(name in row.get("words", {}) for row in every)
        ]
        # A narrow terminal has room for the hash, or for what tells groups apart.
        reference = ["ref"] if wide else [] if several else ["config"]
        return [*reference, "strategy", "symbol", *several]


def _intraday(row: Row) -> bool:
    """True when bars are shorter than a day; else the daily Sharpe ratio is the Sharpe ratio."""
    daily = row["metrics"].get("sharpe_daily")
    return daily is not None and daily == daily and daily != row["metrics"].get("sharpe")


def _cells(place: str, row: Row, texts: Iterable[str], metrics: Iterable[str]) -> list[str]:
    shown = {**row, "config": str(row.get("config_hash", ""))[:DIGITS]}
    return [
        place,
        *(str(shown.get(name, "")) for name in texts),
        params_text(chosen(row)),
        *(cell(name, row["metrics"].get(name)) for name in metrics),
    ]


def leaderboard(
    results: Results,
    ref: str = "latest",
    n: int = 10,
    buy_and_hold: Mapping[str, Mapping[str, float]] | None = None,
) -> RenderableType:
    """The best runs of an experiment, what to compare them with, and what luck shows.

    Args:
        results: the store.
        ref: an experiment.
        n: how many runs to show.
        buy_and_hold: metrics of holding each symbol over the same windows, by symbol; as in
            `store.runs.by_configuration`, means over the train windows and, named `test_...`, the
            others.

    Returns:
        For rich's `Console.print`.
    """
    experiment = results.resolve(ref).experiment
    metric, _ = objective(experiment)
    best = results.standings(experiment.id, n)
    baselines = results.standings(experiment.id, max(20, len(experiment.groups)), baseline=True)
    compared: list[tuple[str, Row]] = [("base", row) for row in baselines]
    for symbol, metrics in (buy_and_hold or {}).items():
        compared.append(("hold", {"strategy": "buy_hold", "symbol": symbol, "metrics": metrics}))
    table = RunTable(best, metric, f"{experiment.name} ({experiment.id})", collapsed(compared))
    top = results.standings(experiment.id, 1, metric="sharpe")
    sharpe = top[0]["metrics"]["sharpe"] if top else math.nan
    text = (
        ranking_note(experiment),
        paragraph(experiment, sharpe, results.root),
        elsewhere(experiment),
    )
    return Group(table, *(Text(words) for words in text if words))


def ranking_note(experiment: Experiment) -> str:
    """Note on the columns of a leaderboard; nothing when there is one window."""
    roles = list(dict.fromkeys(w.role for g in experiment.groups for w in g.windows))
    if len(roles) < 2:
        return ""
    trains, tests = ([role for role in roles if is_test(role) is kind] for kind in (False, True))
    text = f"Every column is {_over(trains)}"
    return f"{text}; a test column is {_over(tests)}, and decides nothing." if tests else f"{text}."


def _over(roles: Sequence[str]) -> str:
    if len(roles) == 1:
        return f"of window {roles[0]}"
    return f"the mean over the {len(roles)} windows {roles[0]} to {roles[-1]}"


def elsewhere(experiment: Experiment) -> str:
    """Sentence on the origin of runs that were not made again; empty when all were."""
    skipped, makers = experiment.counts.get("skipped", 0), made_by(experiment)
    if not skipped:
        return ""
    if makers:
        total = experiment.counts.get("planned", skipped)
        share = f"All {total:,}" if skipped == total else f"{skipped:,} of the {total:,}"
        return f"{share} runs were made before, by {makers}."
    ids = _named(experiment.history.origins)
    return ids and (
        f"{skipped:,} runs are not here: they are in {ids}, or equal the baseline. The same "
        "command as for this experiment brings them in."
    )


def made_by(experiment: Experiment) -> str:
    """The experiments that have made some of the runs of another one, by id; empty without any."""
    if not experiment.history.brought:
        return ""
    return _named(experiment.history.origins)


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"{', '.join(ids[:NAMED])}{more}"


def suggestion_lines(suggestion: Mapping[str, Any] | None) -> list[str]:
    """Lines of `Results.suggestion`, which are not to be broken."""
    if suggestion is None:
        return []
    metric = suggestion["metric"]
    own, median = (cell(metric, suggestion[name]) for name in ("own", "median"))
    where, figure = suggestion["ref"], label(metric)
    if suggestion.get("symbols", 1) > 1:
        where = f"over {suggestion['symbols']:,} symbols, {params_text(suggestion['params'])}"
        figure = f"median {figure}"
    lines = [
        f"Next: the middle of the best plateau, {where}: {figure} {own}, "
        f"median of {suggestion['neighbours']} neighbours {median}",
        f"  {line(*SWEEPER, *suggestion['overrides'])}",
    ]
    if suggestion["weights"]:
        lines.append(f"  weights, medians of the plateau: {params_text(suggestion['weights'])}")
    return [*lines, suggestion["advice"]]


def front_table(results: Results, experiment: Experiment) -> RenderableType:
    """The configurations that none beats in all metrics that were searched for."""
    searched = goals(experiment)
    rows = results.front(experiment.id)
    text = " and ".join(f"{ENDS[mode]} {metric.replace('_', ' ')}" for metric, mode in searched)
    title = f"{len(rows)} configurations that none beats in {text}"
    shown = RunTable(rows[:FRONT], searched[0][0], title=title)
    more = len(rows) - FRONT
    return Group(shown, Text(f"{more} more: --json shows them")) if more > 0 else shown
