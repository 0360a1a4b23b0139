import dataclasses

import pytest

from store.errors import DamagedFile
from store.files import backend
from store.files.lock import driving
from store.files.paths import experiment_folder
from store.ledger import ledger, recovery, verify
from store.query.results import Results
from store.records import experiment as records
from store.runs.compaction import compact
from store.runs.manifest import with_committed
from tests.store.counted import NASDAQ, SP500, commit, ended, started, swept
from tests.store.made_runs import finish


@pytest.fixture
def killed(root):
    """An experiment with three committed blocks, one with failures, of which it lists one."""
    experiment = started(root, [NASDAQ])
    counts = {"planned": 99, "done": 0, "skipped": 5, "failed": 0, "pruned": 0}
    commit(root, experiment, 0, [1, 2])
    experiment = finish(root, with_committed(root, experiment), counts=counts)
    commit(root, experiment, 1, [3], kind="errors")
    commit(root, experiment, 1, [4, 5])
    commit(root, experiment, 2, [6])
    commit(root, experiment, 3, [7, 8], kind="errors")  # its runs were not committed
    return experiment


def test_what_a_killed_driver_left_is_listed_and_counted(root, killed):
    assert len(Results(root).runs(killed.id)) == 2
    assert recovery.catch_up(root) == []
    found = records.load(root, killed.id)
    assert found.status == "interrupted"
    assert found.counts == {"planned": 99, "done": 5, "skipped": 5, "failed": 1, "pruned": 0}
    assert len(Results(root).runs(killed.id)) == 5
    assert ledger.count(root, *NASDAQ) == 8
    assert verify.verify(root) == []
    recovery.catch_up(root)
    assert records.load(root, killed.id) == found


def test_counts_do_not_change_by_compaction(root, killed):
    compacted = compact(root, killed.id)
    assert recovery.recounted(root, compacted).counts["done"] == 5
    assert recovery.recounted(root, compacted).counts["failed"] == 1


def test_the_record_of_a_live_experiment_is_its_drivers(root, killed):
    """And still what it has committed counts."""
    with driving(root, killed.id):
        assert recovery.catch_up(root) == []
    assert records.load(root, killed.id) == killed
    assert ledger.count(root, *NASDAQ) == 8


def test_an_experiment_that_failed_stays_so(root, killed):
    finish(root, killed, status="failed")
    recovery.catch_up(root)
    assert records.load(root, killed.id).status == "failed"


def test_one_that_ends_just_now_is_not_put_back(root, killed, monkeypatch):
    """Between the look at all experiments and the look at this one."""
    stale = records.every(root)
    done = ended(root, killed)
    monkeypatch.setattr(records, "every", lambda _: stale)
    recovery.catch_up(root)
    assert records.load(root, killed.id).status == done.status == "done"


def test_a_damaged_experiment_is_named_and_does_not_stop_the_others(root, killed):
    other = started(root, [SP500], 1)
    commit(root, other, 0, [2])
    block = experiment_folder(root, killed.id) / "blocks" / "000002.parquet"
    backend.replace(block, block.read_bytes()[:-30])
    (fault,) = recovery.catch_up(root)
    assert fault.startswith(f"{killed.id} is not counted in the ledger: {block}: ")
    assert ledger.counts(root) == {SP500: 1}


def test_a_damaged_ledger_stops_everything(root):
    swept(root, [1])
    backend.replace(root / "ledger" / "000001.json", b"{}")
    with pytest.raises(DamagedFile, match=r"000001\.json: is no entry of a chain"):
        recovery.catch_up(root)


def test_finished_experiments_are_not_read(tmp_path):
    experiment = swept(tmp_path, [1])
    records.save(tmp_path, dataclasses.replace(experiment, counts={}))
    recovery.catch_up(tmp_path)
    assert records.load(tmp_path, experiment.id).counts == {}
