"""Deleting an experiment: all or nothing, and never what was counted."""

import pytest

from store.errors import Driven, RegistryUnavailable, StoreError, UnknownReference
from store.files.lock import driving
from store.files.paths import experiment_folder, experiments_folder
from store.ledger import ledger, verify
from store.maintenance import deletion, verification
from store.query import edit_annotations
from store.query.results import Results
from store.records import experiment as records
from store.records.history import HistoryRecord
from store.registry import Promotion, open_registry
from tests.store.counted import NASDAQ, commit, started, swept
from tests.store.made_runs import finish


def test_rows_tags_and_notes_go_and_the_count_stays(tmp_path):
    gone, kept = swept(tmp_path, [1, 2, 3]), swept(tmp_path, [4], number=1)
    results = Results(tmp_path)
    for ref in (gone.id, f"{gone.id}/0", kept.id):
        edit_annotations.tag(results, ref, ["x"])
    before = ledger.rows(tmp_path)
    deletion.delete(tmp_path, gone.id)
    assert [one.id for one in records.every(tmp_path)] == [kept.id]
    assert list(open_registry(tmp_path).edits()) == [kept.id]
    assert open_registry(tmp_path).events(gone.id)[-1].kind == "deleted"
    assert ledger.rows(tmp_path) == before
    assert ledger.counts(tmp_path) == {NASDAQ: 4}
    assert verify.verify(tmp_path) == verification.verify(tmp_path).faults == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "registry.db", "v1"]
    with pytest.raises(UnknownReference):
        results.resolve(gone.id)


def test_what_a_killed_sweep_tried_is_counted_before_it_goes(tmp_path):
    experiment = started(tmp_path, [NASDAQ])
    commit(tmp_path, experiment, 0, [7, 8])
    assert ledger.counts(tmp_path) == {}
    deletion.delete(tmp_path, experiment.id)
    assert ledger.counts(tmp_path) == {NASDAQ: 2}
    assert verify.verify(tmp_path) == []


def test_an_experiment_that_runs_is_not_deleted(tmp_path):
    experiment = started(tmp_path)
    with driving(tmp_path, experiment.id), pytest.raises(Driven):
        deletion.delete(tmp_path, experiment.id)
    assert records.every(tmp_path) == [experiment]


def test_damaged_runs_go_if_they_are_counted(tmp_path):
    for number, status in enumerate(("done", "running")):
        experiment = swept(tmp_path, [number], number=number)
        (block,) = (experiment_folder(tmp_path, experiment.id) / "blocks").iterdir()
        block.write_bytes(b"x" * 99)
        finish(tmp_path, experiment, status=status)
    running, done = (one.id for one in records.every(tmp_path))
    deletion.delete(tmp_path, done)
    with pytest.raises(ValueError, match=r"blocks/000000\.parquet"):
        deletion.delete(tmp_path, running)
    assert [one.id for one in records.every(tmp_path)] == [running]


def test_without_its_registry_nothing_is_deleted(tmp_path, monkeypatch):
    experiment = swept(tmp_path, [1])
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/x")
    with pytest.raises(RegistryUnavailable):
        deletion.delete(tmp_path, experiment.id)
    assert records.every(tmp_path) == [experiment]


def test_what_it_would_leave_behind_is_told(tmp_path):
    first, second = swept(tmp_path, [1]), swept(tmp_path, [2], number=1)
    assert deletion.consequences(tmp_path, first.id) == []
    finish(tmp_path, second, history=HistoryRecord(skips_runs_of=(first.id,), brought=1))
    open_registry(tmp_path).promote(Promotion("trend", 3, first.id, 0, "ab" * 32))
    assert deletion.consequences(tmp_path, first.id) == [
        "trend v3 came of it, and cannot be verified without it",
        f"{second.id} keeps copies of the runs that it made of the same plans",
    ]
    assert deletion.consequences(tmp_path, second.id) == []


def test_what_an_older_experiment_relies_on_is_not_deleted(tmp_path):
    """Older checkouts left runs out without a copy."""
    first, second = swept(tmp_path, [1]), swept(tmp_path, [2], number=1)
    finish(tmp_path, second, history=HistoryRecord(skips_runs_of=(first.id,)))
    with pytest.raises(StoreError, match=f"{first.id}: cannot be deleted yet: {second.id} left"):
        deletion.delete(tmp_path, first.id)
    assert len(records.every(tmp_path)) == 2
    finish(tmp_path, second, history=HistoryRecord(skips_runs_of=(first.id,), brought=0))
    deletion.delete(tmp_path, first.id)
    assert [one.id for one in records.every(tmp_path)] == [second.id]


@pytest.mark.parametrize("ref", ["../x", "exp-20260102-000000-00ff", "latest/0", "v1"])
def test_only_an_experiment_of_the_store_can_be_deleted(ref, tmp_path):
    experiment = swept(tmp_path, [1])
    with pytest.raises(ValueError, match=r"REF: a name is|is no experiment|is a run; only a whole"):
        deletion.deletable(Results(tmp_path), ref)
    for name in ("..", "../v1", ".", ""):
        with pytest.raises(ValueError, match="experiment id: a name is"):
            deletion.delete(tmp_path, name)
    assert [path.name for path in experiments_folder(tmp_path).iterdir()] == [experiment.id]
