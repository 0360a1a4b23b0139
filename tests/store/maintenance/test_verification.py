"""Every file of a store that was changed, and the line that names it."""

import dataclasses
import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.files import hash_chain
from store.files.paths import experiment_folder, registry_file
from store.ledger import ledger
from store.maintenance import verification
from store.records import experiment as records
from store.registry import open_registry
from store.runs.blocks import block_path, write_block
from store.runs.compaction import compact
from store.runs.manifest import with_files
from tests.store.counted import NASDAQ, commit, ended, started, swept
from tests.store.made_runs import add_blocks, error_table, finish, new_experiment, run_table


@pytest.fixture
def root(tmp_path):
    """Two sweeps, one of them compacted and with errors; a tag."""
    first = swept(tmp_path, [1, 2, 3])
    compact(tmp_path, first.id)
    second = started(tmp_path, [NASDAQ], 1)
    commit(tmp_path, second, 0, [4, 5])
    commit(tmp_path, second, 0, [6], kind="errors")
    ended(tmp_path, second)
    open_registry(tmp_path).add_tag(first.id, "x")
    found = verification.verify(tmp_path)
    assert (found.experiments, found.files, found.rows, found.faults) == (2, 3, 6, [])
    return tmp_path


def faults(root):
    return verification.verify(root).faults


def folder(root, number):
    """Of the experiments, oldest first."""
    return experiment_folder(root, records.every(root)[-1 - number].id)


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def relist(root, number, name, table):
    """Put another table in place of a file, and mend its entry in the record."""
    experiment = records.every(root)[-1 - number]
    where, _, file = name.partition("/")
    place = experiment_folder(root, experiment.id) / where
    block_path(place, int(file[:6])).unlink()
    records.save(root, with_files(experiment, [write_block(place, int(file[:6]), table)]))


@pytest.mark.parametrize(
    ("name", "number"),
    [("runs.parquet", 0), ("blocks/000000.parquet", 1), ("errors/000000.parquet", 1)],
)
def test_a_flipped_bit_or_a_missing_file(name, number, root):
    path = folder(root, number) / name
    sound = path.read_bytes()
    flip(path)
    assert faults(root)[0].startswith(f"{path}: has SHA-256 ")
    path.write_bytes(sound[:-1])
    assert faults(root)[0].startswith(f"{path}: has SHA-256 ")
    path.unlink()
    assert faults(root)[0].startswith(f"{path}: is missing")
    path.write_bytes(sound)
    assert faults(root) == []


def test_every_damage_is_told_not_only_the_first(root):
    flip(folder(root, 0) / "runs.parquet")
    flip(folder(root, 1) / "blocks" / "000000.parquet")
    link = hash_chain.link_path(root / "ledger", 1)
    link.write_text(link.read_text().replace('"new": 3', '"new": 2'))
    registry_file(root).write_bytes(b"no database" * 99)
    told = "\n".join(faults(root))
    for word in ("runs.parquet", "000000.parquet", "000001.json", "registry.db"):
        assert word in told


def test_a_damaged_record(root):
    path = folder(root, 0) / "experiment.json"
    sound = path.read_text()
    path.write_text("{")
    assert faults(root)[0].startswith(f"{path}: is not JSON")
    values = json.loads(sound)
    values["files"] = {"../../x": {"rows": 1, "bytes": 1, "sha256": ""}}
    path.write_text(json.dumps(values))
    assert "holds '../../x', which is no file of an experiment" in faults(root)[0]


def test_the_ledger_is_compared_with_the_runs(root):
    for path in (root / "ledger" / "keys").iterdir():
        flip(path)
        break
    assert "is not what was written" in faults(root)[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.append_column("extra", pa.nulls(len(t))), "a run has no column 'extra'"),
        (lambda t: t.drop_columns("sharpe"), "lacks the metric sharpe"),
        (lambda t: t.drop_columns("symbol"), "symbol is to be a column of type string"),
        (
            lambda t: t.set_column(0, t.schema.field(0), pa.array(["other"] * len(t))),
            "has rows of another experiment",
        ),
        (
            lambda t: t.set_column(
                11, t.schema.field("status"), pa.array(["planned"] * len(t), pa.string())
            ),
            "a run is done or pruned, got status 'planned'",
        ),
        (lambda t: t.replace_schema_metadata(None), "its schema has no version"),
        (lambda t: pa.concat_tables([t, t]), "run 0 comes 2 times"),
    ],
)
def test_rows_that_no_sweep_writes(change, message, root):
    name = "blocks/000000.parquet"
    relist(root, 1, name, change(pq.read_table(folder(root, 1) / name)))
    assert message in faults(root)[0]


def test_errors_of_another_form(root):
    name = "errors/000000.parquet"
    table = pq.read_table(folder(root, 1) / name)
    relist(root, 1, name, table.drop_columns("tried"))
    assert "columns of error rows" not in "".join(faults(root)), "older files have none"
    relist(root, 1, name, error_table("x").append_column("more", pa.nulls(2)))
    assert "has not the columns of error rows" in faults(root)[0]


def test_one_experiment_alone(root):
    flip(folder(root, 0) / "runs.parquet")
    good, bad = (folder(root, number).name for number in (1, 0))
    assert verification.verify_experiment(root, good).faults == []
    assert len(verification.verify_experiment(root, bad).faults) == 1


def test_a_count_of_rows_that_is_not_so(tmp_path):
    experiment = add_blocks(tmp_path, new_experiment(tmp_path), [run_table("x", n=2)])
    files = {name: dataclasses.replace(file, rows=3) for name, file in experiment.files.items()}
    finish(tmp_path, experiment, files=files)
    assert "has 2 rows, its record says 3" in faults(tmp_path)[0]


def test_an_empty_store(tmp_path):
    assert verification.verify(tmp_path / "none") == verification.Verified()
    assert ledger.entries(tmp_path) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("experiment.json",), "is the record of"),
        (("runs.parquet",), "has SHA-256"),
        (("experiment.json", "runs.parquet"), "is the record of"),
    ],
)
def test_experiments_of_one_plan_that_swap_files_are_named(names, message, tmp_path):
    """Each file is whole, and every digest in it is right: only its place is not its own."""
    pair = [swept(tmp_path, [1, 2, 3]), swept(tmp_path, [1, 2, 3])]
    for experiment in pair:
        compact(tmp_path, experiment.id)
    assert faults(tmp_path) == []
    first, second = (experiment_folder(tmp_path, experiment.id) for experiment in pair)
    for name in names:
        content = (first / name).read_bytes()
        assert content != (second / name).read_bytes()
        (first / name).write_bytes((second / name).read_bytes())
        (second / name).write_bytes(content)
    found = "\n".join(faults(tmp_path))
    for place in (first, second):
        assert f"{place / names[0]}: {message}" in found


def test_a_copied_folder_is_the_record_of_another(tmp_path):
    experiment = swept(tmp_path, [1, 2, 3])
    place = experiment_folder(tmp_path, experiment.id)
    shutil.copytree(place, place.with_name("exp-20260101-000000-ffff"))
    (fault,) = faults(tmp_path)
    assert f"is the record of {experiment.id}" in fault
