"""A store, a ledger and profiles that an earlier version has written."""

import json
import tarfile
from pathlib import Path

import pytest

from promote.gate.counted import count
from promote.profiles.files import find
from store.errors import DamagedFile
from store.ledger import ledger
from store.ledger.verify import verify
from store.maintenance.migration import migrate
from store.records import experiment as records

FIXTURE = Path(__file__).parents[2] / "fixtures" / "store_bf4c177.tar.gz"


@pytest.fixture
def old(tmp_path):
    """Two sweeps on the NASDAQ index and one profile, written by commit bf4c177."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


def test_no_count_is_lost_and_no_entry_changed(old):
    root = old / "results"
    before = {path.name: path.read_bytes() for path in (root / "ledger").glob("*.json")}
    counts = ledger.counts(root)
    newest, older = records.every(root)
    unknown = [count(root, one).tried for one in (older, newest)]
    lines = migrate(root)
    assert [line.partition(":")[0] for line in lines] == [older.id, newest.id]
    assert all("record is in the ledger now" in line for line in lines)
    after = {path.name: path.read_bytes() for path in (root / "ledger").glob("*.json")}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2
    assert ledger.counts(root) == counts
    assert [count(root, one).tried for one in (older, newest)] == unknown
    assert verify(root) == []
    assert migrate(root) == []


def test_afterwards_an_edited_record_is_found(old):
    root = old / "results"
    migrate(root)
    experiment = records.every(root)[0]
    path = root / "v1" / experiment.id / "experiment.json"
    values = json.loads(path.read_text())
    values["seconds"] = 0.0
    values.pop("digest", None)
    path.write_bytes(records.to_text(records.parse(path, json.dumps(values).encode())))
    assert any("edited" in fault for fault in verify(root))
    with pytest.raises(DamagedFile, match="nothing is migrated"):
        migrate(root)


def test_profiles_of_an_earlier_version_are_read(old):
    profile = find(old / "profiles", "scalp")
    assert (profile.ref, profile.params) == ("scalp/v1", {"fast": 8, "slow": 57})
