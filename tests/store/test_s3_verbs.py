"""Verbs on a store in a bucket: those that look work, those that move folders say why not."""

import pytest

from store.deletion import delete
from store.errors import StoreError
from store.exchange.export import export
from store.exchange.take_in import take_in
from store.results import Results
from store.verification import verify
from tests.store.runs import filled, finish


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


def test_folders_are_not_moved_in_a_bucket(bucket, experiment, tmp_path):
    for form in ("json", "parquet"):
        export(tmp_path, [filled(tmp_path)], tmp_path / "out", form)
    for act in (
        lambda: delete(bucket, experiment.id),
        lambda: take_in(bucket, next((tmp_path / "out").glob("*.json"))),
        lambda: export(bucket, [experiment], tmp_path / "from-bucket", "parquet"),
    ):
        with pytest.raises(StoreError, match="export, import and delete work in a folder only"):
            act()
    assert [one.id for one in Results(bucket).experiments()] == [experiment.id]
