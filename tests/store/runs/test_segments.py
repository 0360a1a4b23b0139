"""Blocks merged while their sweep still runs."""

import dataclasses

import numpy as np
import pytest

from store.errors import BlockConflict, DamagedFile
from store.files import backend
from store.files.paths import experiment_folder
from store.maintenance.verification import verify_experiment
from store.query.results import Results
from store.records import experiment as records
from store.runs import block_metrics, segments
from store.runs.blocks import finished, write_block
from store.runs.compaction import compact
from store.runs.manifest import done_blocks, holding, with_committed
from tests.store.made_runs import add_blocks, filled, new_experiment, run_table


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(segments, "MANY", 3)
    monkeypatch.setattr(segments, "SMALL_ROWS", 40)


def gathered(root, experiment, keep=True):
    """The experiment after one merge, saved; with `keep` as it is before the blocks are dropped."""
    found = segments.gather(root, experiment)
    records.save(root, found)
    if not keep:
        old = [name for name in experiment.files if name not in found.files]
        segments.drop(root, experiment.id, old)
    return found


def test_the_lowest_small_blocks_become_one_segment(root):
    experiment = filled(root, blocks=5, rows=8)
    before = Results(root).runs(experiment.id)
    found = gathered(root, experiment)
    assert list(found.files) == [
        "segments/000000.parquet",
        "blocks/000003.parquet",
        "blocks/000004.parquet",
    ]
    assert found.files["segments/000000.parquet"].blocks == ((0, 2),)
    assert Results(root).runs(experiment.id).equals(before)
    assert with_committed(root, found) == found
    assert done_blocks(root, found) == {0, 1, 2, 3, 4}
    assert verify_experiment(root, experiment.id).faults == []
    assert segments.gather(root, found) is found, "two are left, which is not many"


def test_large_blocks_stay_and_few_small_ones_too(root):
    experiment = new_experiment(root)
    sizes = [8, 40, 8, 0, 50, 8]
    tables = [run_table(experiment.id, 100 * number, n) for number, n in enumerate(sizes)]
    found = gathered(root, add_blocks(root, experiment, tables))
    assert found.files["segments/000000.parquet"].blocks == ((0, 0), (2, 3))
    assert found.files["segments/000000.parquet"].rows == 16
    assert len(found.files) == 4
    assert holding(found, [1, 3]) == ["segments/000000.parquet"]


def test_the_end_merges_segments_with_the_rest(root):
    experiment = filled(root, blocks=8, rows=8)
    before = Results(root).runs(experiment.id).sort_by("run")
    found = gathered(root, gathered(root, experiment, keep=False))
    assert finished(experiment_folder(root, found.id) / "blocks") == [3, 4, 5, 6, 7]
    after = compact(root, found.id)
    assert list(after.files) == ["runs.parquet"]
    assert after.files["runs.parquet"].blocks == ((0, 7),)
    assert Results(root).runs(found.id).sort_by("run").equals(before)
    folder = experiment_folder(root, found.id)
    assert backend.names(folder / "segments") == backend.names(folder / "blocks") == []


def test_segments_alone_are_merged_too(root):
    experiment = gathered(root, filled(root, blocks=4, rows=8), keep=False)
    alone = {name: file for name, file in experiment.files.items() if "segments" in name}
    (experiment_folder(root, experiment.id) / "blocks" / "000003.parquet").unlink()
    records.save(root, dataclasses.replace(experiment, files=alone))
    assert compact(root, experiment.id).files["runs.parquet"].rows == 24


def test_a_block_that_comes_late_is_found_the_same(root):
    experiment = gathered(root, filled(root, blocks=4, rows=8), keep=False)
    folder = experiment_folder(root, experiment.id) / "blocks"
    write_block(folder, 1, run_table(experiment.id, 8, 8))
    assert Results(root).runs(experiment.id).num_rows == 32
    assert compact(root, experiment.id).files["runs.parquet"].rows == 32
    assert finished(folder) == []


def test_a_block_that_comes_late_with_other_rows_is_a_conflict(root):
    experiment = gathered(root, filled(root, blocks=4, rows=8), keep=False)
    folder = experiment_folder(root, experiment.id) / "blocks"
    write_block(folder, 1, run_table(experiment.id, 8, 8, seed=3))
    with pytest.raises(BlockConflict, match=r"000001\.parquet: holds 8 other rows"):
        compact(root, experiment.id)
    assert records.load(root, experiment.id) == experiment


def test_a_damaged_block_is_not_merged(root):
    experiment = filled(root, blocks=4, rows=8)
    path = experiment_folder(root, experiment.id) / "blocks" / "000002.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    backend.replace(path, bytes(content))
    with pytest.raises(DamagedFile, match=r"000002\.parquet: has SHA-256"):
        segments.gather(root, experiment)
    assert backend.names(experiment_folder(root, experiment.id) / "segments") == []


@pytest.mark.parametrize("keep", [True, False])
def test_a_driver_reads_the_runs_of_blocks_wherever_they_are(root, keep):
    experiment = gathered(root, filled(root, blocks=5, rows=8), keep)
    sharpe = Results(root).runs(experiment.id, ["sharpe"])["sharpe"].to_numpy()
    runs = np.array([3, 9, 25, 39, 9, 999])
    found = block_metrics.of_runs(root, experiment.id, {0, 1, 3, 4, 77}, runs, ["sharpe"])
    assert found[:5, 0].tolist() == sharpe[runs[:5]].tolist()
    assert np.isnan(found[5, 0])
    table = block_metrics.of_blocks(root, experiment.id, {1, 4}, ["run"])
    assert sorted(table["run"].to_pylist()) == [*range(24), *range(32, 40)]
    assert block_metrics.of_blocks(root, experiment.id, {77}, ["run", "status"]).num_rows == 0
