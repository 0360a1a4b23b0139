"""Sweeps on many symbols are shown as one answer, not symbol by symbol."""

import io

import pytest
from rich.console import Console

from promote.candidates.selection import Needs
from promote.candidates.suggested import passed_over
from store.query.results import Results
from store.report.build_view import collect
from store.report.html import render
from store.report.markdown import summary as markdown
from store.runs.reader import Shelf
from sweeper.run.events import Finished
from sweeper.sweep import sweep_cells
from sweeper.terminal.outcome import show_outcome
from sweeper.terminal.preflight import _show_size
from tests.sweeper.planned import make_cell, make_plan

KINDS = ["trend", "garch", "regime", "mean_reversion"]
SWEEPS = ("params.fast=2,4,6", "params.slow=10,20")


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    root = tmp_path_factory.mktemp("many")
    data = {"source": "synthetic", "kind": KINDS, "bars": 400, "seed": 1}
    given = {"data": data, "store": {"root": str(root)}, "executor": "inline"}
    return make_cell(*SWEEPS, **given)


@pytest.fixture(scope="module")
def results(cell):
    sweep_cells([cell], ["python", "-m", "sweeper", "-m", "data.symbols=[]", *SWEEPS])
    return Results(cell.config.store.root)


def shown(action, width=80):
    console = Console(file=io.StringIO(), width=width)
    action(console)
    return console.file.getvalue()


def test_the_plan_is_a_line_for_each_strategy(cell):
    text = shown(lambda console: _show_size(console, make_plan(cell)))
    assert len([line for line in text.splitlines() if line.startswith("sma")]) == 1
    assert text.count("windows of") == 1


def test_a_finished_sweep_shows_the_configurations_first(cell, results):
    plan, experiment = make_plan(cell), results.resolve("latest").experiment
    finished = Finished(results.root, experiment, plan)
    text = shown(lambda to: show_outcome(to, finished, "table"))
    assert text.index("median sharpe") < text.index(f"({experiment.id})")
    for name in ("base", "hold"):
        (line,) = [line for line in text.splitlines() if line.startswith(name)]
        assert "median" in line
    best = results.by_configuration(n=1)[0]
    medians = results.runs().to_pandas().groupby(["params.fast", "params.slow"]).sharpe.median()
    assert best["median"] == pytest.approx(medians.max())


def test_the_report_begins_with_the_configurations(results):
    view = collect(results.root, "latest")
    best = results.by_configuration(n=1)[0]
    assert view.by_configuration[0] == best
    assert view.peaks[0].family == "sma · median of 4 symbols · long"
    assert [heat.group for heat in view.heat_maps].count(view.peaks[0].family) == 1
    page = render(view)
    assert page.index('id="configurations-section"') < page.index('id="equity-section"')
    words = " ".join(f"{name}={value}" for name, value in best["params"].items())
    text = markdown(view)
    assert text.index("| above 0 | symbols |") < text.index(f"| 1 | sma long | {words} |")
    assert text.index(f"| 1 | sma long | {words} |") < text.index("trades |")


def test_the_gate_says_why_it_judges_one_symbol(results):
    experiment = results.resolve("latest").experiment
    said = passed_over(Shelf(results.root), experiment, [], "exp/1", Needs())
    assert said.endswith(
        "it is the best over all symbols together, the gate judges one symbol at a time."
    )
