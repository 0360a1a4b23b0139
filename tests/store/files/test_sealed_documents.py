"""Records that carry a digest, and what is no file where one belongs."""

import hashlib
import json
import os

import pytest

from store.data import bar_store
from store.errors import DamagedFile
from store.files import backend, hash_chain, sealed_documents
from store.maintenance import verification
from store.query.results import Results
from store.records import experiment as records
from store.runs import key_set
from store.runs.blocks import read_block
from store.runs.compaction import compact
from tests.store.counted import NASDAQ, commit, ended, started, swept
from tests.store.made_runs import filled, finish, new_experiment


def record(root, experiment):
    return root / "v1" / experiment.id / "experiment.json"


def test_the_digest_is_that_of_the_canonical_json_of_all_else(tmp_path):
    experiment = filled(tmp_path)
    values = json.loads(record(tmp_path, experiment).read_text())
    stated = values.pop("digest")
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    assert stated == hashlib.sha256(text.encode()).hexdigest()


def test_every_changed_digit_or_letter_of_a_record_is_found(tmp_path):
    experiment = filled(tmp_path, blocks=1)
    path = record(tmp_path, experiment)
    sound = path.read_bytes()
    for place in range(len(sound)):
        if chr(sound[place]).isalnum():
            path.write_bytes(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
            with pytest.raises(ValueError, match=r"experiment\.json|experiment id"):
                records.load(tmp_path, experiment.id)
    path.write_bytes(sound)
    assert records.load(tmp_path, experiment.id) == experiment


def test_a_changed_number_is_named_by_every_reader(tmp_path):
    experiment = filled(tmp_path)
    path = record(tmp_path, experiment)
    path.write_text(path.read_text().replace("0.0005", "9.0005"))
    message = f"{path}: was changed: its digest is not that of what it says; restore it"
    for read in (records.every, verification.verify, lambda root: Results(root).summary()):
        try:
            told = " ".join(read(tmp_path).faults)
        except DamagedFile as error:
            told = str(error)
        assert message in told


def test_a_record_of_an_earlier_version_opens_and_is_sealed_when_saved(tmp_path):
    experiment = new_experiment(tmp_path)
    path = record(tmp_path, experiment)
    values = json.loads(path.read_text())
    del values["digest"]
    path.write_text(json.dumps(values))
    before = records.load(tmp_path, experiment.id)
    finish(tmp_path, before, status="done")
    assert len(json.loads(path.read_text())["digest"]) == 64
    assert records.load(tmp_path, experiment.id).status == "done"


def test_a_digest_that_is_asked_for_has_to_be_there(tmp_path):
    with pytest.raises(DamagedFile, match="was changed"):
        sealed_documents.check_seal(tmp_path / "x.json", {"a": 1}, required=True)
    sealed_documents.check_seal(
        tmp_path / "x.json", sealed_documents.sealed({"a": 1}), required=True
    )


def folder(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def loop(path):
    path.symlink_to(path.name)


READERS = {
    "record": lambda path: sealed_documents.read(path),
    "keys": key_set.read,
    "bars": bar_store.load_record,
    "block": lambda path: read_block(path.parent, 0),
    "end of a file": lambda path: backend.tail(path, 8),
}


@pytest.mark.parametrize(
    ("make", "words"),
    [(folder, "is a folder where"), (pipe, "is a pipe where"), (loop, "cannot be read")],
)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_what_is_no_file_is_named_at_once(read, make, words, tmp_path):
    path = tmp_path / "000000.parquet"
    make(path)
    with pytest.raises(DamagedFile, match=rf"000000\.parquet: .*{words}"):
        read(path)


def test_a_folder_in_place_of_a_ledger_entry_is_named(tmp_path):
    swept(tmp_path, [1, 2])
    entry = hash_chain.link_path(tmp_path / "ledger", 1)
    entry.unlink()
    entry.mkdir()
    with pytest.raises(DamagedFile, match=r"000001\.json: is a folder where a file belongs; rest"):
        hash_chain.read(tmp_path / "ledger")


def test_an_entry_that_goes_while_it_is_read_is_named(tmp_path, monkeypatch):
    swept(tmp_path, [1, 2])
    monkeypatch.setattr(hash_chain, "_numbers", lambda folder: [1, 2])
    with pytest.raises(DamagedFile, match=r"000002\.json: is gone"):
        hash_chain.read(tmp_path / "ledger")


@pytest.mark.parametrize("name", ["experiment.json", "runs.parquet"])
def test_every_reader_names_a_folder_in_place_of_a_file(name, tmp_path):
    experiment = filled(tmp_path)
    compact(tmp_path, experiment.id)
    path = tmp_path / "v1" / experiment.id / name
    path.unlink()
    path.mkdir()
    results = Results(tmp_path)
    for read in (results.runs, results.summary, results.top, results.views):
        with pytest.raises(DamagedFile, match=f"{path}: is a folder where a file belongs; rest"):
            read()
    assert "is a folder where a file belongs" in verification.verify(tmp_path).faults[0]


def test_a_file_of_errors_that_is_missing_is_named(tmp_path):
    experiment = started(tmp_path, [NASDAQ])
    commit(tmp_path, experiment, 0, [4, 5])
    commit(tmp_path, experiment, 0, [6], kind="errors")
    ended(tmp_path, experiment)
    path = tmp_path / "v1" / experiment.id / "errors" / "000000.parquet"
    path.unlink()
    with pytest.raises(DamagedFile, match=f"{path}: is missing; restore it"):
        Results(tmp_path).errors()


def test_a_file_in_place_of_an_experiment_is_named(tmp_path):
    filled(tmp_path)
    (tmp_path / "v1" / "notes").write_text("mine")
    with pytest.raises(DamagedFile, match=r"notes/experiment\.json: cannot be read"):
        records.every(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    path.write_text("{}")

    def fail(_path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(path), "read_bytes", fail)
    with pytest.raises(DamagedFile, match=r"x\.json: cannot be read \(Input/output error\)"):
        sealed_documents.read(path)
