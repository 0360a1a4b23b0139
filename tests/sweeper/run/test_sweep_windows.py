"""Sweeps over several windows, end to end in this process."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from kernels import METRICS, Settings, evaluate
from kernels.evaluate import trace
from kernels.registry import load as load_strategy
from kernels.series.bars import prepare
from store.cli.app import app as store_app
from store.ledger import ledger
from store.query.results import Results
from store.records.experiment import every, save
from store.report.build_view import collect
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.evaluate.block_task import Work, run_block
from sweeper.run.driver import sweep_cells
from sweeper.terminal.outcome import hold
from tests.sweeper.cli import run_cli
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.planned import GRID, make_cell, make_plan

WALK = {"kind": "walk_forward", "train": 100, "test": 50, "embargo": 4}
COMMAND = ["python", "-m", "sweeper", "-m"]
FEW = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline")


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A finished walk-forward on two symbols: its root and its plan."""
    root = tmp_path_factory.mktemp("walked")
    cell = make_cell(*GRID, split=WALK, store={"root": str(root)}, executor="inline")
    sweep_cells([cell], COMMAND)
    return root, make_plan(cell)


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


def test_every_row_is_its_window_evaluated_alone(walked):
    root, plan = walked
    rows = Results(root).runs().sort_by("run").to_pylist()
    series = {group.series.symbol: group.series for group in plan.groups}
    windows = plan.groups[0].windows
    assert len(windows) == 8
    by_role = {window.role: (window.start, window.stop) for window in windows}
    settings = Settings(periods_per_year=plan.groups[0].settings.periods_per_year)
    for row in rows[::13]:
        params = {"fast": row["params.fast"], "slow": row["params.slow"]}
        bars, window = series[row["symbol"]], by_role[row["window"]]
        whole = prepare(bars.columns, bars.times)
        alone = evaluate(whole, "sma", params, settings, windows=[window])
        for name in METRICS:
            np.testing.assert_array_equal(row[name], alone[name][0, 0])
        assert row["start"].replace(tzinfo=None) == bars.times[window[0]].item()
        assert row["end"].replace(tzinfo=None) == bars.times[window[1] - 1].item()


def test_the_search_metric_reads_train_windows_only(walked):
    """Best, standings and progress follow the mean over train windows, worked out row by row."""
    root, _ = walked
    frame = Results(root).runs().to_pandas()
    params = ["symbol", "params.fast", "params.slow"]
    train = frame[frame["window"].str.startswith("train")].groupby(params)["sharpe"].mean()
    test = frame[frame["window"].str.startswith("test")].groupby(params)["sharpe"].mean()
    rows = Results(root).standings(n=1000)
    keys = [(row["symbol"], row["params"]["fast"], row["params"]["slow"]) for row in rows]
    assert len(set(keys)) == len(train) == 162
    assert np.all(np.diff(train[keys]) <= 1e-12)
    assert not np.all(np.diff(test[keys]) <= 1e-12)
    best, key = rows[0], keys[0]
    assert best["metrics"]["sharpe"] == pytest.approx(train.max(), rel=1e-12)
    assert best["metrics"]["test_sharpe"] == pytest.approx(test[key], rel=1e-12)
    assert best["window"] == "train_1"
    assert Results(root).resolve("latest/best").run == best["run"]
    assert frame["sharpe"].max() > train.max(), "a single window would rank otherwise"


def test_the_best_so_far_is_the_best_mean(walked, tmp_path):
    _, plan = walked
    whole = plan.cut([plan.groups[0].points] * 2)
    (tmp_path / "v1" / "exp-1" / "blocks").mkdir(parents=True)
    work = Work.of(tmp_path, "exp-1", whole, plan.groups[0].cell.config.search)
    done = [run_block(work, number).best_metric for number in (0, 1)]
    assert max(done) == pytest.approx(
        Results(walked[0]).standings(n=1)[0]["metrics"]["sharpe"], rel=1e-12
    )


def test_folds_are_chosen_on_train_and_stitched_from_test(walked):
    root, plan = walked
    shown = json.loads(run_store(root, "show", "latest", "--json"))["walk_forward"]
    frame = Results(root).runs().to_pandas()
    assert [one["symbol"] for one in shown] == ["SYN-TREND", "SYN-GARCH"]
    for group, one in zip(plan.groups, shown, strict=True):
        mine = frame[frame["symbol"] == one["symbol"]]
        returns, inside, outside, growth = [], [], [], 1.0
        peak, fall = 1.0, 0.0
        for number, fold in enumerate(one["folds"], 1):
            train = mine[mine["window"] == f"train_{number}"]
            chosen = train.sort_values(["sharpe", "run"], ascending=[False, True]).iloc[0]
            tested = mine[(mine["window"] == f"test_{number}")
                          & (mine["params.fast"] == chosen["params.fast"])
                          & (mine["params.slow"] == chosen["params.slow"])].iloc[0]  # fmt: skip
            assert fold["chosen"].endswith(f"/{chosen['run']}")
            assert fold["tested"].endswith(f"/{tested['run']}")
            window = next(w for w in group.windows if w.role == f"test_{number}")
            params = np.array([chosen["params.fast"], chosen["params.slow"]], np.float64)
            equity = trace(
                prepare(group.series.columns, group.series.times), load_strategy("sma"), params,
                group.settings, (window.start, window.stop),
            ).equity  # fmt: skip
            returns += (np.diff(equity, prepend=10_000.0) / np.r_[10_000.0, equity[:-1]]).tolist()
            for value in growth * equity / 10_000.0:
                peak = max(peak, value)
                fall = max(fall, 1 - value / peak)
            growth *= equity[-1] / 10_000.0
            inside.append(chosen["annual_return"])
            outside.append(tested["annual_return"])
        periods = group.settings.periods_per_year
        expected = np.mean(returns) / np.std(returns, ddof=1) * np.sqrt(periods)
        assert one["stitched"]["sharpe"] == pytest.approx(expected, rel=1e-4)
        assert one["stitched"]["total_return"] == pytest.approx(growth - 1, rel=1e-9)
        assert one["stitched"]["bars"] == len(returns) == 200
        assert one["stitched"]["max_drawdown"] == pytest.approx(fall, rel=1e-12)
        tests = [w for w in group.windows if w.role.startswith("test")]
        first, last = (group.series.times[n] for n in (tests[0].start, tests[-1].stop - 1))
        years = (last - first) / np.timedelta64(1, "s") / (365.25 * 86_400) * 200 / 199
        assert one["stitched"]["annual_return"] == pytest.approx(growth ** (1 / years) - 1)
        ratio = np.mean(outside) / np.mean(inside) if np.mean(inside) > 0 else None
        assert one["efficiency"]["annual_return"] == pytest.approx(ratio)


def test_a_report_draws_the_test_windows_in_a_row(walked):
    """Its curve ends where the folds, traded one after the other, end."""
    root, plan = walked
    view = collect(root, "latest")
    best = view.entries[0]
    (one,) = [walk for walk in view.walk_forward if walk["symbol"] == best.symbol]
    assert view.walk is one
    curves = {curve.role: curve for curve in view.equity.curves}
    assert list(curves) == ["best", "hold"]
    assert len(curves["best"].values) == one["stitched"]["bars"] == 200
    assert curves["best"].values[-1] - 1 == pytest.approx(one["stitched"]["total_return"])
    assert [mark[:10] for mark in view.equity.marks] == [
        fold["test"]["first"][:10] for fold in one["folds"]
    ]
    (group,) = [group for group in plan.groups if group.series.symbol == best.symbol]
    tests = [w for w in group.windows if w.role.startswith("test")]
    held = evaluate(
        prepare(group.series.columns, group.series.times), "buy_hold", {},
        Settings(periods_per_year=group.settings.periods_per_year),
        windows=[(tests[0].start, tests[-1].stop)],
    )  # fmt: skip
    records = {record.role: record.metrics for record in view.equity.records}
    for name in ("sharpe", "annual_return", "total_return", "max_drawdown"):
        assert records["best"][name] == one["stitched"][name]
        assert records["hold"][name] == held[name][0, 0]


def test_a_report_of_a_run_draws_that_run(walked):
    view = collect(walked[0], "latest/2")
    assert view.walk is None
    assert "window" in view.equity.title


def test_bars_that_changed_leave_the_drawdown_open(walked, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(walked[0], root)
    (experiment,) = every(root)
    data = {name: one | {"fingerprint": "0" * 64} for name, one in experiment.data.items()}
    save(root, dataclasses.replace(experiment, data=data))
    (one, _) = Results(root).windows("latest")["walk_forward"]
    assert one["stitched"]["max_drawdown"] is None
    assert "are no longer those of the experiment" in one["stitched"]["problem"]
    view = collect(root, "latest")
    assert view.equity.curves == ()
    assert "No equity is drawn. The bars of" in view.equity.problem


def run_store(root, *words):
    ended = CliRunner().invoke(store_app, [*words, "--root", str(root)])
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def test_show_prints_windows_folds_and_efficiency(walked):
    text = " ".join(run_store(walked[0], "show", "latest").split())
    assert "windows of SYN-TREND, SYN-GARCH" in text
    assert "train_1 2000-01-03 2000-04-11 100" in text
    assert "SYN-TREND: best sharpe on train, then on test" in text
    assert "Stitched out of sample, SYN-GARCH 2000-04-16 to 2000-11-01: Sharpe" in text
    assert "Walk-forward efficiency (test over train, 1 keeps all):" in text


@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_holding_is_measured_on_the_same_windows(fill):
    plan = make_plan(make_cell(*GRID, split=WALK, fill=fill))
    group = plan.groups[0]
    found = hold(plan)[group.series.symbol]
    series = prepare(group.series.columns, group.series.times)
    for prefix, ranks in (("", True), ("test_", False)):
        spans = [(w.start, w.stop) for w in group.windows if w.ranks is ranks]
        settings = Settings(periods_per_year=group.settings.periods_per_year, fill=fill)
        held = evaluate(series, "buy_hold", {}, settings, windows=spans)
        for name in ("sharpe", "total_return", "annual_return"):
            assert found[prefix + name] == pytest.approx(held[name].mean(), rel=1e-12)


def test_an_interrupted_walk_forward_goes_on_to_the_same_rows(walked, tmp_path, monkeypatch):
    for name, value in {"SMALLEST_BLOCK": 8, "MAX_BLOCK_RUNS": 160}.items():
        monkeypatch.setattr(f"sweeper.evaluate.calibration.{name}", value)
    cell = make_cell(*GRID, split=WALK, store={"root": str(tmp_path)}, executor="inline")
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(Interrupted):
            sweep_cells([cell], COMMAND)
    (stopped,) = every(tmp_path)
    assert 0 < stopped.counts["done"] < stopped.counts["planned"]
    sweep_cells([cell], COMMAND)
    (finished,) = every(tmp_path)
    assert (finished.id, finished.status) == (stopped.id, "done")

    def rows(root):
        return encode(Results(root).runs().drop_columns(["experiment_id"]))

    assert rows(tmp_path) == rows(walked[0]), "and in the same order"


def test_the_hash_follows_the_split():
    splits = [
        {"kind": "full"},
        {"kind": "cpcv"},
        {"kind": "cpcv", "groups": 6},
        {"kind": "train_test"},
        WALK,
        WALK | {"embargo": 5},
    ]
    plans = [make_plan(make_cell(*GRID, split=split)) for split in splits]
    assert len({plan.hash() for plan in plans}) == len(splits)
    assert plans[0].configurations == plans[4].configurations
    assert plans[4].runs == 8 * plans[0].runs


def test_windows_that_two_cells_share_have_a_row_in_each_and_count_once(tmp_path):
    splits = (WALK, WALK | {"test": 2 * WALK["test"]})
    store = {"root": str(tmp_path)}
    cells = [make_cell(*GRID, split=each, store=store, executor="inline") for each in splits]
    sweep_cells(cells, COMMAND)
    rows = [each for each in Results(tmp_path).runs().to_pylist() if each["symbol"] == "SYN-TREND"]
    distinct = make_plan(make_cell(*GRID)).configurations // 2  # of two symbols
    windows = sum(len(group.windows) for group in every(tmp_path)[0].groups) // 2
    assert len(rows) == distinct * windows
    assert {count for subject, count in ledger.counts(tmp_path).items()} == {distinct}
    starts = [{window.start for window in group.windows} for group in every(tmp_path)[0].groups]
    assert starts[0] & starts[-1], "some are the same bars"


def test_a_cross_validation_costs_no_further_run(tmp_path):
    split = {"kind": "cpcv", "groups": 6, "test_groups": 2, "embargo": 3}
    cell = make_cell(*GRID, split=split, store={"root": str(tmp_path)}, executor="inline")
    sweep_cells([cell], COMMAND)
    shown = json.loads(run_store(tmp_path, "show", "latest", "--json"))
    assert shown["counts"]["planned"] == make_plan(make_cell(*GRID)).runs
    one = shown["cpcv"][0]
    assert (one["splits"], len(one["paths"])) == (15, 5)
    assert one["min"] <= one["median"] <= one["max"] <= one["in_sample"]
    run = json.loads(run_store(tmp_path, "show", "latest/best", "--json"))
    assert run["cpcv"]["min"] < run["metrics"]["sharpe"] < run["cpcv"]["max"]
    text = " ".join(run_store(tmp_path, "show", "latest").split())
    assert "2 of 6 groups tested, 15 splits, purge 0 and embargo 3 bars" in text
    assert "on 5 paths out of sample a Sharpe of" in text
    assert "over 15 splits" in " ".join(run_store(tmp_path, "show", "latest/best").split())


def test_the_sweep_says_its_windows_first_and_the_test_beside(cli, tmp_path):
    ended = cli(*FEW, "split=walk_forward", "split.train=8y", "split.test=4y", "report=true")
    assert ended.code == 0, ended.err
    first, _, last = " ".join(ended.out.split()).partition("runs (")
    assert "train_1 1999-01-04 2007-01-03 2,012 test_1 2007-01-04 2011-01-03 1,008" in first
    assert "test_2 2011-01-04 2014-12-31 1,005" in first
    assert (
        "5 configurations, the baseline among them, on NASDAQ; windows train_1 to test_2: 20 runs"
        in first
    )
    assert "Every column is the mean over the 2 windows train_1 to train_2;" in last
    assert "a test column is the mean over the 2 windows test_1 to test_2" in last
    assert "On bars without skill the best of these 5 shows" in first
    assert "On bars without skill the best of these 5 shows" in last
    (page,) = (tmp_path / "reports").glob("*.html")
    assert "test Sharpe" in page.read_text()


def test_a_backtest_has_a_column_per_window(cli):
    ended = cli("split=train_test", "split.train_end=2008-12-31", "split.embargo=30d")
    rows = [line.split() for line in ended.out.splitlines()]
    assert ["train", "test"] in rows
    assert ["1999-01-04", "2009-02-02"] in rows
    assert ["metric", "2008-12-31", "2014-12-31"] in rows
    told = json.loads(cli("split=train_test", "output=json").out)["NASDAQ"]
    assert list(told) == ["train", "test"]
    assert tuple(told["test"]) == METRICS
    many = cli("split=walk_forward").out
    assert max(map(len, many.splitlines())) <= 80
    assert all(f"test_{number}" in many for number in range(1, 13))


BAD = {
    "unknown split": (
        ["split=walk"],
        "split=walk: there is no such option; did you mean walk_forward?",
    ),
    "unknown kind": (["split.kind=walk"], "did you mean walk_forward"),
    "unknown key": (["split=walk_forward", "split.trian=4y"], "did you mean train?"),
    "longer than the data": (["split=walk_forward", "split.train=20y"], "are longer than the"),
    "into the holdout": (["split=train_test", "split.test_end=2016-01-01"], "may read, 2014-12-31"),
    "test before train": (["split=train_test", "split.test_start=2001-01-01"], "is not after"),
    "too long an embargo": (["split=train_test", "split.embargo=9y"], "test has no bars"),
    "zero length": (["split=walk_forward", "split.test=0"], "split.test: must be at least 1"),
    "groups": (["split=cpcv", "split.groups=65"], "from 2 to 64, got 65"),
}


@pytest.mark.parametrize("multirun", [(), FEW], ids=["one", "sweep"])
@pytest.mark.parametrize("case", BAD)
def test_a_bad_split_is_one_line_and_leaves_nothing(cli, tmp_path, case, multirun):
    args, message = BAD[case]
    ended = cli(*multirun, *args)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert ended.err.count("\n") == 1, ended.err
    assert list(tmp_path.iterdir()) == []
