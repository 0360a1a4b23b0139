"""What `verify` says of folders of killed sweeps, and of all that no record lists."""

import json
import os
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from store.data import bar_store
from store.files import local, sealed_documents
from store.files.paths import (
    bars_record,
    experiment_folder,
    known_file,
    proposals_folder,
    survivors_folder,
)
from store.ledger import recovery
from store.maintenance import verification
from store.records import experiment as records
from store.runs import key_set
from store.runs.blocks import write_block
from tests.store.counted import swept


@pytest.fixture
def killed(tmp_path):
    """A sweep, and a folder that another one was killed in before it had a record."""
    swept(tmp_path, [1, 2, 3])
    folder = tmp_path / "v1" / "exp-20200101-000000-abcd"
    (folder / "blocks").mkdir(parents=True)
    (folder / "errors").mkdir()
    (folder / ".experiment.json.0123.tmp").write_text("{")
    return folder


def test_a_folder_of_a_killed_start_is_a_note_and_goes_after_an_hour(killed, tmp_path):
    found = verification.verify(tmp_path)
    assert (found.faults, found.experiments) == ([], 1)
    assert found.notes == [f"{killed}: {verification._REMAINS}"]
    assert len(records.every(tmp_path)) == 1
    recovery.catch_up(tmp_path)
    assert killed.exists(), "a process may be at it"
    hour = time.time() - local.STALE_SECONDS - 1
    os.utime(killed, (hour, hour))
    recovery.catch_up(tmp_path)
    assert not killed.exists()
    assert verification.verify(tmp_path).notes == []


@pytest.mark.parametrize("name", ["blocks/000000.parquet", "runs.parquet", "known.keys"])
def test_a_folder_that_lost_its_record_is_a_fault_and_stays(name, killed, tmp_path):
    (killed / name).write_bytes(b"rows")
    os.utime(killed, (0, 0))
    recovery.catch_up(tmp_path)
    found = verification.verify(tmp_path)
    assert found.faults[0].startswith("exp-20200101-000000-abcd: there is no such experiment in")
    assert (killed / name).read_bytes() == b"rows"


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture
def full(tmp_path):
    """A store with a file of every kind, by kind."""
    experiment = swept(tmp_path, [1, 2, 3])
    known = known_file(tmp_path, experiment.id)
    known.write_bytes(key_set.encode(np.array([3, 9], np.uint64)))
    table = pa.table({"axis_0": np.arange(500.0)})
    proposals = proposals_folder(tmp_path, experiment.id, 0)
    for number in range(2):
        write_block(proposals, number, table)
    survivors = survivors_folder(tmp_path, experiment.id, 0)
    write_block(survivors, 1, table)
    times = pd.date_range("2020-01-01", periods=50, tz="UTC", name="time")
    frame = pd.DataFrame({"close": np.arange(50.0) + 1}, index=times)
    record = bars_record(tmp_path, "AAA", "1d")
    file = bar_store.write(tmp_path, record, frame, {}).file
    return {
        "record": experiment_folder(tmp_path, experiment.id) / "experiment.json",
        "keys": known,
        "proposals": proposals / "000000.parquet",
        "survivors": survivors / "000001.parquet",
        "bars record": record,
        "bars": tmp_path / "data" / "files" / f"{file}.parquet",
        "ledger": tmp_path / "ledger" / "000001.json",
        "ledger keys": next((tmp_path / "ledger" / "keys").iterdir()),
    }


def test_verify_says_what_it_looked_at(full, tmp_path):
    found = verification.verify(tmp_path)
    assert verification.lines(found) == [
        "1 experiments, 1 files, 3 rows, 4 files to go on from, 1 ledger entries, "
        "2 records and files of ingested data: everything is as it was written."
    ]


KINDS = (
    "record", "keys", "proposals", "survivors", "bars record", "bars", "ledger", "ledger keys",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_of_any_kind_of_file_is_named(kind, full, tmp_path):
    flip(full[kind])
    faults = verification.verify(tmp_path).faults
    assert faults
    assert full[kind].name in " ".join(faults)


@pytest.mark.parametrize("kind", ["proposals", "bars", "ledger keys"])
def test_a_file_that_is_missing_is_named(kind, full, tmp_path):
    full[kind].unlink()
    assert full[kind].name in " ".join(verification.verify(tmp_path).faults)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "ledger"])
def test_a_folder_in_the_place_of_any_kind_of_file_is_named(kind, full, tmp_path):
    full[kind].unlink()
    full[kind].mkdir()
    told = " ".join(verification.verify(tmp_path).faults)
    assert f"{full[kind].name}: is a folder where a file belongs" in told


def test_bars_that_no_record_names_are_a_note(full, tmp_path):
    full["bars record"].unlink()
    found = verification.verify(tmp_path)
    assert found.faults == []
    assert "no record names 1 of its files" in found.notes[0]


def test_a_record_of_bars_that_names_other_numbers_is_a_fault(full, tmp_path):
    fields = json.loads(full["bars record"].read_text())
    del fields["digest"]
    changed = sealed_documents.sealed(fields | {"fingerprint": "ab" * 32})
    full["bars record"].write_text(json.dumps(changed))
    assert "its fingerprint is not that of its file" in verification.verify(tmp_path).faults[0]
