"""Metrics of the user's own: columns like any other, errors as for a strategy."""

import json
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from kernels.registry import load
from store.query.results import Results
from store.records.experiment import every
from store.runs.blocks import read_block
from sweeper.plan.custom_metrics import load_metric
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "strategies.md").read_text()
PRINTED = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)[1]
COMMAND = re.findall(r"```bash\n(.*?)```", DOCS, re.DOTALL)[1]
OURS = """
from numba import njit

@njit
def last(equity, trades, periods_per_year):
    return equity[-1]

def how_many(equity, trades, periods_per_year):
    return len(trades)

def gained(equity, trades, periods_per_year):
    equity[:] = 0.0
    return trades["pnl"].sum()

def year(equity, trades, periods_per_year):
    return periods_per_year

def fragile(equity, trades, periods_per_year):
    if equity[-1] > 12_000.0:
        raise ValueError("too good")
    return 1.0

def broken(equity, trades, periods_per_year):
    return 1 / 0

def words(equity, trades, periods_per_year):
    return "good"

def short(equity):
    return 1.0

number = 3
"""
SWEEP = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    """The command line in a folder that has my_numbers.py, from which Python imports."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    Path("my_numbers.py").write_text(OURS)
    yield lambda *args: run_cli(monkeypatch, capsys, *args)
    for name in [name for name in sys.modules if name.startswith(("my_numbers", "my_quant"))]:
        del sys.modules[name]


def runs_of(folder):
    return Results(folder / "results").runs("latest")


def test_the_printed_metric_runs_as_printed(cli, tmp_path):
    Path("my_quant").mkdir()
    Path("my_quant/metrics.py").write_text(PRINTED)
    ended = cli(*[word.strip("'") for word in COMMAND.split()[3:]])
    assert (ended.code, ended.err) == (0, "")
    values = runs_of(tmp_path)["metrics.tail_ratio"].to_numpy()
    assert len(values) == 11
    assert np.all(np.diff(values) <= 0)  # best first
    assert np.all((values > 0.5) & (values < 2.0))


def test_they_see_what_the_kernels_see(cli, tmp_path):
    names = [f"my_numbers:{name}" for name in ("last", "how_many", "gained", "year")]
    ended = cli(*SWEEP, f"metrics=[{','.join(names)}]", "risk.stop_loss=null,0.05")
    assert ended.code == 0, ended.err
    runs = runs_of(tmp_path)
    assert runs["metrics.last"].to_pylist() == runs["final_equity"].to_pylist()
    assert runs["metrics.how_many"].to_pylist() == runs["trades"].to_pylist()
    gained = runs["final_equity"].to_numpy() - 10_000.0
    np.testing.assert_allclose(runs["metrics.gained"].to_numpy(), gained, rtol=1e-9, atol=1e-6)
    assert set(runs["metrics.year"].to_pylist()) == {252.0}


def test_a_sweep_can_rank_by_one(cli, tmp_path):
    args = ("metrics=[my_numbers:how_many]", "search.metric=metrics.how_many", "search.mode=min")
    ended = cli(*SWEEP, *args)
    assert ended.code == 0, ended.err
    assert "best metrics.how_many" in ended.out
    trades = runs_of(tmp_path)["trades"].to_pylist()
    assert trades == sorted(trades)
    top = Results(tmp_path / "results").top("metrics.how_many", 1)
    assert top["trades"].to_pylist() == [trades[-1]]


def test_one_backtest_shows_it(cli):
    args = ("params.fast=10", "metrics=[my_numbers:last]")
    found = json.loads(cli(*args, "output=json").out)["NASDAQ"]
    assert found["metrics.last"] == found["final_equity"]
    assert "metrics.last" in cli(*args).out


def test_where_it_raises_there_is_an_error_row(cli, tmp_path):
    assert cli(*SWEEP, "metrics=[my_numbers:how_many]").code == 0
    equity = runs_of(tmp_path)["final_equity"].to_numpy()
    assert cli(*SWEEP, "metrics=[my_numbers:fragile]").code == 0
    (experiment, _) = every(tmp_path / "results")
    assert 0 < experiment.counts["failed"] == (equity > 12_000.0).sum()
    assert experiment.counts["done"] == (equity <= 12_000.0).sum() == runs_of(tmp_path).num_rows
    folder = tmp_path / "results" / "v1" / experiment.id / "errors"
    (error, *_) = read_block(folder, 0)["error"].to_pylist()
    assert error.startswith("ValueError: metric my_numbers:fragile: ValueError: too good (")


def test_an_edit_of_its_file_runs_again(cli, tmp_path):
    cli(*SWEEP, "metrics=[my_numbers:last]")
    assert "holds all of these" in cli(*SWEEP, "metrics=[my_numbers:last]").out
    Path("my_numbers.py").write_text(OURS + "# edited\n")
    del sys.modules["my_numbers"]
    cli(*SWEEP, "metrics=[my_numbers:last]")
    assert len(every(tmp_path / "results")) == 2


def test_it_is_pickled_as_its_path(cli):
    metric = load_metric("my_numbers:last")
    data = pickle.dumps(metric)
    assert len(data) < 100
    assert pickle.loads(data).source_hash == metric.source_hash  # our own bytes
    assert metric.source_hash != load("sma").source_hash


BAD = {
    "no colon": ("my_numbers.last", "metrics: need my_quant.metrics:tail_ratio"),
    "a path": ("../my_numbers:last", "metrics: need my_quant.metrics:tail_ratio"),
    "no module": ("my_nowhere:last", "cannot import its module: ModuleNotFoundError"),
    "no function": ("my_numbers:lost", "my_numbers has no function lost"),
    "a number": ("my_numbers:number", "my_numbers has no function number"),
    "arguments": ("my_numbers:short", r"must take \(equity, trades, periods_per_year\), got"),
    "twice": ("my_numbers:last,my_numbers:last", "metrics: metrics.last is there twice"),
    "words": ("my_numbers:words", "metric my_numbers:words: .*'good'"),
    "raises": ("my_numbers:broken", r"ZeroDivisionError: .* \(.*my_numbers\.py, line 24\)"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_one_is_one_line_and_leaves_nothing(cli, fault):
    given, message = BAD[fault]
    ended = cli(*SWEEP, f"metrics=[{given}]")
    assert (ended.code, ended.out) == (2, "")
    assert re.search(message, ended.err), ended.err
    assert ended.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["my_numbers.py"]


def test_an_own_metric_that_is_not_there_cannot_rank(cli):
    ended = cli(*SWEEP, "search.metric=metrics.last")
    assert (ended.code, "search.metric: must be one of" in ended.err) == (2, True)
