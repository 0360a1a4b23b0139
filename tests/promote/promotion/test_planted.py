"""What is planted beside profiles, or taken from the registry, is found, named and put back."""

import dataclasses
import json
import re
import shutil
import sys

import pytest
import yaml

from promote.audit.journal import JOURNAL, Intent, Write, settle
from promote.promotion.approval import approve
from promote.promotion.repair import repair
from promote.promotion.verify import verify
from store.errors import DamagedFile, StoreError
from store.files.canonical import digest
from store.files.paths import registry_file
from store.maintenance.verification import verify as verify_store
from store.registry import open_registry
from store.replay.trusted import require_known, trust
from tests.documents import DOCS
from tests.promote.promoted import desk_in, promoted


@pytest.fixture
def desk(tmp_path, template):
    """Two versions of a profile, the first approved."""
    made = desk_in(tmp_path, template)
    promoted(made)
    approve(made, "scalp", "bob")
    promoted(made, "latest/3")
    return made


def faults(desk, ref="scalp"):
    """What `promote verify` finds, by part."""
    return {one.part: one.faults for one in verify(desk.root, desk.conf, ref) if one.faults}


def test_a_copied_approval_is_no_approval(desk, monkeypatch):
    folder = desk.profiles / "scalp"
    shutil.copy(folder / "v1.approval.yaml", folder / "v2.approval.yaml")
    (fault,) = faults(desk)["files"]
    assert "v2.approval.yaml: no entry of the audit names it" in fault
    (code,) = re.findall(r"```python\n(.*?)```", DOCS["promotion.md"], re.DOTALL)
    monkeypatch.chdir(desk.profiles.parent)
    read = {}
    exec(code, read)
    assert read["approved"] is False
    (folder / "current").write_text("v1.yaml\n")
    exec(code, read)
    assert read["approved"] is True


def test_any_file_that_no_entry_names_is_found(desk):
    (desk.profiles / "scalp" / "v9.yaml").write_text("x: 1\n")
    assert "v9.yaml" in faults(desk)["files"][0]


def planted_journal(desk, store):
    """A journal whose digest fits, for a store of the attacker's choice."""
    write = Write("scalp/v9.approval.yaml", yaml.safe_dump({"version": 9}))
    content = dataclasses.asdict(
        Intent(act="approved scalp/v9", writes=(write,), store=str(store), approval=None)
    )
    text = json.dumps({"intent": content, "digest": digest(content)})
    (desk.profiles / JOURNAL).write_text(text)


def test_a_journal_acts_on_its_own_store_only(desk, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    planted_journal(desk, elsewhere)
    with pytest.raises(DamagedFile, match="was begun for the store"):
        settle(desk.profiles, desk.root)
    assert not elsewhere.exists()
    assert not (desk.profiles / "scalp" / "v9.approval.yaml").exists()
    planted_journal(desk, desk.root)
    settle(desk.profiles, desk.root)
    assert "v9.approval.yaml" in faults(desk)["files"][0]


@pytest.mark.parametrize("emptied", [False, True])
def test_a_lost_registry_is_named_and_put_together_again(desk, emptied):
    before = (open_registry(desk.root).promotions(), open_registry(desk.root).approvals())
    assert faults(desk) == {}
    assert repair(desk.root, desk.conf) == []
    registry_file(desk.root).unlink()
    if emptied:
        open_registry(desk.root).add_tag("latest", "x")
    told = faults(desk)["registry"]
    assert len(told) == 3
    assert all("promote repair" in fault for fault in told)
    assert [line.partition(":")[0] for line in repair(desk.root, desk.conf)] == [
        "scalp/v1",
        "scalp/v2",
        "scalp/v1",
    ]
    after = (open_registry(desk.root).promotions(), open_registry(desk.root).approvals())
    for old, new in zip(before, after, strict=True):
        key = [(one.version, one.time) for one in old]
        assert [one.version for one in new] == [version for version, _ in key]
    assert after[0][0].facts["reason"] == before[0][0].facts["reason"]
    assert faults(desk) == {}
    assert verify_store(desk.root).faults == []


def test_profiles_that_were_taken_away_are_missed(desk):
    shutil.rmtree(desk.profiles)
    promoted(desk, "latest/5")
    told = faults(desk)["registry"]
    assert {"version 1", "version 2"} <= {
        found[0] for fault in told if (found := re.findall(r"version \d", fault))
    }


def test_a_module_that_a_record_names_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "planted_by_a_record.py").write_text("raise SystemExit('ran')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(StoreError, match="nothing that is read runs code") as refusal:
        require_known("planted_by_a_record", "exp-1")
    assert "\n" not in str(refusal.value)
    assert "planted_by_a_record" not in sys.modules
    for known in ("sma", "kernels.strategies.sma", "json"):
        require_known(known, "exp-1")
    monkeypatch.setattr("store.replay.trusted._named", set())
    trust(["planted_by_a_record"])
    require_known("planted_by_a_record", "exp-1")
