"""The lines of a report's leaderboard, and of what stands next to them."""

import math
from collections.abc import Sequence

import numpy as np

from store.analysis.best_plateau import Peak
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.report.equity import draw_equity
from store.report.view_model import Entry, Equity, Role
from store.runs.columns import short
from store.runs.plain import run_dicts
from store.terminal.metric_text import number_text

MOST = 1_000_000
"""Baselines, one of each group: all there are."""


def compared(
    results: Results,
    experiment: Experiment,
    drawn: RunRow,
    ranked: Sequence[RunRow],
    peaks: Sequence[Peak],
) -> tuple[tuple[Entry, ...], Equity]:
    """The leaderboard with what stands next to it, and the curves of the run to draw."""
    compared: dict[Role, RunRow] = {}
    if centre := _centre(results, experiment, drawn, peaks):
        compared["centre"] = centre
    if baseline := _beside(drawn, run_dicts(results.best(experiment.id, MOST, baseline=True))):
        compared["baseline"] = baseline
    equity, held = draw_equity(experiment, drawn, compared)
    same = _beside(drawn, results.standings(experiment.id, MOST, baseline=True))
    entries = [*map(entry, ranked)]
    if centre:
        entries.append(entry(results.standing(centre["ref"]), "centre"))
    entries += [entry(same, "baseline")] if same else []
    return (*entries, *([held] if held else [])), equity


def _centre(
    results: Results, experiment: Experiment, drawn: RunRow, peaks: Sequence[Peak]
) -> RunRow | None:
    """The run in the middle of the best plateau of a run's family, unless it is that run."""
    layout = Layout.of(experiment.groups)
    group = layout.group(np.array([drawn["run"], *(peak.run for peak in peaks)]))
    for peak, place in zip(peaks, group[1:], strict=True):
        if place == group[0] and peak.run != drawn["run"]:
            return run_dicts(results.runs(f"{experiment.id}/{peak.run}"))[0]
    return None


def _beside(run: RunRow, baselines: Sequence[RunRow]) -> RunRow | None:
    """The baseline of a run's strategy, symbol, direction and window, unless it is that run."""
    for baseline in baselines:
        if _who(baseline) == _who(run):
            return None if baseline["run"] == run["run"] else baseline
    return None


def _who(run: RunRow) -> tuple[str, ...]:
    return run["strategy"], run["symbol"], run["direction"], run["window"]


def entry(run: RunRow, role: Role | None = None) -> Entry:
    """One line: a run, or a configuration as `store.runs.by_configuration` tells it."""
    return Entry(
        role=role,
        run=run["run"],
        strategy=run["strategy"],
        symbol=run["symbol"],
        direction=run["direction"],
        window=run["window"],
        params={short(name): value for name, value in (run["params"] | run["settings"]).items()},
        words={
            name: number_text(value)
            for name, value in run.get("words", {}).items()
            if name != "direction"
        },
        metrics={n: math.nan if v is None else float(v) for n, v in run["metrics"].items()},
    )
