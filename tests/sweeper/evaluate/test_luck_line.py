"""A sweep's luck line: one number on every page, and of what ran."""

import dataclasses
import json

import numpy as np
import pytest

from kernels import evaluate
from kernels.registry import load as strategy
from promote.candidates.null_bars import null_bars
from store.data import DataSpec, load
from store.luck.histories import Histories
from store.luck.record import Luck
from store.luck.sentences import line
from store.query.results import Results
from store.query.stored_luck import competing, luck_of_runs
from store.records import experiment as experiments
from sweeper.evaluate.luck_line import luck_of
from tests.sweeper.cli import run_cli
from tests.sweeper.planned import DATA, GRID, make_cell, make_plan

SWEEP = ("-m", "executor=inline", "data=nasdaq", "params.fast=5,10,20", "params.slow=50,80")

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("all_histories")]


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*words, code=0):
        ended = run_cli(monkeypatch, capsys, *words)
        assert ended.code == code, ended.err
        return ended.out

    return run


def only(root):
    (experiment,) = experiments.every(root / "results")
    return experiment


def flat(text):
    return " ".join(text.split())


def test_every_page_says_one_number(cli, tmp_path):
    out = flat(cli(*SWEEP, "report=true"))
    experiment = only(tmp_path)
    luck = Luck.of(experiment)
    assert luck.configurations == 6, "the defaults lie on the grid: they are no seventh one"
    words = line(luck)
    assert out.count(words) == 2, "before it starts, and below the leaderboard"
    results = Results(tmp_path / "results")
    best = results.top("sharpe", 1)["sharpe"][0].as_py()
    assert luck.best == pytest.approx(best, abs=1e-4)
    assert luck.chance == pytest.approx(luck.chance_of(best), abs=1e-4)
    assert results.summary()["noise_sharpe"] == experiment.noise_sharpe == luck.mean
    row = results.sql("select noise_sharpe, luck_mean, luck_chance from experiments")
    assert row.limit(1).fetchall() == [(luck.mean, luck.mean, luck.chance)]
    for page in (tmp_path / "reports").iterdir():
        text = page.read_text().replace("−", "-")  # noqa: RUF001 -- the page's minus
        assert f"{luck.mean:.2f} (9 in 10 below {luck.q90:.2f})" in flat(text), page.name
    out = cli(*SWEEP, "output=json")
    told = json.loads(out[out.index("{") :])
    assert told["luck"]["mean"] == luck.mean


def test_the_line_is_the_mean_best_on_bars_that_others_drew():
    """Of the synthetic bars of a plan, by `null_bars` with seeds of its own, before the holdout."""
    plan = make_plan(make_cell(*GRID, data=DATA | {"kind": ["garch"]}))
    luck = luck_of(plan)
    (group,) = plan.groups
    (data,) = load(DataSpec.from_config(dict(group.cell.config.data)))
    numbers, _, _ = group.configurations(0, group.points)
    params = {
        name: numbers[:, group.cell.names.index(f"params.{name}")] for name in ("fast", "slow")
    }
    frame = data.frame.iloc[: len(group.series.times)]
    fresh = [
        evaluate(null_bars(frame, (9, k), mirrored=True), "sma", params, group.settings)["sharpe"]
        for k in range(100)
    ]
    bests = np.array([one.max() for one in fresh])
    error = np.hypot(luck.se, bests.std() / 10)
    assert abs(luck.mean - bests.mean()) < 3 * error
    assert luck.configurations == len(numbers)


def test_the_same_plan_has_the_same_line_however_it_is_cut():
    plan = make_plan(make_cell(*GRID))
    assert luck_of(plan) == luck_of(plan.cut([50] * len(plan.groups)))
    random = {"kind": "random", "n": 30}
    other = luck_of(make_plan(make_cell(*GRID, search=random)))
    assert other.configurations < luck_of(plan).configurations


def test_no_bar_of_the_holdout_is_redrawn():
    plan = make_plan(make_cell(*GRID, holdout=0.5))
    columns = dict(plan.groups[0].series.columns)
    assert len(columns["close"]) == 200
    windows = tuple(dataclasses.replace(w, stop=150) for w in plan.groups[0].windows)
    group = dataclasses.replace(plan.groups[0], windows=windows)
    short = dataclasses.replace(plan, groups=(group,))
    then = luck_of(short)
    columns = {name: np.r_[values[:150], values[150:] * 7] for name, values in columns.items()}
    moved = dataclasses.replace(group, series=dataclasses.replace(group.series, columns=columns))
    assert luck_of(dataclasses.replace(plan, groups=(moved,))) == then


def test_a_record_without_a_line_gets_the_same_from_its_runs(cli, tmp_path):
    cli(*SWEEP, "split=walk_forward", "risk.stop_loss=null,0.1", "data=nasdaq,sp500")
    experiment = only(tmp_path)
    luck = Luck.of(experiment)
    again = luck_of_runs(tmp_path / "results", dataclasses.replace(experiment, luck={}))
    assert again == dataclasses.replace(luck, best=None, chance=None)
    assert (again.configurations, again.histories) == (24, 200)
    sources, everyone = competing(tmp_path / "results", experiment)
    assert [len(one) for one in everyone] == [12, 12]
    assert len(Histories(sources).draw(0)) == 2


def test_a_learner_is_judged_by_what_ran(cli, tmp_path):
    """A space of 12 points, a budget of 50: Optuna repeats itself, and 12 configurations run."""
    out = flat(cli("-m", "executor=inline", "data=nasdaq", "search=bayes", "search.n=50",
                   "params.fast=5,10,20", "params.slow=40,50,60,80"))  # fmt: skip
    first, _, last = out.partition("runs (")
    assert "the best of 12 random points of the space shows" in first
    assert "the best of these 12 shows" in last
    assert "search=bayes ended after 12 of 51 runs: it has no point left to propose" in last
    experiment = only(tmp_path)
    assert experiment.luck["stand_in"] == ""
    assert experiment.luck["configurations"] == 12 == experiments.configurations(experiment)
    assert experiment.luck["chance"] > 0


def test_one_configuration_is_one(cli, tmp_path):
    out = flat(cli("-m", "executor=inline", "data=nasdaq", "params.fast=20", "params.slow=50"))
    assert "this one configuration shows a Sharpe ratio of" in out
    luck = Luck.of(only(tmp_path))
    assert luck.configurations == 1
    assert abs(luck.mean) < 0.15, "nothing was chosen"


def test_what_ran_before_is_named_and_not_mixed_in(cli, tmp_path):
    cli(*SWEEP)
    alone = only(tmp_path).luck
    out = flat(cli(*SWEEP[:3], "params.fast=6,11", "params.slow=50,80"))
    second = experiments.every(tmp_path / "results")[0]
    assert second.luck["configurations"] == 5, "four and the defaults"
    assert "5 more were tried on these bars before." in out  # six less the defaults
    assert second.luck["mean"] != alone["mean"]


def test_a_dry_run_says_it_too(cli, tmp_path):
    out = flat(cli(*SWEEP, "dry_run=true"))
    assert "On bars without skill the best of these 6 shows a Sharpe ratio of" in out
    assert experiments.every(tmp_path / "results") == []


def test_a_sample_of_a_large_grid_stands_for_all(monkeypatch):
    plan = make_plan(make_cell("params.fast=range(2,40)", "params.slow=range(41,200)"))
    whole = luck_of(plan)
    monkeypatch.setattr("store.luck.measuring.SECONDS", 0.5)
    monkeypatch.setattr("store.luck.measuring.SHARE", 0.0)
    part = luck_of(plan)
    assert part.small < part.sample <= part.configurations == plan.configurations
    assert abs(part.mean - whole.mean) < 3 * np.hypot(part.se, whole.se)


def test_an_own_strategy_that_is_slow_is_measured_with_less(tmp_path, monkeypatch):
    (tmp_path / "slow_one.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    own = {"name": "slow_one", "module": "tests_slow.slow_one", "constraint": None}
    (tmp_path / "tests_slow").mkdir()
    (tmp_path / "slow_one.py").rename(tmp_path / "tests_slow" / "slow_one.py")
    assert strategy("tests_slow.slow_one").fields == ("n",)
    plan = make_plan(
        make_cell("params.n=range(2,400)", strategy=own, data=DATA | {"kind": ["trend"]})
    )
    monkeypatch.setattr("store.luck.measuring.SMALL", 50)
    assert luck_of(plan).sample < plan.configurations


SLOW = '''
"""Long after a rise, found slowly."""

from typing import Annotated, NamedTuple

from numba import njit


class Params(NamedTuple):
    """Rounds of doing nothing useful."""

    n: int = 2


ROWS = ()


@njit
def signal(indicators, rows, params, out):
    """Count to 2,000 at every bar."""
    for i in range(out.size):
        total = 0.0
        for k in range(2_000):
            total += (i * k) % 7
        out[i] = 1 if total % 2 < 1 else 0
'''


def test_what_is_required_of_results_is_required_of_luck(cli, tmp_path):
    """Few configurations trade so often: the best of few is lower than the best of all."""
    cli(*SWEEP)
    cli(*SWEEP, "search.require='trades >= 60'")
    asked, free = experiments.every(tmp_path / "results")
    assert asked.luck["configurations"] == free.luck["configurations"] == 6
    assert asked.noise_sharpe < free.noise_sharpe
    assert luck_of_runs(tmp_path / "results", asked).mean == asked.noise_sharpe


def test_of_very_many_symbols_some_stand_for_all(monkeypatch):
    data = DATA | {"kind": ["trend", "garch", "regime", "mean_reversion"]}
    cell = make_cell(*GRID, data=data)
    monkeypatch.setattr("store.luck.measuring.FEWEST_SERIES", 2)
    monkeypatch.setattr("store.luck.measuring.CALL_SECONDS", 1.0)
    plan = make_plan(cell)
    line = luck_of(plan)
    assert line.configurations == plan.configurations
    assert line.sample == plan.configurations // 2
