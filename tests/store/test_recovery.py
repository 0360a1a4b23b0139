import dataclasses

import pytest

from store import audit, ledger, recovery
from store import experiment as records
from store.catalogue import with_committed
from store.compaction import compact
from store.errors import DamagedFile
from store.lock import driving
from store.paths import experiment_folder
from store.results import Results
from tests.store.counted import NASDAQ, SP500, commit, ended, started, swept
from tests.store.runs import finish


@pytest.fixture
def killed(tmp_path):
    """An experiment with three committed blocks, one with failures, of which it lists one."""
    experiment = started(tmp_path, [NASDAQ])
    counts = {"planned": 99, "done": 0, "skipped": 5, "failed": 0, "pruned": 0}
    commit(tmp_path, experiment, 0, [1, 2])
    experiment = finish(tmp_path, with_committed(tmp_path, experiment), counts=counts)
    commit(tmp_path, experiment, 1, [3], kind="errors")
    commit(tmp_path, experiment, 1, [4, 5])
    commit(tmp_path, experiment, 2, [6])
    commit(tmp_path, experiment, 3, [7, 8], kind="errors")  # its runs were not committed
    return experiment


def test_what_a_killed_driver_left_is_listed_and_counted(tmp_path, killed):
    assert len(Results(tmp_path).runs(killed.id)) == 2
    assert recovery.catch_up(tmp_path) == []
    found = records.load(tmp_path, killed.id)
    assert found.status == "interrupted"
    assert found.counts == {"planned": 99, "done": 5, "skipped": 5, "failed": 1, "pruned": 0}
    assert len(Results(tmp_path).runs(killed.id)) == 5
    assert ledger.count(tmp_path, *NASDAQ) == 8
    assert audit.verify(tmp_path) == []
    recovery.catch_up(tmp_path)
    assert records.load(tmp_path, killed.id) == found


def test_counts_do_not_change_by_compaction(tmp_path, killed):
    compacted = compact(tmp_path, killed.id)
    assert recovery.recounted(tmp_path, compacted).counts["done"] == 5
    assert recovery.recounted(tmp_path, compacted).counts["failed"] == 1


def test_the_record_of_a_live_experiment_is_its_drivers(tmp_path, killed):
    """And still what it has committed counts."""
    with driving(tmp_path, killed.id):
        assert recovery.catch_up(tmp_path) == []
    assert records.load(tmp_path, killed.id) == killed
    assert ledger.count(tmp_path, *NASDAQ) == 8


def test_an_experiment_that_failed_stays_so(tmp_path, killed):
    finish(tmp_path, killed, status="failed")
    recovery.catch_up(tmp_path)
    assert records.load(tmp_path, killed.id).status == "failed"


def test_one_that_ends_just_now_is_not_put_back(tmp_path, killed, monkeypatch):
    """Between the look at all experiments and the look at this one."""
    stale = records.every(tmp_path)
    done = ended(tmp_path, killed)
    monkeypatch.setattr(records, "every", lambda _: stale)
    recovery.catch_up(tmp_path)
    assert records.load(tmp_path, killed.id).status == done.status == "done"


def test_a_damaged_experiment_is_named_and_does_not_stop_the_others(tmp_path, killed):
    other = started(tmp_path, [SP500], 1)
    commit(tmp_path, other, 0, [2])
    block = experiment_folder(tmp_path, killed.id) / "blocks" / "000002.parquet"
    block.write_bytes(block.read_bytes()[:-30])
    (fault,) = recovery.catch_up(tmp_path)
    assert fault.startswith(f"{killed.id} is not counted in the ledger: {block}: ")
    assert ledger.counts(tmp_path) == {SP500: 1}


def test_a_damaged_ledger_stops_everything(tmp_path):
    swept(tmp_path, [1])
    (tmp_path / "ledger" / "000001.json").write_text("{}")
    with pytest.raises(DamagedFile, match=r"000001\.json: is no entry of a chain"):
        recovery.catch_up(tmp_path)


def test_finished_experiments_are_not_read(tmp_path):
    experiment = swept(tmp_path, [1])
    records.save(tmp_path, dataclasses.replace(experiment, counts={}))
    recovery.catch_up(tmp_path)
    assert records.load(tmp_path, experiment.id).counts == {}
