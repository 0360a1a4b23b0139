"""Settings without sense: refused by the user's own key, left out and counted, or doubted."""

import json

import pytest

from store.query.results import Results
from store.records.experiment import every
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

SMALL = ("-m", "strategy=sma", "params.slow=50", "executor=inline")
STOPS = "risk.stop_loss=null,0.02,0.05"


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


REFUSED = {
    "a stop of percent": ("risk.stop_loss=5", "risk.stop_loss: ", "5 is 500 %, 0.05 is 5 %"),
    "a trailing stop of all": ("risk.trailing_stop=1", "risk.trailing_stop: ", "got 1"),
    "a stop below nothing": ("risk.stop_loss=-0.1", "risk.stop_loss: ", "got -0.1"),
    "a commission of percent": ("costs.commission=5", "costs.commission: ", "0.05 is 5 %"),
    "slippage of all": ("costs.slippage=1", "costs.slippage: ", "got 1"),
    "a risk of percent": ("risk.risk_fraction=2", "risk.risk_fraction: ", "0.02 is 2 %"),
    "a lone risk": ("risk.risk_fraction=0.01", "risk.risk_fraction: ", "risk.stop_loss"),
    "a holdout of percent": ("holdout=20", "holdout: ", "20 is 2000 %, 0.2 is 20 %"),
    "no capital": ("initial_capital=0", "initial_capital: ", "> 0, got 0"),
    "debts": ("initial_capital=-5", "initial_capital: ", "> 0, got -5"),
    "a fill": ("fill=next_opn", "fill: ", "did you mean next_open?"),
    "a side": ("strategy.direction=lng", "strategy.direction: ", "did you mean long?"),
    "a year": ("data.periods_per_year=-1", "data.periods_per_year: ", "got -1"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("sweep", [(), SMALL], ids=["one", "sweep"])
def test_the_key_that_was_written_is_named(cli, case, sweep):
    word, key, hint = REFUSED[case]
    ended = cli(*sweep, word, *(["risk.stop_loss=0.1"] if case == "a risk of percent" else []))
    assert ended.code == 2, ended.out
    assert ended.err.startswith(key)
    assert hint in ended.err
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("risk.stop_loss=0.02,5,0.05", "got 5; 5 is 500 %"),
        ("costs.commission=0.001,1.5", "got 1.5; 1.5 is 150 %"),
        ("'risk.trailing_stop=range(1,6)'", "got 1"),
        ("risk.take_profit=0.1,0", "got 0"),
    ],
)
def test_a_swept_value_out_of_its_limits_is_named(cli, tmp_path, word, value):
    ended = cli(*SMALL, word.strip("'"))
    assert ended.code == 2
    assert ended.err.startswith(word.strip("'").partition("=")[0] + ": ")
    assert value in ended.err
    assert "configuration" not in ended.err
    assert not every(tmp_path / "results")


DOUBTED = {
    "a stop": ("risk.stop_loss=0.5", "risk.stop_loss=0.5 is 50 %"),
    "a trailing stop": ("risk.trailing_stop=0.8", "risk.trailing_stop=0.8 is 80 %"),
    "a target": ("risk.take_profit=15", "risk.take_profit=15 is 1500 %"),
    "a commission": ("costs.commission=0.05", "costs.commission=0.05 is 5 %"),
    "slippage": ("costs.slippage=0.02", "costs.slippage=0.02 is 2 %"),
}


@pytest.mark.parametrize("case", DOUBTED)
def test_a_fraction_that_looks_like_percent_is_doubted_once(cli, case):
    word, sentence = DOUBTED[case]
    one = cli(word, "params.fast=20", "params.slow=50", "output=json")
    assert one.code == 0
    assert one.err.count(sentence) == 1
    json.loads(one.out)
    swept = cli(*SMALL, word, "params.fast=5,10", "data=nasdaq,sp500", "dry_run=true")
    assert swept.out.replace("\n", " ").count(sentence) == 1


def test_usual_fractions_raise_no_doubt(cli):
    words = ("risk.stop_loss=0.49", "risk.take_profit=10", "costs.commission=0.01")
    assert cli(*words, "params.fast=20", "params.slow=50").err == ""


def test_combinations_without_sense_are_left_out_and_counted(cli, tmp_path):
    words = ("params.fast=5,10", STOPS, "risk.risk_fraction=null,0.01,0.02")
    ended = cli(*SMALL, *words)
    assert ended.code == 0, ended.err
    shown = " ".join(ended.out.split())
    assert (
        "4 of 18 combinations make no sense: risk.risk_fraction needs a risk.stop_loss to size by; "
        "left out"
    ) in shown
    assert "15 configurations, the baseline among them" in shown
    (experiment,) = every(tmp_path / "results")
    assert experiment.counts["planned"] == experiment.counts["done"] == 15
    runs = Results(tmp_path / "results").runs().to_pandas()
    lone = runs["risk.risk_fraction"].notna() & runs["risk.stop_loss"].isna()
    assert len(runs) == 15
    assert not lone.any()


def test_a_default_without_sense_is_no_baseline(cli, tmp_path):
    ended = cli(*SMALL, "params.fast=5,10", "risk.risk_fraction=0.01", STOPS)
    assert ended.code == 0, ended.err
    runs = Results(tmp_path / "results").runs().to_pandas()
    assert len(runs) == 4
    assert not runs["baseline"].any()


@pytest.mark.parametrize("search", ["search=random", "search=bayes", "search=refine"])
def test_other_searches_leave_them_out_too(cli, tmp_path, search):
    words = ("params.fast=range(5,30)", STOPS, "risk.risk_fraction=null,0.01,0.02")
    ended = cli(*SMALL, *words, search, "search.n=40")
    assert ended.code == 0, ended.err
    runs = Results(tmp_path / "results").runs().to_pandas()
    assert not (runs["risk.risk_fraction"].notna() & runs["risk.stop_loss"].isna()).any()


def test_intervals_have_no_count_but_are_kept_to_what_makes_sense(cli, tmp_path):
    words = ("params.fast=5,10", STOPS, "risk.risk_fraction=interval(0.01,0.05)")
    ended = cli(*SMALL, *words, "search=random", "search.n=20")
    assert ended.code == 0, ended.err
    assert "combinations make no sense: risk.risk_fraction needs" in " ".join(ended.out.split())
    runs = Results(tmp_path / "results").runs().to_pandas()
    assert runs.loc[~runs["baseline"], "risk.stop_loss"].notna().all()


def test_a_sweep_without_any_sense_is_refused(cli, tmp_path):
    ended = cli(*SMALL, "params.fast=5,10", "risk.risk_fraction=0.01,0.02")
    assert (ended.code, ended.err) == (
        2,
        "risk.risk_fraction: needs a risk.stop_loss to size by\n",
    )
    assert not every(tmp_path / "results")


def test_a_cell_without_sense_does_not_end_the_others(cli, tmp_path):
    words = ("params.fast=5,10", "strategy.direction=long,short", "risk.take_profit=1.5")
    ended = cli(*SMALL, *words)
    assert ended.code == 0, ended.err
    assert "strategy.direction=short: left out: risk.take_profit: must be below 1" in " ".join(
        ended.out.split()
    )
    (experiment,) = every(tmp_path / "results")
    assert [group.direction for group in experiment.groups] == ["long"]


CONSTRAINT = "risk.take_profit > 2 * risk.stop_loss and fast < slow"


def test_a_constraint_may_name_risk_and_costs(cli, tmp_path):
    ended = cli(
        *SMALL,
        "params.fast=5,10",
        "risk.stop_loss=null,0.05,0.1",
        "risk.take_profit=null,0.1,0.15",
        f'strategy.constraint="{CONSTRAINT}"',
    )
    assert ended.code == 0, ended.err
    runs = Results(tmp_path / "results").runs().to_pandas()
    settings = runs[["risk.stop_loss", "risk.take_profit"]].fillna(0)
    pairs = set(settings.itertuples(index=False, name=None))
    # What is off is not compared; of the rest only 0.15 > 2 * 0.05.
    assert pairs == {(0, 0), (0, 0.1), (0, 0.15), (0.05, 0), (0.1, 0), (0.05, 0.15)}
    assert cli(*SMALL, "params.fast=5,10", "strategy.constraint='costs.commission < 0'").code == 2


def test_a_constraint_names_an_unknown_setting(cli):
    ended = cli(*SMALL, "params.fast=5,10", "strategy.constraint='risk.stop_los < 1'")
    assert ended.code == 2
    assert "no parameter 'risk.stop_los'; did you mean risk.stop_loss?" in ended.err


def test_one_backtest_says_which_constraint_on_a_setting_it_breaks(cli):
    ended = cli(
        "risk.stop_loss=0.1", "strategy.constraint='fast > 100 * risk.stop_loss'", "params.fast=9"
    )
    assert ended.code == 2
    assert "needs fast > 100 * risk.stop_loss, got fast=9, risk.stop_loss=0.1" in ended.err
