"""search.require: what does not meet it is run, stored and counted, and ranks nowhere."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from promote.candidates.selection import select
from promote.gate.judge import samples_of
from store.analysis.parameter_grids import families
from store.cli.app import app
from store.ledger import ledger
from store.query.results import Results
from store.records.experiment import every
from store.report.build_view import collect
from store.runs.reader import Shelf
from store.runs.requirement import Requirement
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli

SPACE = ("params.fast=5,10,20,30", "params.slow=50,100,150,200", "executor=inline")
REQUIRE = "trades >= 20 and max_drawdown < 0.54"


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """A store with one sweep, and the rows of it that meet the requirement."""
    root = tmp_path_factory.mktemp("required")
    experiment = sweep(*SPACE, f'search.require="{REQUIRE}"', f"store.root={root}")
    runs = Results(root).runs(experiment.id).to_pandas()
    return root, experiment, runs, runs[(runs.trades >= 20) & (runs.max_drawdown < 0.54)]


def test_every_run_is_made_kept_and_counted(swept):
    root, experiment, runs, met = swept
    assert 0 < len(met) < len(runs) - 1
    assert experiment.counts["planned"] == experiment.counts["done"] == len(runs)
    assert sum(ledger.counts(root).values()) == len(runs)
    assert experiment.search["require"] == [REQUIRE]


def test_only_what_meets_it_ranks(swept):
    root, experiment, runs, met = swept
    assert runs.sharpe.max() > met.sharpe.max(), "the requirement matters"
    results = Results(root)
    ranked = met.sort_values(["sharpe", "run"], ascending=[False, True]).run.tolist()
    assert [row["run"] for row in results.standings(experiment.id, 99)] == ranked
    assert results.best(experiment.id, 99)["run"].to_pylist() == ranked
    assert results.top("sharpe", 99, experiment.id)["run"].to_pylist() == ranked
    assert results.top("sharpe", 99)["run"].to_pylist() == ranked
    assert results.resolve("latest/best").run == ranked[0]
    assert set(results.runs(experiment.id)["run"].to_pylist()[: len(ranked)]) == set(ranked)
    kept = {run for one in families(results.points(), experiment) for run in one.runs.tolist()}
    assert kept <= set(ranked)
    assert collect(root, experiment.id).entries[0].run == ranked[0]


def test_the_suggestion_and_the_gate_choose_among_those(swept):
    root, experiment, _, met = swept
    chosen = int(Results(root).suggestion(experiment.id)["ref"].rpartition("/")[2])
    assert chosen in met.run.tolist()
    samples = samples_of(Shelf(root), Results(root).resolve(experiment.id))
    for by in ("plateau", "sharpe", "calmar"):
        sample, place = select(samples, by)
        assert sample.candidates.run(place)["run"] in met.run.tolist()
    assert sum(len(one.candidates.runs) for one in samples) == experiment.counts["done"]


def test_the_baseline_stands_beside_them_whatever_it_shows(swept):
    root, experiment, runs, _ = swept
    assert len(Results(root).standings(experiment.id, baseline=True)) == runs.baseline.sum() == 1


def test_it_says_how_many_meet_it(swept):
    root, experiment, runs, met = swept
    sentence = f"{len(met)} of {len(runs)} configurations with runs meet search.require"
    assert Results(root).required(experiment.id).startswith(sentence)
    ended = CliRunner().invoke(app, ["summary", "--root", str(root)])
    assert sentence in ended.stdout
    assert any(sentence in one.text for one in collect(root, "latest").cautions)


def test_the_progress_line_shows_the_best_of_those(cli, tmp_path):
    ended = cli("-m", *SPACE, f'search.require="{REQUIRE}"')
    assert ended.code == 0, ended.err
    runs = Results(tmp_path / "results").runs().to_pandas()
    met = runs[(runs.trades >= 20) & (runs.max_drawdown < 0.54)]
    assert f"best sharpe {met.sharpe.max():.4g}" in ended.out


def test_a_list_is_joined_and_another_requirement_is_another_experiment(cli, tmp_path):
    assert cli("-m", *SPACE).code == 0
    ended = cli("-m", *SPACE, "search.require=['trades >= 20','max_drawdown < 0.54']")
    assert ended.code == 0, ended.err
    newer, older = every(tmp_path / "results")
    assert newer.plan_hash != older.plan_hash
    assert newer.search["require"] == ["trades >= 20", "max_drawdown < 0.54"]
    assert "require" not in older.search
    assert newer.counts["done"] <= 1, "only the baseline, if any, is made again"
    runs = Results(tmp_path / "results").runs(newer.id).to_pandas()
    met = runs[(runs.trades >= 20) & (runs.max_drawdown < 0.54)]
    best = Results(tmp_path / "results").best(newer.id, 1)
    assert best["sharpe"][0].as_py() == met.sharpe.max()


def test_windows_are_judged_by_their_means(cli, tmp_path):
    words = ("split=walk_forward", "split.train=4y", "split.test=2y")
    ended = cli("-m", *SPACE, *words, "search.require='trades >= 8'")
    assert ended.code == 0, ended.err
    results = Results(tmp_path / "results")
    runs = results.runs().to_pandas()
    keys = ["params.fast", "params.slow"]
    train = runs[runs.window.str.startswith("train")].groupby(keys)[["sharpe", "trades"]].mean()
    met = train[train.trades >= 8].sharpe
    assert 0 < len(met) < len(train)
    ranked = results.standings("latest", 99)
    assert len(ranked) == len(met)
    assert ranked[0]["metrics"]["sharpe"] == pytest.approx(met.max())
    assert len(results.top("sharpe", 999)) == len(met) * runs.window.str.startswith(
        "train"
    ).sum() / len(train)


def test_nothing_meets_it(cli, tmp_path):
    ended = cli("-m", *SPACE, "search.require='trades > 100000'")
    assert ended.code == 0, ended.err
    assert "None of 16 configurations with runs meet search.require 'trades > 100000'" in ended.out
    assert "best sharpe" not in ended.out
    shown = CliRunner().invoke(app, ["show", "latest/best", "--root", str(tmp_path / "results")])
    assert shown.exit_code == 2
    assert "no run of it meets search.require 'trades > 100000'" in shown.stderr
    assert collect(tmp_path / "results", "latest").entries == ()


REFUSED = {
    "an unknown metric": (
        "search.require='trade >= 10'",
        "no metric 'trade'; did you mean trades?",
    ),
    "a number alone": ("search.require=10", "search.require: need a condition such as"),
    "no condition": ("search.require='trades'", "search.require 'trades': column 1 has a number"),
    "code": ("search.require=\"__import__('os')\"", "search.require"),
    "a list of numbers": ("search.require=[1,2]", "search.require: need a condition such as"),
    "two in one sweep": (
        "search.require='trades > 1','trades > 2'",
        "search.require: one sweep has one, got 'trades > 1' and 'trades > 2'",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_required_is_refused(cli, tmp_path, case):
    word, message = REFUSED[case]
    ended = cli("-m", *SPACE, word)
    assert ended.code == 2, ended.out
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert not every(tmp_path / "results")


@pytest.mark.parametrize("search", ["bayes", "refine"])
def test_learners_end_among_what_meets_it(cli, tmp_path, search):
    ended = cli(
        "-m", "strategy=rsi", "params.period=range(2,40)", "params.oversold=range(5,40)",
        f"search={search}", "search.n=60", "search.require='trades >= 30'", "executor=inline",
        "output=json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    best = json.loads(ended.out)["top"][0]
    assert best["metrics"]["trades"] >= 30


def test_a_metric_that_is_not_known_meets_nothing_but_null():
    columns = {"profit_factor": np.array([np.nan, 1.0, 2.0])}
    for text, met in (
        ("profit_factor > 1.5", [False, False, True]),
        ("not profit_factor > 1.5", [False, True, False]),
        ("profit_factor == null", [True, False, False]),
    ):
        assert Requirement.read(text).met(columns, 3).tolist() == met
    assert Requirement.read(None).met({}, 2).tolist() == [True, True]
