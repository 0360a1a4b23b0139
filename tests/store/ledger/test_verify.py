"""A ledger that somebody has tampered with, and the name of what was."""

import json
import shutil

import numpy as np
import pytest

from store.errors import DamagedFile
from store.files import hash_chain
from store.files.paths import experiment_folder
from store.ledger import ledger, recovery, verify
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs import key_set
from tests.store.counted import NASDAQ, commit, started, swept
from tests.store.made_runs import finish


@pytest.fixture
def root(tmp_path):
    """Three sweeps, the last of them deleted."""
    swept(tmp_path, [1, 2, 3])
    swept(tmp_path, [3, 4], number=1)
    last = swept(tmp_path, [5, 6], number=2)
    shutil.rmtree(experiment_folder(tmp_path, last.id))
    assert verify.verify(tmp_path) == []
    return tmp_path


def rewrite(root, number, change):
    """Change an entry and mend all digests from there on, as who knows the format could."""
    links = hash_chain.read(root / "ledger")
    bodies = [json.loads(json.dumps(link.body)) for link in links]
    change(bodies[number - 1])
    for link in links:
        hash_chain.link_path(root / "ledger", link.number).unlink()
    for body in bodies:
        hash_chain.append(root / "ledger", hash_chain.read(root / "ledger"), body)


def keys_file(root, number):
    """The file with the keys of an entry."""
    (name,) = ledger.entries(root)[number - 1].files.values()
    return root / "ledger" / "keys" / name


def test_a_lost_entry_shows_in_the_experiment_that_it_counted(root):
    for number in (3, 2):
        hash_chain.link_path(root / "ledger", number).unlink()
    (fault,) = verify.verify(root)
    assert "1 configurations of sma on NASDAQ are not in the ledger" in fault


def test_the_whole_ledger_taken_away_shows(root):
    shutil.rmtree(root / "ledger")
    assert [fault[:3] for fault in verify.verify(root)] == ["exp", "exp"]


def test_a_checkout_whose_records_have_one_more_field_finds_nothing_edited(root, monkeypatch):
    experiments = records.every(root)
    for experiment in experiments:
        ledger.record(root, experiment.id, ended=experiment)
    assert {e.id for e in experiments} == ledger.records_of(ledger.entries(root)).keys()
    write = Experiment.to_json
    monkeypatch.setattr(Experiment, "to_json", lambda self: write(self) | {"of_later": None})
    assert all(records.digest_of(e) != records.stated_digest(root, e.id) for e in experiments)
    assert verify.verify(root) == []


def test_only_a_running_experiment_may_be_ahead_of_the_ledger(root):
    experiment = started(root, [NASDAQ], 9)
    commit(root, experiment, 0, [77])
    assert verify.verify(root) == []
    finish(root, experiment, status="interrupted")
    assert [fault.partition(":")[0] for fault in verify.verify(root)] == [experiment.id]
    recovery.catch_up(root)  # a worker may have outlived its driver
    assert verify.verify(root) == []


def test_keys_that_were_changed_or_lost_are_named(root):
    path = keys_file(root, 2)
    path.write_bytes(key_set.encode(np.array([9], np.uint64)))
    (fault,) = verify.verify(root)
    assert fault.startswith(f"{path}: is not what was written")
    with pytest.raises(DamagedFile, match="is not what was written"):
        swept(root, [8], number=5)
    path.unlink()
    (fault,) = verify.verify(root)
    assert fault.startswith(f"{path}: is missing")


def test_a_lowered_count_does_not_fit_its_keys(root):
    rewrite(root, 1, lambda body: body["tried"][0].update(new=1))
    (fault,) = verify.verify(root)
    assert fault.startswith("ledger entry 1: counts 1 configurations, ")


def test_invented_configurations_are_not_among_the_runs(root):
    content = key_set.encode(np.array([100, 101], np.uint64))
    (root / "ledger" / "keys" / key_set.file_name(content)).write_bytes(content)
    forged = {"new": 2, "keys": key_set.file_name(content)}
    rewrite(root, 1, lambda body: body["tried"][0].update(forged))
    faults = verify.verify(root)
    assert any("counts 2 configurations of sma on NASDAQ that are not" in one for one in faults)
    assert any("3 configurations of sma on NASDAQ are not in the ledger" in one for one in faults)


def test_what_is_counted_twice_is_told(root):
    rewrite(root, 2, lambda body: body.update(tried=ledger_body(root, 1)["tried"]))
    assert "ledger entry 2: counts configurations a second time" in verify.verify(root)


def ledger_body(root, number):
    return hash_chain.read(root / "ledger")[number - 1].body


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.clear(),
        lambda body: body["tried"][0].pop("symbol"),
        lambda body: body["tried"][0].update(new="many"),
        lambda body: body["tried"][0].update(keys="../../secret"),
        lambda body: body.update(tried=7),
    ],
    ids=["emptied", "no symbol", "no number", "another file", "no list"],
)
def test_an_entry_of_another_form_is_named(change, root):
    rewrite(root, 2, change)
    assert verify.verify(root)[0].startswith("ledger entry 2: ")
    with pytest.raises(DamagedFile, match="ledger entry 2: "):
        ledger.entries(root)


def test_damaged_runs_are_named(root):
    block = next(root.glob("v1/*/blocks/*.parquet"))
    block.write_bytes(block.read_bytes()[:-30])
    assert verify.verify(root)[0].startswith(f"{block}: ")
