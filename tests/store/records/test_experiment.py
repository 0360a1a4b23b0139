import dataclasses
import json
import os
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from store.errors import BadName, DamagedFile, StoreError, UnknownReference
from store.files import backend, local
from store.records import experiment as records
from store.records.experiment import Experiment
from tests.store.made_runs import filled, finish, new_experiment

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


def record(root, experiment):
    return root / "v1" / experiment.id / "experiment.json"


def text(root, experiment):
    return record(root, experiment).read_bytes()


def test_round_trip(root):
    experiment = filled(root, description='a [b] {c} "d" é\n', tags=["x", "y"])
    assert records.load(root, experiment.id) == experiment
    assert json.loads(text(root, experiment))["tags"] == ["x", "y"]


def test_ids_and_times_are_utc_and_sort_as_time():
    east = NOW.astimezone(timezone(timedelta(hours=9)))
    assert re.fullmatch(r"exp-20260102-030405-[0-9a-f]{4}", records.new_id(east))
    assert records.timestamp(east) == "2026-01-02T03:04:05.000678+00:00"
    whole = records.timestamp(NOW.replace(microsecond=0))
    assert whole < records.timestamp(NOW), "of equal width, so text sorts as time"


def test_a_taken_id_is_replaced_by_another_one(root):
    first = new_experiment(root, id="exp-20260102-030405-ab12")
    second = new_experiment(root, id=first.id, name="other")
    assert first.id != second.id
    assert second.id.startswith("exp-20260102-030405-")
    assert records.load(root, first.id).name == "demo"
    assert records.load(root, second.id).name == "other"


def test_newest_first_and_found_by_plan(root):
    assert records.every(root) == []
    made = [
        new_experiment(root, when=NOW + timedelta(seconds=k), plan_hash=plan)
        for k, plan in ((0, "a"), (2, "a"), (1, "b"))
    ]
    assert records.every(root) == [made[1], made[2], made[0]]
    assert records.find(root, "a") == made[1]
    assert records.find(root, "c") is None


def test_a_record_is_read_again_when_its_file_is_another_and_only_then(root, monkeypatch):
    first = filled(root)
    loaded = records.load(root, first.id)
    loaded.counts["done"] = 99
    with monkeypatch.context() as patch:
        patch.setattr(records, "_experiment", None)
        assert records.load(root, first.id) == first
    records.save(root, dataclasses.replace(first, description="another"))
    assert records.load(root, first.id).description == "another"
    changed = text(root, first).replace(b"another", b"a lie..")
    backend.replace(record(root, first), changed)
    for _ in range(2):
        with pytest.raises(DamagedFile, match="was changed"):
            records.load(root, first.id)


def test_a_folder_without_a_record_was_never_acknowledged(tmp_path):
    experiment = new_experiment(tmp_path)
    (tmp_path / "v1" / "exp-half").mkdir()
    (tmp_path / "v1" / ".exp.tmp").mkdir()
    assert records.every(tmp_path) == [experiment]
    with pytest.raises(UnknownReference, match="exp-half: there is no such experiment"):
        records.load(tmp_path, "exp-half")


def test_readers_see_the_old_record_or_the_new_one(tmp_path, monkeypatch):
    experiment = new_experiment(tmp_path)

    def fail(*_args):
        raise OSError(5, "input/output error")

    monkeypatch.setattr(local.os, "fsync", fail)
    with pytest.raises(OSError, match="input/output"):
        finish(tmp_path, experiment, status="done")
    assert records.load(tmp_path, experiment.id).status == "running"
    names = {path.name for path in (tmp_path / "v1" / experiment.id).iterdir()}
    assert names == {"blocks", "errors", "experiment.json"}


def test_a_record_is_synced_before_and_after_it_gets_its_name(tmp_path, monkeypatch):
    experiment = new_experiment(tmp_path)
    seen = []
    real = os.fsync

    def fsync(descriptor):
        status = json.loads(record(tmp_path, experiment).read_text())["status"]
        seen.append((status, os.path.isdir(f"/proc/self/fd/{descriptor}")))  # noqa: PTH112
        real(descriptor)

    monkeypatch.setattr(local.os, "fsync", fsync)
    finish(tmp_path, experiment, status="done")
    assert seen == [("running", False), ("done", True)]


def change(path, **changes):
    values = {**json.loads(path.read_bytes()), **changes}
    kept = {name: value for name, value in values.items() if value != "DROP"}
    backend.replace(path, json.dumps(kept).encode())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema_version": 2}, "has schema_version 2, this checkout reads up to 1; update"),
        ({"counts": "DROP"}, "has no field 'counts'"),
        ({"surprise": 1}, "has an unknown field 'surprise'"),
        ({"tags": "x"}, "tags is a str"),
        ({"seconds": True}, "seconds is a bool"),
        ({"noise_sharpe": "high"}, "noise_sharpe is a str"),
        ({"status": "finished"}, "status: must be one of running"),
        ({"id": "exp-other"}, "is the record of exp-other"),
        ({"id": "../x"}, "experiment id: a name is"),
        ({"files": {"runs.parquet": {"rows": 1}}}, "files['runs.parquet'] has no field 'bytes'"),
        ({"files": {"runs.parquet": []}}, "files['runs.parquet'] is a list, not an object"),
        ({"groups": [{"points": "x"}]}, "groups[0] has no field 'strategy'"),
        ({"history": {"tried": "x"}}, "history.tried is a str, which it cannot be"),
    ],
)
def test_a_damaged_record_is_named(changes, message, tmp_path):
    path = record(tmp_path, new_experiment(tmp_path))
    change(path, **changes)
    with pytest.raises(StoreError, match=re.escape(message)) as caught:
        records.every(tmp_path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("garbage", ["", "{", "[]", "null", "\xff", "[" * 100_000, "{} {}"])
def test_what_is_no_json_object_is_named(garbage, tmp_path):
    experiment = new_experiment(tmp_path)
    backend.replace(record(tmp_path, experiment), garbage.encode("latin-1"))
    with pytest.raises(DamagedFile, match=r"experiment\.json: "):
        records.load(tmp_path, experiment.id)


def test_a_record_cannot_point_outside(root):
    path = record(root, new_experiment(root))
    entry = {"rows": 1, "bytes": 1, "sha256": "ab"}
    change(path, files={"../../../etc/passwd": entry})
    with pytest.raises(BadName, match=r"files holds '\.\./\.\./\.\./etc/passwd'"):
        records.every(root)


def test_whole_numbers_are_seconds_too(root):
    experiment = new_experiment(root)
    change(record(root, experiment), seconds=5, noise_sharpe=1, digest="DROP")
    assert records.load(root, experiment.id).seconds == 5


def test_nan_is_refused_before_anything_is_written(root):
    experiment = new_experiment(root)
    with pytest.raises(ValueError, match=f"{experiment.id}: a record holds no NaN"):
        records.save(root, dataclasses.replace(experiment, noise_sharpe=float("nan")))
    assert records.load(root, experiment.id) == experiment


def test_names_and_statuses_are_checked_on_making():
    with pytest.raises(BadName):
        Experiment(id="../x", name="x", created="")
    with pytest.raises(ValueError, match="status: must be one of running, done"):
        Experiment(id="exp-1", name="x", created="", status="finished")


@pytest.mark.parametrize("search", [{}, {"metric": "sharpe"}, {"metric": "sharpe", "mode": "up"}])
def test_an_experiment_that_searched_for_nothing_says_so(search):
    experiment = Experiment(id="exp-1", name="x", created="", search=search)
    with pytest.raises(StoreError, match="exp-1: search needs a metric and a mode of max or min"):
        records.objective(experiment)


@pytest.mark.parametrize(("mode", "descending"), [("max", True), ("min", False)])
def test_what_an_experiment_searched_for(mode, descending):
    search = {"metric": "calmar", "mode": mode}
    experiment = Experiment(id="exp-1", name="x", created="", search=search)
    assert records.objective(experiment) == ("calmar", descending)
