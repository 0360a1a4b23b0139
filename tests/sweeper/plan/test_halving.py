"""search.prune: who goes on, what is written of the others, and that nothing is lost."""

from pathlib import Path

import numpy as np
import pytest

from store.ledger import verify
from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.executors.ray.executor import RayExecutor
from sweeper.plan import halving
from sweeper.run.driver import sweep_cells
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.merging import stopped_while_merging
from tests.sweeper.planned import DATA, make_cell, make_plan

COMMAND = ["python", "-m", "sweeper", "-m"]
SPACE = ("params.fast=range(2,12)", "params.slow=range(4,24,2)")
WALK = {"kind": "walk_forward", "train": 60, "test": 40}  # 7 folds, 2 symbols: 14 units


def cell(root, prune=2, **sections):
    search = {"kind": "grid", "prune": prune}
    config = {"split": WALK, "executor": "inline", "search": search, **sections}
    return make_cell(*SPACE, store={"root": str(root)}, **config)


def everything(root):
    return Results(root).runs().drop_columns(["experiment_id"])


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 240)
    monkeypatch.setattr("sweeper.evaluate.calibration.SMALLEST_BLOCK", 8)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    root = tmp_path_factory.mktemp("full")
    sweep_cells([cell(root, prune=None)], COMMAND)
    return root


@pytest.fixture(scope="module")
def halved(tmp_path_factory):
    root = tmp_path_factory.mktemp("halved")
    return root, sweep_cells([cell(root)], COMMAND)


def units():
    """(fold, symbol) in the order in which they are run."""
    return [(fold, symbol) for fold in range(1, 8) for symbol in ("SYN-TREND", "SYN-GARCH")]


def slow_halving(rows, stops, factor):
    """The units that each configuration runs, worked out from the rows of the whole grid."""
    sharpe = {}
    for row in rows:
        if row["window"].startswith("train"):
            fold = int(row["window"].removeprefix("train_"))
            key = (row["params.fast"], row["params.slow"], row["baseline"])
            sharpe.setdefault(key, {})[fold, row["symbol"]] = row["sharpe"]
    points = sorted(sharpe, key=lambda key: (not key[2], key))  # the baseline is point 0
    alive, ran = points, {}
    for stop in stops:
        for key in alive:
            ran[key] = units()[:stop]
        mean = {key: np.mean([sharpe[key][unit] for unit in units()[:stop]]) for key in alive}
        count = -(-len(alive) // factor)
        going = sorted(alive, key=lambda key: -mean[key])[:count]  # stable: ties by point
        alive = [key for key in points if key in going or key == points[0]]
    return ran


def test_who_shows_what_is_required_goes_on_before_all_others(full, tmp_path):
    """After the first fold of the first symbol: those with trades enough, then the better ones."""
    rows = everything(full).to_pylist()
    first = [r for r in rows if r["symbol"] == "SYN-TREND" and r["window"] == "train_1"]
    limit = float(np.median([row["trades"] for row in first])) + 1
    assert 0 < sum(row["trades"] >= limit for row in first) < len(first) / 2
    ranked = sorted(first, key=lambda r: (r["trades"] < limit, -r["sharpe"], r["run"]))
    going = {0}  # the defaults always go on
    going |= {row["run"] for row in ranked[: -(-len(ranked) // 2)]}
    search = {"kind": "grid", "prune": 2, "require": f"trades >= {limit:g}"}
    sweep_cells([cell(tmp_path, search=search)], COMMAND)
    second = [r for r in everything(tmp_path).to_pylist() if r["window"] == "train_2"]
    done = [r for r in second if r["symbol"] == "SYN-TREND" and r["status"] == "done"]
    width = 14
    assert {row["run"] // width for row in done} == {run // width for run in going}


@pytest.mark.parametrize(("factor", "stops"), [(2, [1, 3, 7, 14]), (3, [1, 4, 14])])
def test_the_better_ones_go_on(full, tmp_path, factor, stops):
    experiment = sweep_cells([cell(tmp_path, factor)], COMMAND)
    ran = slow_halving(everything(full).to_pylist(), stops, factor)
    rows = everything(tmp_path).to_pylist()
    done = {}
    for row in rows:
        kind, _, fold = row["window"].partition("_")
        key = (row["params.fast"], row["params.slow"], row["baseline"])
        if row["status"] == "done":
            done.setdefault((kind, key), set()).add((int(fold), row["symbol"]))
    for key, wanted in ran.items():
        assert done["train", key] == set(wanted)
        assert done["test", key] == set(wanted)
    assert experiment.counts["pruned"] == sum(row["status"] == "pruned" for row in rows) > 0
    assert experiment.counts["planned"] == len(rows) == everything(full).num_rows


def test_what_is_run_is_what_the_whole_grid_has(full, halved):
    """Every run of the grid is there once, with its own number, hash and metrics, or pruned."""
    want = {row["run"]: row for row in everything(full).to_pylist()}
    rows = everything(halved[0]).to_pylist()
    assert sorted(row["run"] for row in rows) == sorted(want)
    empty = ("sharpe", "trades", "block_sum", "block_sumsq", "final_equity")
    for row in rows:
        other = want[row["run"]]
        if row["status"] == "pruned":
            assert all(row[name] is None for name in empty)
            same = ("config_hash", "params_hash", "window", "start", "end", "symbol", "tried")
            assert [row[name] for name in same] == [other[name] for name in same]
        else:
            assert str(row) == str(other)


def test_all_count_as_tried(full, halved):
    assert verify.verify(halved[0]) == []
    tried = [set(everything(root)["tried"].to_pylist()) for root in (full, halved[0])]
    assert tried[0] == tried[1]


@pytest.mark.parametrize("blocks", [1, 5, 9, 14])
def test_a_pruned_sweep_that_was_stopped_goes_on_to_the_same_rows(
    tmp_path, monkeypatch, small_blocks, halved, blocks
):
    with monkeypatch.context() as patch:
        interrupt_after(patch, blocks)
        with pytest.raises(Interrupted):
            sweep_cells([cell(tmp_path)], COMMAND)
    (stopped,) = experiments.every(tmp_path)
    forgotten = {"done": 0, "skipped": 0, "failed": 0, "pruned": 0}
    killed = {"status": "running", "files": {}, "counts": stopped.counts | forgotten}
    experiments.save(tmp_path, experiments.dataclasses.replace(stopped, **killed))
    finished = sweep_cells([cell(tmp_path)], COMMAND)
    assert finished.counts == halved[1].counts
    assert encode(everything(tmp_path)) == encode(everything(halved[0]))


@pytest.mark.parametrize("blocks", [6, 14])
def test_with_blocks_merged_meanwhile_the_same_go_on(
    tmp_path, monkeypatch, small_blocks, halved, blocks
):
    stopped_while_merging(tmp_path, [cell(tmp_path)], COMMAND, monkeypatch, blocks)
    finished = sweep_cells([cell(tmp_path)], COMMAND)
    assert finished.counts == halved[1].counts
    assert encode(everything(tmp_path)) == encode(everything(halved[0]))
    assert verify.verify(tmp_path) == []


def test_on_ray_the_same_rows(tmp_path, monkeypatch, small_blocks, halved, cluster):
    monkeypatch.setattr("sweeper.executors.select.InlineExecutor", lambda: RayExecutor(2, "two"))
    sweep_cells([cell(tmp_path)], COMMAND)
    assert encode(everything(tmp_path)) == encode(everything(halved[0]))


def test_the_leaderboard_and_the_walk_forward_are_of_those_that_ran(halved):
    results = Results(halved[0])
    assert all(row["metrics"]["sharpe"] is not None for row in results.standings(n=100))
    shown = results.show("latest")
    assert "walk_forward" in str(shown)
    assert results.summary()["counts"]["pruned"] == halved[1].counts["pruned"]


def test_who_goes_on():
    points = np.arange(7)
    scores = np.array([0.0, 3.0, np.nan, 5.0, 3.0, 1.0, np.nan])
    assert halving.best(scores, points, 2).tolist() == [0, 1, 3, 4, 5]  # 4 of 7, and the baseline
    assert halving.best(scores, points, 7).tolist() == [0, 3]
    assert halving.best(np.full(7, np.nan), points, 2).tolist() == [0]


@pytest.mark.parametrize(
    ("sections", "complaint"),
    [
        (
            {"split": {"kind": "full"}, "data": DATA | {"kind": ["trend"]}},
            "needs 2 folds or symbols",
        ),
        ({"search": {"kind": "bayes", "n": 9, "prune": 2}}, "bayes chooses its points itself"),
        ({"search": {"kind": "grid", "prune": 1}}, "whole number from 2 to 100, got 1"),
        ({"search": {"kind": "grid", "prune": "x"}}, "whole number from 2 to 100, got 'x'"),
    ],
)
def test_what_cannot_be_pruned_is_refused_before_anything_is_written(tmp_path, sections, complaint):
    with pytest.raises(ValueError, match=rf"search.prune: .*{complaint}"):
        sweep_cells([cell(tmp_path / "results", **sections)], COMMAND)
    assert not (tmp_path / "results").exists()


def test_a_factor_is_part_of_what_an_experiment_is():
    hashes = {make_plan(cell(Path("x"), prune)).hash() for prune in (None, 2, 3)}
    assert len(hashes) == 3
    assert make_plan(cell(Path("x"), True)).hash() in hashes
