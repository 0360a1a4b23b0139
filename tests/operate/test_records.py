"""Records of operation: written as earlier versions did, and what later ones add survives."""

import json

import pytest

from operate.records.rollout_state import KIND, RolloutState, rollout_of
from operate.shadow import state
from operate.tasks.queue import Task, task_of
from store.errors import DamagedFile
from store.files.canonical import canonical, digest
from store.registry import open_registry
from store.registry.operation import document, write

ROLLOUT = {
    "profile": "fast",
    "version": 2,
    "plan": "standard",
    "stages": [
        {"name": "shadow", "capital": 0.0, "days": 21.0, "trades": 1},
        {"name": "full", "capital": 1.0, "days": 0.0, "trades": 0},
    ],
    "rules": {
        "days": "trading", "patience": 63, "records_age_bars": 2, "on_expiry": "flat",
        "on_shortfall": "rollback", "description": "", "explained_until": "2026-01-05T00:00:00Z",
    },
    "stage": 1,
    "state": "done",
    "since": "2026-01-05T00:00:00Z",
    "began": "2026-01-01T00:00:00Z",
    "money": 1000.0,
    "fallback": None,
    "auto": ["full"],
    "approver": "ann",
    "history": [{"stage": "shadow", "capital": 0.0, "since": "2026-01-01T00:00:00Z"}],
    "reason": "",
    "changes": 3,
    "loss_limit": None,
}  # fmt: skip
SHADOW = {
    "profile": "fast", "version": 1, "fresh_from": "a", "first": "b", "last": "c", "closed": "d",
    "bars": 9, "fingerprint": "e", "chain": "f", "links": 1, "table": "g", "trades": "h",
    "kernel": "2", "source": "i", "warm_up": None,
    "breaks": [{"at": "c", "cause": "data", "detail": "x", "changed": True, "acknowledged": False}],
    "held": {"entry_time": "c", "side": -1, "entry_price": 10.0, "size": 2.0},
    "timeframe": "1d", "calendar": "XNYS", "periods_per_year": 252.0,
}  # fmt: skip
TASK = {
    "name": "weekly", "type": "cycle", "component": "fast", "frequency": "weekly", "priority": 5,
    "enabled": True, "next_run_at": "1970-01-01T00:00:00Z", "status": "waiting", "failures": 0,
    "lease": "", "lease_until": "", "last": "", "bar": "", "config": {"n": 1},
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "written"), [(RolloutState, ROLLOUT), (state.Shadow, SHADOW), (Task, TASK)]
)
@pytest.mark.parametrize("added", [{}, {"surprise": [{"a": 1}]}])
def test_a_record_is_written_as_it_was_read(kind, written, added):
    record = kind.from_json(written | added)
    assert record.to_json() == written | added
    assert list(kind.from_json(written).to_json()) == list(written)


def test_nested_parts_keep_what_a_later_version_adds():
    later = json.loads(json.dumps(ROLLOUT))
    for part in (later["rules"], later["stages"][0], later["history"][0]):
        part["surprise"] = 1
    assert RolloutState.from_json(later).to_json() == later


def test_documents_of_the_registry_that_are_none_are_named(tmp_path):
    registry = open_registry(tmp_path)
    write(registry, document(registry, KIND, "fast"), ROLLOUT | {"stage": "first"}, None)
    with pytest.raises(DamagedFile, match=r"rollout of fast: the registry holds none .stage is a"):
        rollout_of(registry, "fast")
    assert rollout_of(registry, "other")[1] is None
    write(registry, document(registry, "task", "x"), {"name": "x"}, None)
    with pytest.raises(DamagedFile, match=r"task x: the registry holds none .has no field 'type'"):
        task_of(document(registry, "task", "x"))


def test_a_shadow_is_the_file_that_earlier_versions_wrote(tmp_path):
    path = state.version_folder(tmp_path, "fast", 1) / "shadow.json"
    path.parent.mkdir(parents=True)
    for held in (SHADOW["held"], {}):
        fields = {"schema": 1, **SHADOW, "held": held}
        content = (canonical({**fields, "digest": digest(fields)}) + "\n").encode()
        path.write_bytes(content)
        kept = state.load(tmp_path, "fast", 1)
        assert (kept.held is None) == (held == {})
        assert kept.breaks[0].cause == "data"
        state.resave(tmp_path, kept)
        assert path.read_bytes() == content
