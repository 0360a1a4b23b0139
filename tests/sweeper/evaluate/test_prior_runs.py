"""Only what is new is run, whichever search asks; and all that was tried is counted."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from kernels import KERNEL_VERSION
from store.files.paths import experiment_folder
from store.ledger import completed_runs as known_runs
from store.ledger import ledger, verify
from store.query.results import Results
from store.records import experiment as experiments
from store.records.history import HistoryRecord
from store.runs import key_set
from sweeper.config.error_text import Interrupted
from sweeper.config.window import Window
from sweeper.evaluate import block_task as work_module
from sweeper.evaluate import prior_runs as history_module
from sweeper.evaluate.prior_runs import History, subject_of
from sweeper.evaluate.rows import config_hashes, in_store
from sweeper.run.driver import sweep_cells
from sweeper.terminal.watcher import Terminal
from tests.sweeper.fragile import FRAGILE
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.planned import GRID, make_cell, make_plan

pytestmark = pytest.mark.slow

COMMAND = ["python", "-m", "sweeper", "-m"]
GROWN = ("params.fast=range(2,15)", "params.slow=range(4,24,2)")
SYMBOLS = 2


@pytest.fixture
def root(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def evaluated(monkeypatch):
    """Configurations that are evaluated, per block."""
    counts = []
    evaluate = work_module.evaluate_each

    def watched(group, numbers):
        counts.append(len(numbers))
        return evaluate(group, numbers)

    monkeypatch.setattr(work_module, "evaluate_each", watched)
    return counts


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("sweeper.evaluate.calibration.SMALLEST_BLOCK", 8)
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 16)


def sweep(root, *sweeps, **sections):
    store = {"root": str(root)}
    return sweep_cells([make_cell(*sweeps, store=store, **sections)], COMMAND, Terminal())


def size(*sweeps, **sections):
    """Distinct configurations per symbol, the baseline among them."""
    group = make_plan(make_cell(*sweeps, **sections)).groups[0]
    numbers, _, _ = group.configurations(0, group.points)
    return len(numbers)


def hashes_to_metrics(root, *experiments):
    """Every run's hash with its Sharpe ratio, and how many rows there are."""
    found, rows = {}, 0
    for experiment in experiments:
        table = Results(root).runs(experiment.id, ["config_hash", "sharpe"])
        found |= dict(
            zip(table["config_hash"].to_pylist(), table["sharpe"].to_pylist(), strict=True)
        )
        rows += len(table)
    return found, rows


def test_a_grown_grid_runs_only_what_is_new(root, evaluated, small_blocks, capsys):
    first = sweep(root, *GRID)
    assert sum(evaluated) == size(*GRID) * SYMBOLS
    evaluated.clear()
    capsys.readouterr()
    second = sweep(root, *GROWN)
    words = " ".join(capsys.readouterr().out.split())
    new = (size(*GROWN) - size(*GRID)) * SYMBOLS
    assert sum(evaluated) == new
    planned, tried = size(*GROWN) * SYMBOLS, size(*GRID) * SYMBOLS
    assert second.counts == {
        "planned": planned, "done": new, "skipped": tried, "failed": 0, "pruned": 0,
    }  # fmt: skip
    assert f"{tried} of them are in the store already, from {first.id}; {new} to run" in words
    assert f"{tried} configurations of sma were tried on this data before" in words
    assert f"{tried} of the {planned} runs were made before, by {first.id}." in words
    assert f"the best of these {planned} shows" in words
    assert "more were tried on these bars before" not in words, "they are of this plan"
    assert second.history == HistoryRecord(
        tried=tried, new=new, exact=True, skips_runs_of=(first.id,), brought=tried
    )
    assert second.noise_sharpe == second.luck["mean"]


def test_the_ledger_counts_each_configuration_once(root):
    sweep(root, *GRID)
    sweep(root, *GROWN)
    sweep(root, *GROWN, force=True)
    sweep(root, *GRID, holdout=0.5)  # other windows, the same configurations
    assert list(ledger.counts(root).values()) == [size(*GROWN)] * SYMBOLS
    sweep(root, *GRID, strategy={"direction": "both"})
    assert list(ledger.counts(root).values()) == [size(*GROWN) + size(*GRID)] * SYMBOLS
    assert verify.verify(root) == []


def test_force_runs_everything_again(root, evaluated):
    sweep(root, *GRID)
    evaluated.clear()
    forced = sweep(root, *GROWN, force=True)
    assert sum(evaluated) == size(*GROWN) * SYMBOLS
    assert forced.history.origins == ()
    assert forced.history.new == (size(*GROWN) - size(*GRID)) * SYMBOLS
    assert forced.luck["configurations"] == size(*GROWN) * SYMBOLS


def test_a_longer_random_search_goes_on_from_the_shorter_one(root, evaluated):
    sweep(root, *GROWN, search={"kind": "random", "n": 40, "seed": 3})
    evaluated.clear()
    sweep(root, *GROWN, search={"kind": "random", "n": 55, "seed": 3})
    assert sum(evaluated) == 15 * SYMBOLS


def test_a_grid_skips_what_another_search_has_found(root, evaluated):
    sweep(root, *GROWN, search={"kind": "random", "n": 40, "seed": 3})
    evaluated.clear()
    sweep(root, *GROWN)
    assert sum(evaluated) == (size(*GROWN) - 41) * SYMBOLS  # 40 and the baseline


def test_a_part_of_a_grid_runs_nothing_and_shows_all_of_it(root, evaluated):
    whole = sweep(root, *GROWN)
    evaluated.clear()
    part = sweep(root, *GRID)
    assert (sum(evaluated), part.status) == (0, "done")
    runs = Results(root).runs(part.id)
    assert len(runs) == size(*GRID) * SYMBOLS
    assert set(runs["origin"].to_pylist()) == {whole.id}
    assert sum(runs["baseline"].to_pylist()) == SYMBOLS


OTHERS = {
    "costs": {"costs": {"commission": 0.001}},
    "side": {"strategy": {"direction": "both"}},
    "bars": {"holdout": 0.5},
    "data": {"data": {"source": "synthetic", "kind": ["trend", "garch"], "bars": 400, "seed": 2}},
}


@pytest.mark.parametrize("sections", OTHERS.values(), ids=OTHERS)
def test_nothing_is_skipped_that_is_not_the_same(sections, root, evaluated):
    sweep(root, *GRID)
    evaluated.clear()
    sweep(root, *GRID, **sections)
    assert sum(evaluated) == size(*GRID) * SYMBOLS


def test_runs_of_another_kernel_are_made_again(root, evaluated):
    first = sweep(root, *GRID)
    older = first.versions | {"kernel": f"{KERNEL_VERSION}-older"}
    experiments.save(root, dataclasses.replace(first, versions=older))
    evaluated.clear()
    sweep(root, *GROWN)
    assert sum(evaluated) == size(*GROWN) * SYMBOLS


def interrupted(monkeypatch, root, *sweeps):
    with monkeypatch.context() as patch:
        interrupt_after(patch, 3)
        with pytest.raises(Interrupted):
            sweep(root, *sweeps)
    return experiments.every(root)[0]


def test_what_an_interrupted_sweep_has_done_is_kept_when_the_grid_grows(
    root, evaluated, small_blocks, monkeypatch
):
    stopped = interrupted(monkeypatch, root, *GRID)
    assert 0 < stopped.counts["done"] < stopped.counts["planned"]
    assert sum(ledger.counts(root).values()) == stopped.counts["done"]
    evaluated.clear()
    sweep(root, *GROWN)
    assert sum(evaluated) == size(*GROWN) * SYMBOLS - stopped.counts["done"]
    assert sum(ledger.counts(root).values()) == size(*GROWN) * SYMBOLS


def test_a_resumed_sweep_skips_what_it_skipped_at_its_start(root, small_blocks, monkeypatch):
    """Whatever has become of the experiments it relied on."""
    first = sweep(root, *GRID)
    undisturbed = root.parent / "undisturbed"
    shutil.copytree(root, undisturbed)
    stopped = interrupted(monkeypatch, root, *GROWN)
    shutil.rmtree(experiment_folder(root, first.id))
    forgotten = {"done": 0, "skipped": 0, "failed": 0}
    kept = {name: file for name, file in stopped.files.items() if name.startswith("earlier/")}
    killed = dataclasses.replace(
        stopped, status="running", files=kept, counts=stopped.counts | forgotten
    )
    experiments.save(root, killed)
    resumed, whole = sweep(root, *GROWN), sweep(undisturbed, *GROWN)
    assert resumed.id == stopped.id
    assert resumed.counts == whole.counts
    assert hashes_to_metrics(root, resumed) == hashes_to_metrics(undisturbed, whole)


def test_a_damaged_experiment_is_said_and_its_runs_are_made_again(root, evaluated, capsys):
    first = sweep(root, *GRID)
    evaluated.clear()
    file = experiment_folder(root, first.id) / "runs.parquet"
    file.write_bytes(file.read_bytes()[:-30])
    capsys.readouterr()
    sweep(root, *GROWN)
    words = " ".join(capsys.readouterr().out.split())
    assert f"Note: {first.id} is not looked up for runs that need not be made again" in words
    assert sum(evaluated) == size(*GROWN) * SYMBOLS


def test_failed_configurations_count_and_are_tried_again(root, tmp_path, evaluated, monkeypatch):
    (tmp_path / "brittle_rule.py").write_text(FRAGILE)
    monkeypatch.syspath_prepend(tmp_path)
    strategy = {"name": "brittle", "module": "brittle_rule", "constraint": None}
    first = sweep(root, "params.k=range(1,6)", strategy=strategy)
    assert first.counts["failed"] == SYMBOLS
    assert list(ledger.counts(root).values()) == [5] * SYMBOLS
    evaluated.clear()
    second = sweep(root, "params.k=range(1,8)", strategy=strategy)
    assert second.counts["failed"] == SYMBOLS
    assert sum(evaluated) == (1 + 2) * SYMBOLS  # k=3, and what is new
    assert list(ledger.counts(root).values()) == [7] * SYMBOLS


SPLITS = {
    "walk_forward": {"kind": "walk_forward", "train": 100, "test": 60},
    "cpcv": {"kind": "cpcv", "groups": 4, "test_groups": 1},
}


@pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS)
def test_a_split_that_judges_the_choice_among_all_has_all_of_them(split, root, tmp_path, evaluated):
    sweep(root, *GRID)
    first = sweep(root, *GRID, split=split)
    evaluated.clear()
    grown = sweep(root, *GROWN, split=split)
    assert sum(evaluated) == (size(*GROWN) - size(*GRID)) * SYMBOLS
    assert grown.counts["skipped"] == first.counts["planned"]
    alone = sweep(tmp_path / "alone", *GROWN, split=split)
    split_of = Results(root).windows(grown.id)
    assert split_of == renamed(Results(tmp_path / "alone").windows(alone.id), alone.id, grown.id)
    assert list(ledger.counts(root).values()) == [size(*GROWN)] * SYMBOLS  # not once per window


def test_a_configuration_is_skipped_with_all_its_windows(root, evaluated):
    split = {"split": {"kind": "train_test"}}
    sweep(root, *GRID, **split)
    evaluated.clear()
    grown = sweep(root, *GROWN, **split)
    new = (size(*GROWN) - size(*GRID)) * SYMBOLS
    assert (sum(evaluated), grown.counts["done"]) == (new, new * 2)


def renamed(value, old, new):
    """JSON types with another id in their texts."""
    return json.loads(json.dumps(value).replace(old, new))


def two_windows():
    """A plan of one cell on two windows."""
    plan = make_plan(make_cell(*GRID))
    windows = (Window("one", 0, 160), Window("two", 160, 320))
    groups = [dataclasses.replace(group, windows=windows) for group in plan.groups]
    return dataclasses.replace(plan, groups=tuple(groups)).cut([16] * SYMBOLS)


def test_a_configuration_is_known_when_all_its_windows_are():
    plan = two_windows()
    group = plan.groups[0]
    numbers, _, _ = group.configurations(0, group.points)
    by_window = [key_set.keys_of(config_hashes(group, window, numbers)) for window in group.windows]
    known = key_set.union([by_window[0][:30], by_window[1][20:]])
    assert np.flatnonzero(in_store(group, numbers, known)).tolist() == list(range(20, 30))
    assert not in_store(group, numbers, key_set.none()).any()
    assert in_store(group, numbers, key_set.union(by_window)).all()


def known_of(plan, *stretches):
    """Keys of the first group's configurations at some places, on all windows."""
    group = plan.groups[0]
    numbers, _, _ = group.configurations(0, group.points)
    numbers = np.concatenate([numbers[start:stop] for start, stop in stretches])
    hashes = [config_hashes(group, window, numbers) for window in group.windows]
    return key_set.union(map(key_set.keys_of, hashes))


def test_how_much_of_a_plan_is_known():
    plan = two_windows()
    with_baseline = history_module._overlap(plan, known_of(plan, (0, 11)))
    assert (with_baseline.old, with_baseline.skipped, with_baseline.exact) == (11, 22, True)
    without = history_module._overlap(plan, known_of(plan, (1, 11)))
    assert (without.old, without.skipped) == (10, 20)
    nothing = history_module._overlap(plan, key_set.none())
    assert (nothing.old, nothing.skipped, nothing.exact) == (0, 0, True)


def test_of_a_large_plan_a_part_is_looked_up(monkeypatch):
    plan = make_plan(make_cell("params.fast=range(2,100)", "params.slow=range(100,200)"))
    group = plan.groups[0]
    numbers, _, _ = group.configurations(0, group.points)
    half = numbers[::2]
    known = key_set.keys_of(config_hashes(group, group.windows[0], half))
    monkeypatch.setattr(history_module, "EXACT", 2000)
    monkeypatch.setattr(history_module, "CHUNK", 64)
    found = history_module._overlap(plan, key_set.union([known]))
    assert not found.exact
    assert found.old == pytest.approx(len(half), rel=0.02)


def test_the_history_of_a_plan(root):
    first = sweep(root, *GRID)
    plan = make_plan(make_cell(*GROWN))
    found = History.of(root, plan, force=False)
    done, _ = known_runs.done_runs(root, [first.id])
    assert found.known.tolist() == done.tolist()
    assert (found.tried, found.skips_runs_of) == (size(*GRID) * SYMBOLS, (first.id,))
    assert ledger.count(root, *subject_of(plan.groups[0])) == size(*GRID)
    empty = History.of(Path(root.parent / "none"), plan, force=False)
    assert (empty.tried, empty.known.size, empty.new(plan)) == (0, 0, plan.configurations)
