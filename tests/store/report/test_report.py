"""A report from a store: the runs it shows, backtested again on the bars they had."""

import copy
import dataclasses
import itertools
from datetime import UTC
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from kernels import KERNEL_VERSION, METRICS, Settings
from kernels.evaluate import evaluate_runs, prepare, trace
from kernels.registry import load as load_strategy
from store.data import DataSpec, load
from store.errors import StoreError, UnknownReference
from store.records.experiment import save
from store.records.history import HistoryRecord
from store.report import write_report
from store.report.build_view import collect
from store.report.equity import coinciding
from store.runs.schema import run_schema
from tests.store.made_runs import add_blocks, digests, group_of, new_experiment

FAST, SLOW = (5.0, 10.0, 20.0), (50.0, 100.0)
POINTS = np.array(
    [(30.0, 70.0), *itertools.product(FAST, SLOW)]
)  # the baseline first, off the grid
WINDOW = (100, 900)
SETTINGS = {
    "direction": "long",
    "fill": "next_open",
    "arm": False,
    "stop_order": "signal_first",
    "stops_from": "entry_bar",
    "initial_capital": 10_000.0,
    "periods_per_year": 252.0,
}
RISK = {"stop_loss": None, "take_profit": None, "trailing_stop": None, "risk_fraction": None}
COSTS = {"commission": 0.0005, "slippage": 0.0002}


@pytest.fixture(scope="module")
def data():
    (found,) = load(DataSpec("nasdaq", periods_per_year=252, end="2003-12-31"))
    return found


@pytest.fixture(scope="module")
def metrics(data):
    """(7, 20): what a sweep stores of the points."""
    strategy, settings = load_strategy("sma"), Settings(**SETTINGS, **RISK, **COSTS)
    return evaluate_runs(prepare(data.frame), strategy, POINTS, settings, [WINDOW]).metrics[:, 0]


def runs(experiment_id, data, metrics):
    n = len(POINTS)
    times = data.frame.index[[WINDOW[0], WINDOW[1] - 1]].to_pydatetime()
    columns = {
        "experiment_id": [experiment_id] * n,
        "run": range(n),
        "config_hash": digests(n, "config"),
        "params_hash": digests(n, "params"),
        "strategy": ["sma"] * n,
        "symbol": ["NASDAQ"] * n,
        "timeframe": ["1d"] * n,
        "direction": ["long"] * n,
        "window": ["dev"] * n,
        "start": [times[0].astimezone(UTC)] * n,
        "end": [times[1].astimezone(UTC)] * n,
        "status": ["done"] * n,
        "baseline": [run == 0 for run in range(n)],
        "look_ahead": [False] * n,
        "params.fast": POINTS[:, 0].astype(int),
        "params.slow": POINTS[:, 1].astype(int),
        "tried": range(n),
        **dict(zip(METRICS, metrics.T, strict=True)),
        "block_sum": [np.zeros(64, np.float32)] * n,
        "block_sumsq": [np.zeros(64, np.float32)] * n,
    }
    return pa.table(columns, schema=run_schema({"fast": int, "slow": int}))


@pytest.fixture
def swept(tmp_path, data, metrics):
    """A store with one small, real sweep: its root and its record."""
    group = {
        "strategy": "sma",
        "module": "kernels.strategies.sma",
        "source": load_strategy("sma").source_hash,
        "symbol": "NASDAQ",
        "direction": "long",
        "data": data.spec.to_config(),
        "fixed": {"params.fast": 20.0, "params.slow": 50.0}
        | {f"risk.{name}": value for name, value in RISK.items()}
        | {f"costs.{name}": value for name, value in COSTS.items()},
        "settings": SETTINGS,
        "windows": [{"role": "dev", "start": WINDOW[0], "stop": WINDOW[1]}],
        "points": 9,  # two of them barred by a constraint
        "runs": 7,
        "first_run": 0,
    }
    experiment = new_experiment(
        tmp_path,
        search={"kind": "grid", "metric": "sharpe", "mode": "max"},
        groups=[group],
        data={"NASDAQ": data.record()},
        versions={"kernel": KERNEL_VERSION},
        noise_sharpe=2.5,
        config={"costs": COSTS, "fill": "next_open", "holdout": 0.2},
        command=["python", "-m", "sweeper", "-m", "params.fast=5,10,20"],
    )
    table = runs(experiment.id, data, metrics)
    return tmp_path, add_blocks(tmp_path, experiment, [table])


def edit(root, experiment, **changes):
    changed = dataclasses.replace(copy.deepcopy(experiment), **changes)
    save(root, changed)
    return changed


def best_run(metrics):
    return int(np.argmax(metrics[:, METRICS.index("sharpe")]))


def test_the_leaderboard_is_the_stores(swept, metrics):
    root, experiment = swept
    view = collect(root, "latest")
    assert (view.id, view.configurations, view.metric) == (experiment.id, 7, "sharpe")
    assert view.subject == "sma on NASDAQ, 1d, long, 1999-05-27 to 2002-08-02"
    ranked = [entry for entry in view.entries if entry.role is None]
    order = np.argsort(-metrics[:, METRICS.index("sharpe")], kind="stable")
    assert [entry.run for entry in ranked] == order.tolist()
    assert ranked[0].metrics == dict(zip(METRICS, metrics[order[0]].tolist(), strict=True))
    assert ranked[0].params == dict(zip(("fast", "slow"), POINTS[order[0]], strict=True))
    assert [entry.role for entry in view.entries[6:]] == [None, "centre", "baseline", "hold"]
    centre = view.entries[7]
    assert centre.run == view.peaks[0].run
    assert centre.metrics == dict(zip(METRICS, metrics[centre.run].tolist(), strict=True))
    assert view.command == f"python -m sweeper -m params.fast=5,10,20 store.root={root}"
    assert "fingerprint" in dict(view.facts)["NASDAQ"]


def test_equity_is_the_kernels_own(swept, data, metrics):
    root, _ = swept
    equity = collect(root, "latest").equity
    curves = {curve.role: curve for curve in equity.curves}
    assert list(curves) == ["best", "centre", "baseline", "hold"]
    point = POINTS[best_run(metrics)]
    settings = Settings(**SETTINGS, **RISK, **COSTS)
    again = trace(prepare(data.frame), load_strategy("sma"), point, settings, WINDOW)
    assert curves["best"].values == tuple((again.equity / 10_000).tolist())
    assert curves["best"].times[0] == f"{data.frame.index[WINDOW[0]]:%Y-%m-%d %H:%M}"
    assert len(curves["hold"].times) == WINDOW[1] - WINDOW[0]
    close = data.frame["close"].to_numpy()[slice(*WINDOW)]
    held = np.array(curves["hold"].values)[1:] / close[1:]
    assert np.ptp(held[1:]) < 1e-12  # in the market from the second bar on
    assert (equity.problem, equity.notes) == ("", ("Costs included, buy and hold too",))


def test_the_map_shows_the_grid_without_the_baseline(swept, metrics):
    root, _ = swept
    (heat,) = collect(root, "latest").heat_maps
    assert (heat.group, heat.x, heat.y) == ("sma · NASDAQ · long", FAST, SLOW)
    sharpe = metrics[1:, METRICS.index("sharpe")].reshape(3, 2).T
    assert np.array(heat.z).tolist() == sharpe.tolist()


def test_a_run_of_choice_is_drawn_instead_of_the_best(swept):
    root, experiment = swept
    view = collect(root, f"{experiment.id}/3")
    assert view.equity.curves[0].label == "run 3: fast 10 slow 50"
    baseline = collect(root, f"{experiment.id}/0")
    assert [curve.role for curve in baseline.equity.curves] == ["best", "centre", "hold"]


def test_other_bars_are_said_and_not_drawn(swept):
    root, experiment = swept
    record = experiment.data["NASDAQ"] | {"fingerprint": "0" * 64}
    edit(root, experiment, data={"NASDAQ": record})
    view = collect(root, "latest")
    assert view.equity.curves == ()
    assert "The bars of NASDAQ are no longer those of the experiment" in view.equity.problem
    assert [entry.role for entry in view.entries][-1] == "baseline"
    assert view.heat_maps


def test_other_numbers_are_said_and_not_drawn(swept):
    root, experiment = swept
    (group,) = copy.deepcopy(experiment.groups)
    group.fixed["costs.commission"] = 0.01
    edit(root, experiment, groups=[group])
    equity = collect(root, "latest").equity
    assert equity.curves == ()
    assert "does not repeat: total_return is" in equity.problem


def test_runs_of_another_kernel_are_said_and_not_drawn(swept):
    root, experiment = swept
    edit(root, experiment, versions={"kernel": "0"})
    equity = collect(root, "latest").equity
    assert equity.curves == ()
    told = f"was made by kernel version 0, this checkout has {KERNEL_VERSION}"
    assert told in equity.problem


def test_a_run_outside_every_group_is_said(swept):
    root, experiment = swept
    edit(root, experiment, groups=[group_of(experiment.groups[0], first_run=1_000)])
    assert "no group has run" in collect(root, "latest").equity.problem


def test_bars_that_are_gone_are_said(swept):
    root, experiment = swept
    gone = {"source": "csv", "path": str(root / "gone.csv")}
    edit(root, experiment, groups=[group_of(experiment.groups[0], data=gone)])
    assert "data.path: no file or folder" in collect(root, "latest").equity.problem


def test_an_experiment_without_a_run(tmp_path):
    group = {"points": 5, "runs": 5, "windows": [{}]}
    new_experiment(tmp_path, status="failed", groups=[group], data={})
    view = collect(tmp_path, "latest")
    assert (view.entries, view.equity.problem) == ((), "No run has succeeded.")
    assert write_report(tmp_path, "latest", tmp_path / "page.html").stat().st_size > 1_000_000


def test_only_the_best_groups_get_a_map(swept, monkeypatch):
    root, _ = swept
    monkeypatch.setattr("store.report.build_view.MOST_MAPS", 0)
    view = collect(root, "latest")
    assert (view.heat_maps, view.maps_note) == ((), "The best 0 of 1 groups.")


def test_a_page_is_written_and_replaced(swept, monkeypatch):
    root, experiment = swept
    monkeypatch.chdir(root)
    path = write_report(root, "latest/best")
    assert path == Path("reports") / f"{experiment.id}.html"
    first = path.read_bytes()
    assert write_report(root, "latest/best") == path
    assert path.read_bytes() == first
    assert experiment.id.encode() in first
    summary = path.with_suffix(".md")
    assert sorted(path.parent.iterdir()) == [path, summary]
    assert f"`{experiment.id}`" in summary.read_text()
    with pytest.raises(StoreError, match=r"end the page's name in \.html"):
        write_report(root, "latest", root / "page.md")


def test_a_reference_to_nothing_writes_nothing(swept):
    root, _ = swept
    with pytest.raises(UnknownReference):
        write_report(root, "exp-20990101-000000-0000", root / "page.html")
    with pytest.raises(StoreError):
        write_report(root / "empty", "latest", root / "page.html")
    assert not (root / "page.html").exists()


def test_long_histories_are_thinned_and_say_so(swept, monkeypatch):
    root, _ = swept
    monkeypatch.setattr("store.report.equity.MOST_POINTS", 140)
    equity = collect(root, "latest").equity
    shown = len(equity.curves[0].times)
    assert shown <= 140
    assert equity.notes[1].startswith(f"Of 800 bars {shown} are drawn")
    assert pd.Index(equity.curves[0].times).is_monotonic_increasing


def test_runs_without_a_value_are_no_leaderboard(tmp_path, swept, data, metrics):
    _, experiment = swept
    lost = metrics.copy()
    lost[:, METRICS.index("sharpe")] = np.nan
    root = tmp_path / "lost"
    again = new_experiment(root, groups=experiment.groups, data=experiment.data)
    add_blocks(root, again, [runs(again.id, data, lost)])
    view = collect(root, "latest")
    assert (view.entries, view.equity.problem) == ((), "No run has succeeded.")


def test_an_experiment_without_baselines(swept, data, metrics):
    root, experiment = swept
    alone = new_experiment(root, groups=experiment.groups, data=experiment.data)
    add_blocks(root, alone, [runs(alone.id, data, metrics).slice(1)])
    view = collect(root, alone.id)
    assert [curve.role for curve in view.equity.curves] == ["best", "centre", "hold"]
    assert [entry.role for entry in view.entries if entry.role] == ["centre", "hold"]


FOLDS = [
    {"role": "train_1", "start": 100, "stop": 500, "first": "1999-05-27", "last": "2000-12-26"},
    {"role": "test_1", "start": 500, "stop": 900, "first": "2000-12-27", "last": "2002-08-02"},
]


@pytest.fixture
def folded(tmp_path, swept, data):
    """The same sweep on a train and a test window: its root, and the metrics (7, 2, 20)."""
    _, experiment = swept
    spans = [(fold["start"], fold["stop"]) for fold in FOLDS]
    settings = Settings(**SETTINGS, **RISK, **COSTS)
    found = evaluate_runs(prepare(data.frame), load_strategy("sma"), POINTS, settings, spans)
    group = experiment.groups[0].to_json() | {"windows": FOLDS, "runs": 14, "space": {}}
    root = tmp_path / "folds"
    again = new_experiment(root, groups=[group], data=experiment.data, search=experiment.search)
    tables = []
    for window, fold in enumerate(FOLDS):
        table = runs(again.id, data, found.metrics[:, window])
        times = data.frame.index[[fold["start"], fold["stop"] - 1]].to_pydatetime()
        changed = {
            "run": pa.array([2 * n + window for n in range(len(POINTS))]),
            "window": pa.array([fold["role"]] * len(POINTS)),
            "start": pa.array([times[0].astimezone(UTC)] * len(POINTS), table["start"].type),
            "end": pa.array([times[1].astimezone(UTC)] * len(POINTS), table["end"].type),
        }
        for name, column in changed.items():
            place = table.schema.get_field_index(name)
            table = table.set_column(place, table.schema.field(name), column)
        tables.append(table)
    add_blocks(root, again, tables)
    return root, found.metrics


def test_train_and_test_are_told_apart(folded):
    root, metrics = folded
    view = collect(root, "latest")
    sharpe = metrics[:, :, METRICS.index("sharpe")]
    best = int(np.argmax(sharpe[1:, 0])) + 1
    assert view.gap.best == tuple(sharpe[best])
    assert len(view.gap.train) == 6  # without the baseline
    entries = {entry.role: entry for entry in view.entries if entry.role}
    assert list(entries) == ["centre", "baseline", "hold"]
    place = entries["centre"].run // 2
    assert entries["centre"].metrics["sharpe"] == sharpe[place, 0]
    assert entries["centre"].metrics["test_sharpe"] == sharpe[place, 1]
    close = view.equity.curves[-1]
    assert close.role == "hold"
    assert set(entries["hold"].metrics) >= {"sharpe", "test_sharpe"}
    assert entries["hold"].metrics["test_total_return"] == close.values[-1] - 1
    (walk,) = view.walk_forward
    assert walk["folds"][0]["chosen"].endswith(f"/{2 * best}")
    assert "walk_forward" not in " ".join(step.command for step in view.steps)


def test_the_page_of_a_split_experiment_is_written(folded, tmp_path):
    root, _ = folded
    text = write_report(root, "latest", tmp_path / "page.html").read_text()
    assert "Best on train, then on test, NASDAQ" in text
    assert "test Sharpe" in text


def test_rows_of_other_experiments_are_pointed_at(swept):
    root, experiment = swept
    counts = {"planned": 9, "done": 7, "skipped": 2}
    edit(
        root,
        experiment,
        counts=counts,
        history=HistoryRecord(skips_runs_of=("exp-1",), tried=40, new=7, brought=2),
    )
    view = collect(root, "latest")
    assert view.elsewhere == "2 of the 9 runs were made before, by exp-1."
    assert view.luck_text.startswith("The best of ")


def test_one_run_alone(swept, data, metrics):
    root, experiment = swept
    alone = new_experiment(root, groups=experiment.groups, data=experiment.data)
    add_blocks(root, alone, [runs(alone.id, data, metrics).slice(3, 1)])
    view = collect(root, alone.id)
    assert [entry.role for entry in view.entries] == [None, "hold"]
    assert (view.heat_maps, view.peaks, view.importance, view.lines) == ((), (), (), None)
    assert sum(view.distribution.counts) == 1
    assert len(view.equity.months) == 2


def test_the_baseline_alone(swept, data, metrics):
    root, experiment = swept
    alone = new_experiment(root, groups=experiment.groups, data=experiment.data)
    add_blocks(root, alone, [runs(alone.id, data, metrics).slice(0, 1)])
    view = collect(root, alone.id)
    assert [entry.run for entry in view.entries] == [0, None]
    assert (view.distribution, view.gap) == (None, None)


def test_groups_are_told_apart(swept, data, metrics):
    root, experiment = swept
    second = group_of(experiment.groups[0], direction="short", first_run=9)
    groups = [*experiment.groups, second]
    both = new_experiment(root, groups=groups, data=experiment.data, search=experiment.search)
    first = runs(both.id, data, metrics)
    worse = metrics - 1
    other = runs(both.id, data, worse)
    for name, values in {"direction": ["short"] * 7, "run": range(9, 16)}.items():
        place = other.schema.get_field_index(name)
        field = other.schema.field(name)
        other = other.set_column(place, field, pa.array(values, field.type))
    add_blocks(root, both, [first, other])
    view = collect(root, both.id)
    titles = ["sma · NASDAQ · long", "sma · NASDAQ · short"]
    assert [heat.group for heat in view.heat_maps] == titles
    assert [peak.family for peak in view.peaks] == titles
    assert [one.family for one in view.importance] == titles
    assert sum(view.distribution.counts) == 12
    drawn = collect(root, f"{both.id}/11")
    assert "does not repeat" in drawn.equity.problem
    assert {entry.run for entry in drawn.entries if entry.role} == {9, drawn.peaks[1].run}


def test_a_plateau_sought_in_a_part_says_so(swept, monkeypatch):
    root, _ = swept
    monkeypatch.setattr("store.analysis.best_plateau.MOST_SCATTERED", 3)
    monkeypatch.setattr("store.analysis.best_plateau._is_grid", lambda family: False)
    (heat,) = collect(root, "latest").heat_maps
    assert "of 6 runs were looked at for a plateau" in heat.note


def test_curves_that_coincide_are_named():
    """One would hide the other."""
    line, other = np.array([1.0, 1.1]), np.array([1.0, 1.2])
    assert coinciding({"plateau: fast 5": line, "baseline: fast 6": line.copy(), "x": other}) == [
        "One line for two: plateau: fast 5 and baseline: fast 6 coincide"
    ]
