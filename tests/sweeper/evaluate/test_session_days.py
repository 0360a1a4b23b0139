"""Intraday bars of markets that trade overnight: the same daily Sharpe ratio everywhere."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.data import DataSpec, load
from store.query.results import Results
from sweeper.backtest import Backtest, run_backtest
from sweeper.sweep import sweep
from tests.store.data.calendars.test_trading_days import currencies, from_the_evening, futures, walk

MARKETS = {"fx": (currencies, "America/New_York"), "CMES": (futures, "America/Chicago")}


@pytest.fixture(scope="module", params=sorted(MARKETS))
def swept(request, tmp_path_factory):
    """A sweep over hours of a file: its store, calendar and experiment."""
    folder = tmp_path_factory.mktemp("days")
    make, _ = MARKETS[request.param]
    path = folder / "X.csv"
    walk(make()).rename_axis("time").to_csv(path)
    words = (
        *("data=csv", f"data.path={path}", "data.timeframe=1h", f"data.calendar={request.param}"),
        *("strategy=sma", "params.fast=5,10", "params.slow=40", "costs=free"),
        *(f"store.root={folder / 'results'}", "executor=inline"),
    )
    return Results(folder / "results"), request.param, sweep(*words), path


def test_a_row_has_the_sharpe_ratio_of_pandas_days(swept):
    results, calendar, experiment, _ = swept
    run = results.show(f"{experiment.id}/best")
    equity = results.retrace(f"{experiment.id}/best").equity
    last = equity.groupby(from_the_evening(equity.index, MARKETS[calendar][1])).last()
    returns = last / last.shift(1, fill_value=10_000.0) - 1
    periods = experiment.data["X"]["periods_per_year"] * len(last) / len(equity)
    want = returns.mean() / returns.std() * np.sqrt(periods)
    assert run["metrics"]["sharpe_daily"] == pytest.approx(want, rel=1e-9)
    assert run["metrics"]["sharpe_daily"] != run["metrics"]["sharpe"]


def test_python_gives_the_bits_of_the_row(swept):
    results, calendar, experiment, path = swept
    run = results.show(f"{experiment.id}/best")
    spec = DataSpec(source="csv", path=str(path), timeframe="1h", calendar=calendar)
    bars = load(spec)[0].frame.loc[: run["end"]]
    asked = {"strategy": "sma", "params": run["params"], "commission": 0.0, "slippage": 0.0}
    periods = experiment.data["X"]["periods_per_year"]
    result = run_backtest(Backtest(**asked, bars=bars, calendar=calendar, periods_per_year=periods))
    assert result.metrics["sharpe_daily"] == run["metrics"]["sharpe_daily"]
    utc = run_backtest(Backtest(**asked, bars=bars, calendar="24/7", periods_per_year=periods))
    assert utc.metrics["sharpe_daily"] != run["metrics"]["sharpe_daily"]


def test_the_report_draws_and_the_calendar_is_part_of_what_a_run_is(swept):
    results, _, experiment, path = swept
    page = results.root / "page.html"
    shown = CliRunner().invoke(app, ["show", "latest/best", "--json", "--root", str(results.root)])
    assert json.loads(shown.output)["metrics"]["sharpe_daily"] is not None
    report = ["report", experiment.id, "--root", str(results.root), "--out", str(page)]
    assert CliRunner().invoke(app, report).exit_code == 0
    words = ("data=csv", f"data.path={path}", "data.timeframe=1h", "data.calendar=24/7")
    again = sweep(
        *words, "strategy=sma", "params.fast=5,10", "params.slow=40", "costs=free",
        f"store.root={results.root}", "executor=inline",
    )  # fmt: skip
    assert again.counts["done"] == experiment.counts["done"], "other days are other runs"
