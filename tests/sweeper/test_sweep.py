"""Sweeps end to end in this process: the rows, what resumes, and what an interrupt leaves."""

import dataclasses
import json

import numpy as np
import pytest

from kernels import METRICS
from store.query.results import Results
from store.records import experiment as experiments
from sweeper.backtest import Backtest, run_backtest
from sweeper.config.error_text import Interrupted
from sweeper.run.driver import sweep_cells
from tests.sweeper.fragile import FRAGILE
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.planned import GRID, make_cell

COMMAND = ["python", "-m", "sweeper", "-m"]
NASDAQ = {"source": "nasdaq", "symbols": ["NASDAQ"], "calendar": "XNYS", "periods_per_year": 252}


@pytest.fixture
def store(tmp_path):
    return {"root": str(tmp_path / "results")}


def rows_of(root):
    """Runs of the newest experiment by run number, without its id."""
    table = Results(root).runs("latest").sort_by("run").drop_columns(["experiment_id"])
    return table.to_pylist()


def test_a_row_is_what_one_backtest_gives(store):
    cell = make_cell(*GRID, data=NASDAQ, holdout=0.5, store=store, executor="inline")
    sweep_cells([cell], COMMAND)
    rows = rows_of(store["root"])
    bars_end = str(rows[0]["end"].date())
    for row in rows[:: len(rows) // 7]:
        params = {"fast": row["params.fast"], "slow": row["params.slow"]}
        alone = run_backtest(Backtest(strategy="sma", params=params, end=bars_end))
        for name in METRICS:
            np.testing.assert_array_equal(row[name], alone.metrics[name])


def test_the_best_row_comes_first_and_the_baseline_is_marked(store):
    sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    table = Results(store["root"]).runs("latest")
    sharpe = table["sharpe"].to_numpy()
    assert np.all(np.diff(sharpe) <= 0)
    baseline = table.filter(table["baseline"])
    assert baseline["params.fast"].to_pylist() == [20, 20]


def test_a_swept_and_a_fixed_number_have_the_same_hash(store):
    other = store | {"root": store["root"] + "2"}
    sweep_cells([make_cell("params.fast=3,5", "params.slow=50", store=store)], COMMAND)
    sweep_cells([make_cell("params.slow=50,60", params={"fast": 5}, store=other)], COMMAND)
    wanted = ["config_hash", "params_hash", "sharpe"]

    def fast5(root):
        runs = Results(root).runs("latest")
        mask = np.asarray(runs["params.fast"]) == 5
        mask &= np.asarray(runs["params.slow"]) == 50
        return runs.filter(mask).select(wanted).to_pylist()

    assert fast5(store["root"]) == fast5(other["root"])


def test_block_sums_are_those_of_the_equity(store):
    sweep_cells([make_cell("params.fast=5", "params.slow=20", data=NASDAQ, store=store)], COMMAND)
    row = next(row for row in rows_of(store["root"]) if not row["baseline"])
    end = str(row["end"].date())
    equity = run_backtest(Backtest(strategy="sma", params={"fast": 5, "slow": 20}, end=end)).equity
    returns = equity.pct_change().fillna(0.0).to_numpy()
    edges = np.round(np.linspace(0, len(returns), 65)).astype(int)
    expected = np.add.reduceat(returns, edges[:-1])
    np.testing.assert_allclose(row["block_sum"], expected, rtol=1e-5, atol=1e-7)


def test_an_interrupted_sweep_goes_on_to_the_same_rows(store, monkeypatch):
    undisturbed = store | {"root": store["root"] + "-undisturbed"}
    small = {"SMALLEST_BLOCK": 8, "MAX_BLOCK_RUNS": 16}
    for name, value in small.items():
        monkeypatch.setattr(f"sweeper.evaluate.calibration.{name}", value)
    sweep_cells([make_cell(*GRID, store=undisturbed)], COMMAND)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(
            Interrupted, match=r"the same command goes on.*\n  python -m sweeper -m"
        ):
            sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    (stopped,) = experiments.every(store_root := store["root"])
    assert stopped.status == "interrupted"
    assert 0 < stopped.counts["done"] < stopped.counts["planned"]
    sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    (finished,) = experiments.every(store_root)
    assert (finished.id, finished.status) == (stopped.id, "done")
    assert rows_of(store["root"]) == rows_of(undisturbed["root"])


def test_a_time_limit_stops_at_a_block_and_the_same_command_goes_on(store, monkeypatch):
    for name, value in {"SMALLEST_BLOCK": 8, "MAX_BLOCK_RUNS": 16}.items():
        monkeypatch.setattr(f"sweeper.evaluate.calibration.{name}", value)
    limited = make_cell(*GRID, store=store, time_limit=1e-9)
    with pytest.raises(
        Interrupted, match=r"^Stopped by time_limit=1e-09\. \d+ of \d+ runs are kept"
    ):
        sweep_cells([limited], COMMAND)
    (stopped,) = experiments.every(store["root"])
    assert 0 < stopped.counts["done"] < stopped.counts["planned"]
    finished = sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    assert (finished.id, finished.status) == (stopped.id, "done")
    with pytest.raises(ValueError, match=r"time_limit: must be above 0 seconds or null, got 0"):
        make_cell(*GRID, store=store, time_limit=0)


def test_blocks_that_a_killed_driver_did_not_record_are_kept(store, monkeypatch):
    """SIGKILL between the commit of a block and that of the record."""
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 16)
    monkeypatch.setattr("sweeper.evaluate.calibration.SMALLEST_BLOCK", 8)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(Interrupted):
            sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    root = store["root"]
    (stopped,) = experiments.every(root)
    forgotten = {"done": 0, "skipped": 0, "failed": 0}
    experiments.save(
        root,
        dataclasses.replace(stopped, status="running", files={}, counts=stopped.counts | forgotten),
    )
    sweep_cells([make_cell(*GRID, store=store)], COMMAND)
    (finished,) = experiments.every(root)
    counts = finished.counts
    assert counts["done"] == counts["planned"] == len(rows_of(store["root"]))


def test_a_configuration_that_raises_becomes_an_error_row(store, tmp_path, monkeypatch):
    """And the others are not stopped."""
    (tmp_path / "fragile_rule.py").write_text(FRAGILE)
    monkeypatch.syspath_prepend(tmp_path)
    strategy = {"name": "fragile", "module": "fragile_rule", "constraint": None}
    cell = make_cell("params.k=range(1,6)", store=store, strategy=strategy)
    sweep_cells([cell], COMMAND)
    (experiment,) = experiments.every(store["root"])
    assert experiment.counts == {"planned": 10, "done": 8, "skipped": 0, "failed": 2, "pruned": 0}
    assert {row["params.k"] for row in rows_of(store["root"])} == {1, 2, 4, 5}
    errors = Results(store["root"]).errors("latest")
    line = 1 + FRAGILE.splitlines().index('        raise ValueError("three is too much")')
    place = f"({tmp_path / 'fragile_rule.py'}, line {line})"
    assert errors["error"].to_pylist() == [f"ValueError: three is too much {place}"] * 2
    assert json.loads(errors["config_json"][0].as_py())["params.k"] == 3
    assert "fragile_rule.py" in errors["traceback"][0].as_py()
