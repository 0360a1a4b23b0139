"""A penalty on parameters: what counts, and that ranking takes it off."""

import io
import json
import math

import pytest
from rich.console import Console
from typer.testing import CliRunner

from kernels import METRICS
from store.cli.app import app
from store.errors import StoreError
from store.query.results import Results
from store.runs.complexity_penalty import Penalty
from store.runs.plain import run_dicts
from store.terminal.leaderboard import RunTable
from tests.store.made_runs import add_blocks, filled, new_experiment, run_table

RULES = ("sma", "rsi")
WINDOWS = [{"role": "dev", "start": 0, "stop": 4025}]


def group(strategy, first, **fixed):
    return {
        "strategy": strategy,
        "symbol": "NASDAQ",
        "points": 20,
        "runs": 20,
        "windows": WINDOWS,
        "first_run": first,
        "fixed": {f"risk.{name}": value for name, value in fixed.items()},
    }


@pytest.fixture
def root(tmp_path):
    """Three rules of two params, with 0, 1 and 2 risk settings held on; one of three params."""
    plain = new_experiment(
        tmp_path,
        id="exp-20260102-030405-0001",
        groups=[
            group("sma", 0, stop_loss=None),
            group("sma", 20, stop_loss=0.05, take_profit=None),
            group("sma", 40, stop_loss=0.05, take_profit=0.1),
        ],
    )
    add_blocks(tmp_path, plain, [run_table(plain.id, first, 20) for first in (0, 20, 40)])
    swept = new_experiment(
        tmp_path,
        id="exp-20260103-030405-0002",
        created="2026-01-03T00:00:00.000000+00:00",
        groups=[group("rsi", 0, take_profit=0.1, stop_loss=0.02)],
    )
    params = {"period": int, "oversold": float, "overbought": float}
    stops = [None, math.nan, *[0.05] * 18]  # not swept; off; on
    table = run_table(
        swept.id, 0, 20, 1, params, ("risk.stop_loss", "costs.commission"),
        strategy="rsi", **{"risk.stop_loss": stops},
    )  # fmt: skip
    add_blocks(tmp_path, swept, [table])
    return tmp_path


def by_run(found):
    return {(run["experiment_id"][-1], run["run"]): run["metrics"] for run in run_dicts(found)}


def test_params_and_risk_settings_in_use_are_counted(root):
    found = by_run(Results(root).top("sharpe", 100, penalty=0.1))
    counts = {key: metrics["parameters"] for key, metrics in found.items()}
    assert {counts["1", run] for run in range(20)} == {2}
    assert {counts["1", run] for run in range(20, 40)} == {3}
    assert {counts["1", run] for run in range(40, 60)} == {4}
    assert (counts["2", 0], counts["2", 1], counts["2", 2]) == (5, 4, 5)


@pytest.mark.parametrize(("metric", "sign"), [("sharpe", 1), ("max_drawdown", -1)])
@pytest.mark.parametrize("each", [0.01, 0.3])
def test_each_parameter_has_to_earn_its_keep(root, metric, sign, each):
    results = Results(root)
    every = list(by_run(results.top(metric, 100, penalty=each)).items())
    for _, one in every:
        assert one[f"penalised_{metric}"] == one[metric] - sign * each * one["parameters"]
    ranks = [sign * one[f"penalised_{metric}"] for _, one in every]
    assert ranks == sorted(ranks, reverse=True)
    assert list(by_run(results.top(metric, 7, penalty=each))) == [key for key, _ in every[:7]]


def test_without_a_penalty_nothing_is_added(root):
    found = Results(root).top("sharpe", 100)
    assert tuple(run_dicts(found)[0]["metrics"]) == METRICS
    assert "parameters" not in found.column_names
    one = Results(root).top("sharpe", 100, "exp-20260102-030405-0001", penalty=1e-300)
    without = Results(root).top("sharpe", 100, "exp-20260102-030405-0001")
    assert one["run"].equals(without["run"])


def test_runs_whose_record_has_no_groups_count_their_params(tmp_path):
    filled(tmp_path, blocks=1, groups=[])
    assert set(Results(tmp_path).top("sharpe", 5, penalty=0.1)["parameters"].to_pylist()) == {2}


def test_no_runs_have_no_count():
    table = run_table("exp-20260102-030405-0001", n=0)
    assert Penalty(0.1, []).count(table).tolist() == []


@pytest.mark.parametrize("each", [-0.1, math.nan, math.inf])
def test_a_penalty_is_a_number_and_no_reward(root, each):
    with pytest.raises(StoreError, match="penalty: must be 0 or more, in units of sharpe, got"):
        Results(root).top("sharpe", penalty=each)


def test_the_verb(root):
    call = lambda *words: CliRunner().invoke(app, ["top", "sharpe", *words, "--root", str(root)])  # noqa: E731
    rows = json.loads(call("--penalty", "0.3", "--json").stdout)
    assert [row["metrics"]["parameters"] for row in rows] == [
        one["parameters"] for one in by_run(Results(root).top("sharpe", 10, penalty=0.3)).values()
    ]
    assert "parameters" in call("--penalty", "0.3").stdout
    refused = call("--penalty", "-1")
    assert refused.exit_code == 2
    assert refused.stderr == "penalty: must be 0 or more, in units of sharpe, got -1\n"


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_shows_what_ranks_the_count_and_the_metric(root, width):
    rows = run_dicts(Results(root).top("sharpe", 3, penalty=0.3))
    console = Console(file=io.StringIO(), width=width)
    console.print(RunTable(rows, "sharpe"))
    shown = console.file.getvalue()
    assert all(word in shown for word in ("penalised", "parameters", "sharpe"))
    best = rows[0]["metrics"]
    assert f"{best['penalised_sharpe']:.2f}" in shown
    assert f"{best['sharpe']:.2f}" in shown
    assert ("max DD %" in shown) is (width == 160)
