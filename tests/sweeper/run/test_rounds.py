"""Sweeps that learn: what is proposed, scored, kept, and gone on with."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from store.ledger import ledger
from store.ledger.tried_keys import Subject
from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.run.driver import sweep_cells
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.merging import stopped_while_merging
from tests.sweeper.planned import make_cell

COMMAND = ["python", "-m", "sweeper", "-m"]
SPACE = ("params.fast=range(2,60)", "params.slow=range(4,120,2)")
BAYES = {"kind": "bayes", "n": 30, "batch": 8}
WALK = {"kind": "walk_forward", "train": 100, "test": 50}


def cell(root, *, search=BAYES, sweeps=SPACE, **sections):
    config = {"search": search, "executor": "inline", "split": WALK, **sections}
    return make_cell(*sweeps, store={"root": str(root)}, **config)


def rows(root):
    """All rows in their order, as bytes, without what differs between two experiments."""
    return encode(Results(root).runs().drop_columns(["experiment_id"]))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    root = tmp_path_factory.mktemp("learnt")
    return root, sweep_cells([cell(root)], COMMAND)


def test_what_is_proposed_is_run_on_all_symbols_and_windows(undisturbed):
    root, experiment = undisturbed
    found = Results(root).runs().to_pylist()
    per_symbol = {}
    for row in found:
        key = (row["params.fast"], row["params.slow"], row["window"])
        per_symbol.setdefault(row["symbol"], set()).add(key)
    trend, garch = per_symbol.values()
    assert trend == garch
    assert experiment.counts["planned"] == experiment.counts["done"] == len(found)
    windows = len({row["window"] for row in found})
    assert len(found) == 2 * windows * (30 + 1)


def test_the_ledger_counts_every_proposal_once(undisturbed):
    root, experiment = undisturbed
    counts = ledger.counts(root)
    fingerprint = experiment.groups[0].fingerprint
    assert counts[Subject("SYN-TREND", fingerprint, "sma")] == 31


def test_the_search_is_told_means_over_train_windows_and_symbols(tmp_path, monkeypatch):
    told = []
    make = "sweeper.search.bayes.Bayes.tell"
    monkeypatch.setattr(make, lambda self, values, scores: told.append((values, scores)))
    search = {"kind": "bayes", "n": 7, "batch": 8, "metric": ["sharpe", "max_drawdown"]}
    sweep_cells([cell(tmp_path, search={**search, "mode": ["max", "min"]})], COMMAND)
    ((values, scores),) = told
    for point, score in zip(values, scores, strict=True):
        same = [
            row
            for row in Results(tmp_path).runs().to_pylist()
            if (row["params.fast"], row["params.slow"]) == tuple(point)
            and row["window"].startswith("train")
        ]
        assert {row["symbol"] for row in same} == {"SYN-TREND", "SYN-GARCH"}
        assert score[0] == pytest.approx(np.mean([row["sharpe"] for row in same]))
        assert score[1] == pytest.approx(-np.mean([row["max_drawdown"] for row in same]))


def test_a_proposal_that_is_the_baseline_is_scored_by_its_row(tmp_path, monkeypatch):
    told = []
    make = "sweeper.search.bayes.Bayes.tell"
    monkeypatch.setattr(make, lambda self, values, scores: told.append((values, scores)))
    sweeps = ("params.fast=choice(10,20)", "params.slow=choice(50)")
    experiment = sweep_cells(
        [cell(tmp_path, sweeps=sweeps, search={"kind": "bayes", "n": 2, "batch": 4})], COMMAND
    )
    ((values, scores),) = told
    assert sorted(values[:, 0]) == [10, 20]
    assert np.isfinite(scores).all()
    assert (
        experiment.counts["planned"] == experiment.counts["done"] == 2 * 2 * 8
    )  # symbols, windows
    assert [group.runs for group in experiment.groups] == [16, 16]


@pytest.mark.parametrize("blocks", [1, 2, 3, 5, 8])
def test_a_search_that_was_stopped_goes_on_to_the_same_rows(
    tmp_path, monkeypatch, undisturbed, blocks
):
    with monkeypatch.context() as patch:
        interrupt_after(patch, blocks)
        with pytest.raises(Interrupted):
            sweep_cells([cell(tmp_path)], COMMAND)
    (stopped,) = experiments.every(tmp_path)
    assert 0 < stopped.counts["done"] <= undisturbed[1].counts["done"]
    finished = sweep_cells([cell(tmp_path)], COMMAND)
    assert finished.counts == undisturbed[1].counts
    assert rows(tmp_path) == rows(undisturbed[0])


@pytest.mark.parametrize("blocks", [3, 5])
def test_with_blocks_merged_meanwhile_the_same_is_learnt(
    tmp_path, monkeypatch, undisturbed, blocks
):
    stopped_while_merging(tmp_path, [cell(tmp_path)], COMMAND, monkeypatch, blocks)
    finished = sweep_cells([cell(tmp_path)], COMMAND)
    assert finished.counts == undisturbed[1].counts
    assert rows(tmp_path) == rows(undisturbed[0])


def test_a_round_that_was_written_but_not_run_is_run(tmp_path, monkeypatch, undisturbed):
    """SIGKILL between the commit of a round and that of its first block."""
    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        with pytest.raises(Interrupted):
            sweep_cells([cell(tmp_path)], COMMAND)
    (stopped,) = experiments.every(tmp_path)
    proposals = Path("v1", stopped.id, "proposals", "000", "000002.parquet")
    assert not (tmp_path / proposals).exists()
    other = Path("v1", undisturbed[1].id, *proposals.parts[2:])
    shutil.copy(undisturbed[0] / other, tmp_path / proposals)
    sweep_cells([cell(tmp_path)], COMMAND)
    assert rows(tmp_path) == rows(undisturbed[0])


def test_a_driver_killed_after_the_merge_goes_on(tmp_path, undisturbed):
    """The blocks are merged already, and its learner is told of them all the same."""
    shutil.copytree(undisturbed[0], tmp_path / "copy")
    root = tmp_path / "copy"
    (done,) = experiments.every(root)
    experiments.save(root, experiments.dataclasses.replace(done, status="running"))
    assert sweep_cells([cell(root)], COMMAND).counts == done.counts
    assert rows(root) == rows(undisturbed[0])


def test_blocks_are_as_many_as_workers_want(tmp_path, monkeypatch, undisturbed):
    """Runs keep their numbers and rows whatever the blocks."""
    monkeypatch.setattr("sweeper.evaluate.calibration.SHARED_SECONDS", 0.0)
    monkeypatch.setattr("sweeper.evaluate.calibration._round_share", lambda *_: 3)
    experiment = sweep_cells([cell(tmp_path)], COMMAND)
    assert {group.block_points for group in experiment.groups} == {2}
    assert rows(tmp_path) == rows(undisturbed[0])


def test_a_search_that_ends_early_has_planned_what_it_ran(tmp_path):
    sweeps = ("params.fast=choice(2,3)", "params.slow=choice(10,20)")
    search = {"kind": "bayes", "n": 50, "batch": 4}
    experiment = sweep_cells([cell(tmp_path, sweeps=sweeps, search=search)], COMMAND)
    windows = len(experiment.groups[0].windows)
    assert experiment.counts["planned"] == experiment.counts["done"] == 2 * windows * (4 + 1)
    again = sweep_cells([cell(tmp_path, sweeps=sweeps, search=search)], COMMAND)
    assert again.id == experiment.id


def test_a_constraint_that_bars_three_points_in_four_takes_none_of_those_asked_for(tmp_path):
    sweeps = ("params.fast=range(2,60)", "params.slow=range(2,60)")
    barring = {"strategy": {"constraint": "2 * fast < slow"}, "split": {"kind": "full"}}
    sweep_cells([cell(tmp_path, sweeps=sweeps, **barring)], COMMAND)
    pairs = {}
    for row in Results(tmp_path).runs().to_pylist():
        pairs.setdefault(row["symbol"], []).append((row["params.fast"], row["params.slow"]))
    for asked in pairs.values():
        assert len(set(asked)) == len(asked) == 30 + 1  # and the defaults
        assert all(2 * fast < slow for fast, slow in asked)


def test_two_searches_that_learn_run_beside_one_that_does_not(tmp_path):
    cells = [
        cell(tmp_path, search={**BAYES, "seed": 1}),
        cell(tmp_path, search={"kind": "grid"}, sweeps=("params.fast=2,3", "params.slow=9")),
        cell(tmp_path, search={**BAYES, "n": 5}),
    ]
    experiment = sweep_cells(cells, COMMAND)
    windows = len(experiment.groups[0].windows)
    assert experiment.counts["done"] == 2 * windows * (
        (30 + 1) + (2 + 1) + 5
    )  # the default is shared
