"""Verbs on a store in a bucket: those that look work, those that move folders say why not."""

import pyarrow as pa
import pytest

from store.errors import StoreError
from store.files.paths import experiment_folder
from store.maintenance.deletion import delete
from store.maintenance.verification import verify
from store.query.results import Results
from store.runs.blocks import write_block
from store.transfer.export import export
from store.transfer.import_experiment import take_in
from tests.store.made_runs import filled, finish


@pytest.fixture
def bucket(new_bucket):
    return new_bucket()


@pytest.fixture
def experiment(bucket):
    return finish(bucket, filled(bucket))


def test_verify_looks_at_every_file(bucket, experiment):
    found = verify(bucket)
    assert (found.faults, found.experiments, found.files) == ([], 1, len(experiment.files))
    name = next(iter(experiment.files))
    damaged = bucket / "v1" / experiment.id / name
    damaged.unlink()
    assert any(name in fault for fault in verify(bucket).faults)


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_an_export_from_a_bucket_comes_into_a_folder_as_it_was(bucket, experiment, tmp_path, form):
    write_block(experiment_folder(bucket, experiment.id) / "proposals/000", 0, pa.table({"a": [1]}))
    (path,) = export(bucket, [experiment], tmp_path / "out", form)
    assert (path / "proposals/000/000000.parquet").is_file() is (form == "parquet")
    root = tmp_path / "results"
    take_in(root, path)
    assert Results(root).runs().sort_by("run") == Results(bucket).runs().sort_by("run")


def test_a_sheet_from_a_bucket(bucket, experiment, tmp_path):
    (path,) = export(bucket, [experiment], tmp_path, "csv")
    assert len(path.read_text().splitlines()) == 121


def test_folders_are_not_moved_in_a_bucket(bucket, experiment, tmp_path):
    export(tmp_path, [filled(tmp_path)], tmp_path / "out", "json")
    for act in (
        lambda: delete(bucket, experiment.id),
        lambda: take_in(bucket, next((tmp_path / "out").glob("*.json"))),
    ):
        with pytest.raises(StoreError, match="import and delete work in a folder only"):
            act()
    assert [one.id for one in Results(bucket).experiments()] == [experiment.id]
