"""Order settings end to end: swept as axes, hashed, stored, traced again, verified."""

import math

import pytest
from typer.testing import CliRunner

from kernels import METRICS
from kernels.evaluate import evaluate_runs
from store.cli.app import app
from store.data import DataSpec, load
from store.query.results import Results
from store.replay.replay import replay_of, window_of
from sweeper.backtest import Backtest, run_backtest
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli

COMMON = ("strategy=sma", "params.fast=5,20", "params.slow=50", "executor=inline", "force=true")
ORDERS = (
    "risk.unit=atr",
    "risk.stop_loss=null,2",
    "risk.max_bars=null,9",
    "fill.entry=market,limit",
    "fill=next_open",
    "fill.entry_distance=0.2",
    "fill.entry_valid=3",
    "costs.fixed=1",
    "size.kind=fraction",
    "size.value=0.5,0.9",
)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    root = tmp_path_factory.mktemp("orders") / "results"
    experiment = sweep(*COMMON, *ORDERS, f"store.root={root}")
    return Results(root), experiment


def test_every_point_has_a_row_and_its_own_hash(stored):
    results, experiment = stored
    runs = results.runs(experiment.id).to_pandas()
    assert len(runs) >= 2 * 2 * 2 * 2 * 2
    assert runs["config_hash"].is_unique
    assert set(runs["risk.max_bars"].dropna()) == {9.0}
    assert set(runs["size.value"]) == {0.5, 0.9}
    assert set(runs["fill.entry"]) == {"market", "limit"}


def test_a_row_is_the_backtest_in_python_to_the_bit(stored):
    results, experiment = stored
    bars = load(DataSpec(source="nasdaq"))[0].frame
    runs = results.runs(experiment.id).to_pandas()
    chosen = runs[(runs["risk.max_bars"] == 9) & (runs["risk.stop_loss"] == 2)]
    for _, run in chosen.iterrows():
        got = run_backtest(
            Backtest(
                strategy="sma",
                params={"fast": run["params.fast"], "slow": 50},
                bars=bars.loc[: run["end"]],
                symbol="NASDAQ",
                risk_unit="atr",
                stop_loss=2,
                max_bars=9,
                entry=run["fill.entry"],
                entry_distance=0.2,
                entry_valid=3,
                commission_fixed=1,
                size="fraction",
                size_value=run["size.value"],
                periods_per_year=252,
            )
        )
        for name in METRICS:
            assert got.metrics[name] == run[name] or math.isnan(run[name]), name


def test_a_stored_run_is_traced_and_verified(stored):
    results, experiment = stored
    retraced = results.retrace(f"{experiment.id}/best")
    reasons = set(retraced.trades["exit_reason"])
    assert reasons <= {"signal", "stop_loss", "max_bars", "end"}
    answer = CliRunner().invoke(app, ["verify", "--root", str(results.root)])
    assert answer.exit_code == 0, answer.output
    run = results.show(f"{experiment.id}/best")
    table = results.runs(f"{experiment.id}/best")
    assert run["settings"].get("entry", "market") == table["fill.entry"][0].as_py()
    data = load(DataSpec(source="nasdaq"))[0]
    again = replay_of(experiment, run, data.series())
    stop = window_of(data, run)[1]
    own = evaluate_runs(
        again.series, again.strategy, again.params[None], again.settings, [(0, stop)]
    )
    assert own.metrics[0, 0, METRICS.index("trades")] == run["metrics"]["trades"]


def test_off_and_absent_are_one_configuration(tmp_path):
    words = (*COMMON[:3], "executor=inline", f"store.root={tmp_path / 'results'}")
    plain = sweep(*words)
    off = sweep(*words, "risk.max_bars=null,5", "costs.fixed=0", "fill.entry=market")
    results = Results(tmp_path / "results")
    hashes = [set(results.runs(e.id).to_pandas()["config_hash"]) for e in (plain, off)]
    assert hashes[0] < hashes[1]
    runs = results.runs(off.id).to_pandas()
    assert runs.loc[runs["risk.max_bars"].isna(), "origin"].notna().all()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("fill.entry=limit",), "fill.entry_distance: entry limit needs one"),
        (("fill.entry=limitt",), "fill.entry: need one of market, limit, stop"),
        (("fill.entri=limit",), "fill.entri"),
        (("size.kind=units",), "size.value: size units needs a value"),
        (("risk.max_bars=0,5",), "risk.max_bars: need a whole number >= 1, got 0"),
        (("risk.session_flat=true",), "risk.session_flat: needs bars shorter than a session"),
        (("costs.funding=rate",), "costs.funding: the bars of NASDAQ have no column 'rate'"),
        (("costs.maker=2",), "costs.maker: need a fraction in (-1, 1), got 2"),
        (("risk.pyramiding=2",), "risk.pyramiding: needs"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line(monkeypatch, capsys, tmp_path, words, line):
    monkeypatch.chdir(tmp_path)
    ended = run_cli(monkeypatch, capsys, "-m", *COMMON, *words)
    assert ended.code == 2, ended.out
    assert line in ended.err
    assert ended.err.count("\n") == 1


def test_one_backtest_takes_both_spellings_of_the_fill(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = ("strategy=sma", "output=json")
    short = run_cli(monkeypatch, capsys, *words, "fill=same_close")
    long = run_cli(monkeypatch, capsys, *words, "fill.when=same_close")
    stop = ("fill=same_close", "fill.entry=stop", "fill.entry_distance=0.01")
    both = run_cli(monkeypatch, capsys, *words, *stop)
    assert short.code == long.code == both.code == 0, both.err
    assert short.out == long.out != both.out
