"""The command line: one backtest, a sweep, and every kind of bad input."""

import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from store.query.results import Results
from store.records.experiment import every
from sweeper.backtest import Backtest, run_backtest
from tests.sweeper.cli import run_cli
from tests.sweeper.interrupting import interrupt_after

BAYES = ("-m", "search=bayes", "search.n=60", "params.fast=range(5,60)", "executor=inline")
GRID = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


def test_one_backtest_is_a_table(cli):
    ended = cli("strategy=sma", "params.fast=20", "params.slow=50")
    assert ended.code == 0
    assert "sharpe" in ended.out
    assert "NASDAQ 1999-01-04 to 2014-12-31" in ended.out


def test_one_backtest_on_more_symbols_than_fit_is_a_line_for_each(cli, monkeypatch):
    """With the figures of the table of a symbol by itself."""
    monkeypatch.setenv("COLUMNS", "60")
    kinds = ["trend", "mean_reversion", "regime", "garch"]
    words = ("data=synthetic", "data.bars=300")
    ended = cli(*words, f"data.kind=[{','.join(kinds)}]")
    lines = [line.split() for line in ended.out.splitlines()]
    symbols = [f"SYN-{kind.upper().replace('_', '-')}" for kind in kinds]
    (heading,) = (line for line in lines if line[:1] == ["symbol"])
    assert [line[0] for line in lines if line and line[0] in symbols] == symbols
    assert max(map(len, ended.out.splitlines())) <= 63
    alone = [line.split() for line in cli(*words, "data.kind=[regime]").out.splitlines()]
    expected = {line[0]: line[-1] for line in alone if line}
    row = next(line for line in lines if line[:1] == ["SYN-REGIME"])
    assert row[heading.index("sharpe")] == expected["sharpe"]
    assert row[-1] == expected["trades"]


def test_one_backtest_as_json_is_what_python_gives(cli):
    ended = cli("params.fast=20", "params.slow=50", "holdout=0", "output=json")
    asked = Backtest(strategy="sma", params={"fast": 20, "slow": 50}, holdout=0)
    expected = run_backtest(asked).metrics
    assert json.loads(ended.out)["NASDAQ"] == expected


def test_a_verbose_backtest_logs_every_trade(cli):
    logger = "sweeper.single"
    ended = cli("params.fast=20", "params.slow=50", "holdout=0", f"hydra.verbose=[{logger}]")
    logging.getLogger(logger).setLevel(logging.NOTSET)  # Hydra leaves it at DEBUG
    asked = Backtest(strategy="sma", params={"fast": 20, "slow": 50}, holdout=0)
    trades = run_backtest(asked).trades
    logged = [line for line in ended.out.splitlines() if "NASDAQ dev long at" in line]
    assert len(logged) == len(trades)
    assert "1999-03-26T00:00:00" in logged[0]
    assert logged[0].endswith("signal")


def test_a_sweep_fills_the_store(cli, tmp_path):
    ended = cli(*GRID)
    assert ended.code == 0
    (experiment,) = every(tmp_path / "results")
    assert experiment.status == "done"
    assert experiment.counts == {"planned": 5, "done": 5, "skipped": 0, "failed": 0, "pruned": 0}
    assert experiment.command == ["python", "-m", "sweeper", *GRID]


def test_the_same_command_again_runs_nothing(cli, tmp_path):
    cli(*GRID)
    ended = cli(*GRID)
    assert ended.code == 0
    assert "holds all of these runs" in ended.out
    assert len(every(tmp_path / "results")) == 1


def test_force_runs_again(cli, tmp_path):
    cli(*GRID)
    cli(*GRID, "force=true")
    assert len(every(tmp_path / "results")) == 2


def test_hydra_finds_its_files(cli, tmp_path):
    cli(*GRID, "strategy.direction=long,both", "hydra.sweep.dir=here")
    assert (tmp_path / "here" / "multirun.yaml").exists()
    assert sorted(p.name for p in (tmp_path / "here").iterdir()) == ["0", "1", "multirun.yaml"]
    text = (tmp_path / "here" / "1" / ".hydra" / "overrides.yaml").read_text()
    assert "strategy.direction=both" in text


def test_an_experiment_file_and_the_command_line_mix(cli, tmp_path):
    ended = cli("-m", "+experiment=sma_grid", "params.slow=50", "executor=inline")
    assert ended.code == 0
    (experiment,) = every(tmp_path / "results")
    assert experiment.name == "sma-grid"
    assert experiment.groups[0].space == {"params.fast": "choice(5,10,20,30)"}


def test_several_strategies_use_their_own_spaces(cli, tmp_path):
    ended = cli("-m", "strategy=sma,rsi", "search=random", "search.n=20", "executor=inline")
    assert ended.code == 0
    (experiment,) = every(tmp_path / "results")
    assert [group.strategy for group in experiment.groups] == ["sma", "rsi"]
    assert experiment.counts["planned"] == 42


BAD = {
    "unknown strategy": (
        ["strategy=smaa"],
        "strategy=smaa: there is no such option; did you mean sma?",
    ),
    "unknown parameter": (["-m", "params.fats=5,10"], "did you mean params.fast"),
    "parameter of one strategy only": (
        ["-m", "strategy=sma,rsi", "params.fast=5,10"],
        "params.fast: strategy rsi has no such parameter",
    ),
    "unknown metric": ([*GRID, "search.metric=sharp"], "did you mean sharpe"),
    "unknown data": (["data=nasdak"], "data=nasdak: there is no such option; did you mean nasdaq?"),
    "unknown source": (["data.source=nasdak"], "did you mean nasdaq"),
    "no valid point": (["-m", "params.fast=50,60", "params.slow=20"], "fast < slow"),
    "one invalid point": (["params.fast=60"], "sma: needs fast < slow"),
    "empty range": (["-m", "params.fast=range(5,5)"], "empty"),
    "no draws": (["-m", "search=random", "search.n=0"], "search.n"),
    "grid of an interval": (["-m", "params.fast=int(interval(2,9))"], "search=random"),
    "not a number": (["-m", "params.fast=abc,def"], "params.fast"),
    "fractional length": (["-m", "params.fast=2.5,3"], "params.fast"),
    "length below one": (["-m", "params.fast=0,3"], "at least 1"),
    "missing file": (["data=csv", "data.path=no.csv"], "no.csv"),
    "start after end": (["data.start=2010-01-01", "data.end=2009-01-01"], "is after"),
    "empty dates": (["data.start=2030-01-01"], "0 bars"),
    "holdout of everything": (["holdout=1"], "holdout"),
    "unreachable cluster": ([*GRID, "executor=ray", "ray.address=127.0.0.1:1"], "127.0.0.1:1"),
    "unknown executor": ([*GRID, "executor=gpu"], "auto, inline, local, ray"),
    "sweep without -m": (["params.fast=5,10"], "--multirun"),
    "broken grammar": (["-m", "params.fast=range(5"], "range(5"),
    "a range of words": (["-m", "search.n=range(1,3)", "name=interval(0,1)"], "name"),
    "unknown search": (
        ["-m", "search=bayse"],
        "search=bayse: there is no such option; did you mean bayes?",
    ),
    "unknown kind of search": ([*GRID, "search.kind=bayse"], "did you mean bayes"),
    "unknown sampler": ([*GRID, "search=bayes", "search.sampler=gp"], "tpe, cmaes, nsga2, qmc"),
    "key of another search": ([*GRID, "search=random", "search.sampler=tpe"], "search.sampler"),
    "windows that overlap": (
        [*GRID, "split=train_test", "split.train_end=2010-12-31", "split.test_start=2010-01-04"],
        "split.test_start: 2010-01-04 is not after the end of train, 2010-12-31",
    ),
    "a window that ends first": (
        [*GRID, "split=train_test", "split.train_start=2010-01-04", "split.train_end=2009-12-31"],
        "split.train_end: 2009-12-31 leaves no bar from train_start, 2010-01-04",
    ),
    "folds longer than the data": (
        [*GRID, "split=walk_forward", "split.train=30y", "split.test=1y"],
        "are longer than the",
    ),
    "a holdout of the data": ([*GRID, "data.start=2018-12-20", "holdout=0.9"], "holdout"),
    "negative costs": (["costs.commission=-1"], "commission"),
    "constraint that is code": (
        ["strategy.constraint=\"__import__('os')\"", "params.fast=5"],
        "constraint",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_leaves_nothing(cli, tmp_path, case):
    args, message = BAD[case]
    ended = cli(*args)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert ended.err.count("\n") == 1, ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("link", ["v1", "ledger"])
def test_a_link_out_of_the_store_is_refused(cli, tmp_path, link):
    (tmp_path / "outside").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / link).symlink_to(tmp_path / "outside")
    ended = cli(*GRID)
    assert ended.code == 2
    assert "leads out of the store" in ended.err
    assert ended.err.count("\n") == 1
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_sweep_does_not_go_on_through_a_link(cli, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        interrupt_after(patch, 1)
        cli(*BAYES)
    (experiment,) = every(tmp_path / "results")
    blocks = tmp_path / "results" / "v1" / experiment.id / "blocks"
    blocks.rename(tmp_path / "outside")
    blocks.symlink_to(tmp_path / "outside")
    before = sorted((tmp_path / "outside").iterdir())
    ended = cli(*BAYES)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "blocks: leads out of the store" in ended.err
    assert sorted((tmp_path / "outside").iterdir()) == before


@pytest.mark.parametrize("root", ["file/results", "/proc/results"])
def test_an_unwritable_store_is_refused(cli, root):
    Path("file").write_text("")
    ended = cli(*GRID, f"store.root={root}")
    assert (ended.code, ended.out) == (2, "")
    assert "store.root: cannot write" in ended.err
    assert [path.name for path in Path().iterdir()] == ["file"]


def bars_file(folder, freq, closes):
    """A CSV of bars whose prices are the closes."""
    times = pd.date_range("2021-01-01", periods=len(closes), freq=freq)
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    pd.DataFrame({"time": times, **prices, "volume": 1.0}).to_csv(folder / "x.csv", index=False)
    return ["data=csv", f"data.path={folder / 'x.csv'}", "data.calendar=24/7", "holdout=0"]


def test_a_gain_of_four_days_is_no_figure_a_year(cli, tmp_path):
    """30 % in four days would be 21,065,020,395 % a year."""
    words = bars_file(tmp_path, "D", np.array([10.0, 10.0, 13.0, 13.0, 13.0]))
    words += ["data.timeframe=1d", "strategy=buy_hold", "costs=free"]
    table, as_json = cli(*words), cli(*words, "output=json")
    text = " ".join(table.out.split())
    assert "return % 30.0 CAGR % - " in text
    assert " calmar - " in text
    assert "x: 5 bars last 4 days, less than 30 days: no CAGR and no Calmar ratio" in text
    assert json.loads(as_json.out)["x"]["annual_return"] is None


def test_an_hour_has_no_cagr_and_says_so(cli, tmp_path):
    words = bars_file(tmp_path, "min", np.linspace(100.0, 289.0, 60))
    words += ["data.timeframe=1m", "strategy=buy_hold", "costs=free"]
    table, as_json = cli(*words), cli(*words, "output=json")
    text = " ".join(table.out.split())
    assert "x: 60 bars last 59 minutes, less than 30 days: no CAGR and no Calmar ratio" in text
    assert "CAGR % - " in text
    assert "sortino inf" in text
    found = json.loads(as_json.out)["x"]
    assert (found["annual_return"], found["calmar"]) == (None, None)
    assert (found["sortino"], found["profit_factor"]) == ("inf", "inf")
    assert "less than 30 days" in as_json.err


def test_the_daily_sharpe_ratio_is_shown_of_intraday_bars_only(cli, tmp_path):
    closes = 100 + np.cumsum(np.random.default_rng(2).normal(0, 0.5, 400))
    hours = cli(*bars_file(tmp_path, "h", closes), "data.timeframe=1h", "strategy=buy_hold")
    days = cli(*bars_file(tmp_path, "D", closes), "strategy=buy_hold")
    assert "sharpe daily" in hours.out
    assert "sharpe daily" not in days.out


def test_a_risk_free_rate_lowers_the_ratios_and_nothing_else(cli):
    plain, above = (
        json.loads(cli("strategy=sma", "output=json", *words).out)["NASDAQ"]
        for words in ([], ["risk_free=0.02"])
    )
    changed = {name for name in plain if plain[name] != above[name]}
    assert changed == {"sharpe", "sharpe_daily", "sortino"}
    spread = plain["sharpe"] - above["sharpe"]
    assert spread == pytest.approx(0.02 / plain["volatility"], rel=1e-9)


def test_the_lowest_drawdown_is_looked_for_unless_the_highest_is_asked_for(cli, tmp_path):
    words = ["-m", "strategy=sma", "params.fast=5,10", "params.slow=40,60,80"]
    found = {}
    for mode in (None, "min", "max"):
        root = tmp_path / str(mode)
        own = ["search.metric=max_drawdown", f"store.root={root}"]
        ended = cli(*words, *own, *([] if mode is None else [f"search.mode={mode}"]))
        assert ended.code == 0, ended.err
        rows = Results(str(root)).runs()["max_drawdown"].to_pylist()
        found[mode] = Results(str(root)).best(n=1)["max_drawdown"][0].as_py()
        assert found[mode] == (max if mode == "max" else min)(rows)
        assert f"best max_drawdown {found[mode]:.4g}" in " ".join((ended.out + ended.err).split())
    assert found[None] == found["min"] < found["max"]
