"""Trades and equity of stored runs: those of the same backtest in Python, or none at all."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.data import DataSpec, load
from store.errors import StoreError
from store.query.results import Results
from sweeper.backtest import Backtest, run_backtest
from sweeper.sweep import sweep


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    root = tmp_path_factory.mktemp("retrace") / "results"
    words = ("strategy=sma", "params.fast=5,20", "params.slow=50", "risk.stop_loss=0.05")
    return Results(root), sweep(*words, f"store.root={root}", "executor=inline")


@pytest.fixture(scope="module")
def by_hand(stored):
    """The best configuration on the bars of its window, in Python."""
    results, experiment = stored
    run = results.show(f"{experiment.id}/best")
    bars = load(DataSpec(source="nasdaq"))[0].frame.loc[: run["end"]]
    given = {"strategy": "sma", "params": run["params"], "stop_loss": 0.05}
    return run_backtest(Backtest(**given, bars=bars, symbol="NASDAQ"))


def call(stored, *words):
    answer = CliRunner().invoke(app, [*words, "--root", str(stored[0].root)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_equity_and_trades_are_those_of_the_backtest(stored, by_hand):
    retraced = stored[0].retrace("latest/best")
    assert retraced.equity.to_numpy().tolist() == by_hand.equity.to_numpy().tolist()
    assert retraced.equity.index.equals(by_hand.equity.index)
    assert retraced.trades.equals(by_hand.trades)
    assert set(by_hand.trades["exit_reason"]) >= {"signal", "stop_loss"}
    assert retraced.run["ref"] == stored[0].retrace(stored[1].id).run["ref"], "an experiment's best"


def test_json_has_every_trade_and_every_bar(stored, by_hand):
    trades = json.loads(call(stored, "trades", "latest/best", "--json"))
    assert [trade["pnl"] for trade in trades] == by_hand.trades["pnl"].tolist()
    assert trades[0]["entry_time"] == by_hand.trades["entry_time"][0].isoformat()
    bars = json.loads(call(stored, "equity", "latest/best", "--json"))
    assert [bar["equity"] for bar in bars] == by_hand.equity.tolist()
    deepest = max(bar["drawdown"] for bar in bars)
    assert deepest == pytest.approx(by_hand.metrics["max_drawdown"])


def test_the_terminal_shows_the_first_trades_and_says_how_many_there_are(stored, by_hand):
    shown = call(stored, "trades", "latest/best", "-n", "2")
    assert f"2 of {len(by_hand.trades)} trades" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert f"3 of {len(by_hand.equity):,} bars" in call(stored, "equity", "-n", "3")


def test_sql_sees_the_trades_and_the_equity_of_a_run(stored, by_hand):
    query = 'select sum(pnl) total, count(*) n, max("return") best from trades'
    (row,) = json.loads(call(stored, "sql", query, "--ref", "latest/best", "--json"))
    assert row["n"] == len(by_hand.trades)
    assert row["total"] == pytest.approx(by_hand.trades["pnl"].sum())
    query = "select max(drawdown) deepest, last(equity order by time) final from equity"
    (row,) = json.loads(call(stored, "sql", query, "--ref", "latest/best", "--json"))
    assert row["deepest"] == pytest.approx(by_hand.metrics["max_drawdown"])
    assert row["final"] == by_hand.equity.iloc[-1]


def test_what_does_not_repeat_is_not_shown(stored, monkeypatch):
    results, experiment = stored
    table = results.runs(f"{experiment.id}/0")
    other = table.set_column(table.schema.get_field_index("sharpe"), "sharpe", [np.array([9.0])])
    monkeypatch.setattr(Results, "runs", lambda *_: other)
    with pytest.raises(StoreError, match="Run 0 does not repeat: sharpe is"):
        results.retrace(f"{experiment.id}/0")
