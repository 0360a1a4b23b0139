"""What is exported comes back as it was; what is no export is refused and leaves nothing."""

import csv
import dataclasses
import hashlib
import json
import math
import os
import random
import subprocess

import numpy as np
import pyarrow as pa
import pytest

from store.errors import AlreadyThere, DamagedFile, StoreError, UnknownReference
from store.files.paths import experiment_folder
from store.ledger import ledger, verify
from store.maintenance import verification
from store.query import edit_annotations
from store.query.results import Results
from store.records import experiment as records
from store.runs import key_set, segments
from store.runs.blocks import write_block
from store.runs.compaction import compact
from store.transfer import as_csv, as_parquet
from store.transfer import export as exporting
from store.transfer import import_experiment as importing
from store.transfer.export import chosen, export
from store.transfer.import_experiment import take_in
from tests.store.counted import NASDAQ, commit, ended, started, swept
from tests.store.made_runs import filled, run_table

FORMS = ("json", "parquet")
KEPT = ("known.keys", "proposals/000/000000.parquet", "survivors/012/000001.parquet")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A store with one experiment: odd numbers, errors, edits, a compacted and a loose block."""
    root = tmp_path_factory.mktemp("source")
    experiment = started(root, [NASDAQ])
    odd = {"calmar": [math.inf, -math.inf, -0.0], "win_rate": [math.nan, 1e-300, 0.1]}
    commit(root, experiment, 0, [1, 2, 3], **odd, params={"fast": int, "weight": float})
    compact(root, experiment.id)
    commit(root, experiment, 1, [4, 2**64 - 1], status=["done", "pruned"],
           params={"fast": int, "weight": float}, sharpe=[0.5, None])  # fmt: skip
    commit(root, experiment, 2, [6, 7], kind="errors")
    ended(root, experiment, "interrupted")
    folder = experiment_folder(root, experiment.id)
    (folder / KEPT[0]).write_bytes(key_set.encode(key_set.none()))
    for number, path in enumerate(KEPT[1:]):
        write_block((folder / path).parent, number, pa.table({"point": [1, 2]}))
    results = Results(root)
    edit_annotations.tag(results, "latest", ["a", "b"])
    edit_annotations.untag(results, "latest", ["a"])
    edit_annotations.note(results, "latest", description='=cmd|" /C calc"!A0')
    edit_annotations.note(results, "latest/2", hypothesis="why\nnot")
    return root


def exported(root, folder, form):
    (path,) = export(root, chosen(Results(root), None, None), folder, form)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_it_comes_back_as_it_was(form, source, tmp_path):
    path = exported(source, tmp_path / "out", form)
    root = tmp_path / "store"
    there, here = Results(source), Results(root)
    experiment = take_in(root, path)
    assert records.every(root) == [experiment]
    for ref in ("latest", "latest/0", "latest/2"):
        assert edit_annotations.read(here, ref) == edit_annotations.read(there, ref)
    mine, theirs = here.runs(), there.runs()
    assert mine.schema.equals(theirs.schema, check_metadata=True)
    for name in mine.column_names:
        assert bits(mine[name]) == bits(theirs[name]), name
    assert here.errors().equals(there.errors())
    before = records.every(source)[0]
    changed = {
        name for name in before.__slots__ if getattr(before, name) != getattr(experiment, name)
    }
    assert changed <= {"files"}
    assert ledger.counts(root) == ledger.counts(source) == {NASDAQ: 7}
    assert verify.verify(root) == verification.verify(root).faults == []
    assert [path for path in root.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("form", FORMS)
def test_segments_come_with_it(form, tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "MANY", 2)
    experiment = segments.gather(tmp_path / "a", filled(tmp_path / "a", blocks=3, rows=8))
    records.save(tmp_path / "a", dataclasses.replace(experiment, status="interrupted"))
    assert "segments/000000.parquet" in experiment.files
    take_in(tmp_path / "b", exported(tmp_path / "a", tmp_path / "out", form))
    there, here = Results(tmp_path / "a").runs(), Results(tmp_path / "b").runs()
    assert here.equals(there)
    assert verification.verify_experiment(tmp_path / "b", experiment.id).faults == []


def bits(column):
    """Values of a column, to the bit: NaN equals NaN, -0.0 is not 0.0."""
    return [np.float64(v).tobytes() if isinstance(v, float) else v for v in column.to_pylist()]


def test_a_second_time_gives_the_same_bytes(source, tmp_path):
    first, second = (exported(source, tmp_path / name, "json") for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    root = tmp_path / "store"
    take_in(root, first)
    third = exported(root, tmp_path / "c", "json")
    own, theirs = (json.loads(path.read_text()) for path in (third, first))
    for name in own.keys() - {"record", "sha256"}:
        assert own[name] == theirs[name], name


def test_a_folder_can_be_checked_with_the_usual_tool(source, tmp_path):
    path = exported(source, tmp_path, "parquet")
    checked = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    said = subprocess.run(checked, cwd=path, capture_output=True, text=True, check=True).stdout
    assert said.count(": OK") == 5 + len(KEPT)
    experiment = take_in(tmp_path / "store", path)
    for name in KEPT:  # without these a sweep could not go on
        copy, own = (experiment_folder(at, experiment.id) for at in (tmp_path / "store", source))
        assert (copy / name).read_bytes() == (own / name).read_bytes()


def test_a_sweep_that_was_running_is_interrupted_elsewhere(tmp_path):
    experiment = filled(tmp_path / "a", blocks=1, status="running")
    path = exported(tmp_path / "a", tmp_path / "out", "json")
    assert take_in(tmp_path / "b", path).status == "interrupted"
    assert records.load(tmp_path / "b", experiment.id).status == "interrupted"


def test_an_experiment_without_runs_travels_too(tmp_path):
    experiment = started(tmp_path / "a")
    for form in FORMS:
        path = exported(tmp_path / "a", tmp_path / "out", form)
        assert take_in(tmp_path / form, path).files == {}
        assert [one.id for one in records.every(tmp_path / form)] == [experiment.id]


@pytest.mark.parametrize("form", FORMS)
def test_what_is_there_already_is_refused(form, source, tmp_path):
    path = exported(source, tmp_path / "out", form)
    root = tmp_path / "store"
    take_in(root, path)
    edit_annotations.tag(Results(root), "latest", ["mine"])
    before = tree(root)
    with pytest.raises(AlreadyThere, match=rf"{path.stem}: is in {root} already"):
        take_in(root, path)
    assert tree(root) == before
    with pytest.raises(AlreadyThere, match=r"is there already; remove it"):
        exported(source, tmp_path / "out", form)


def tree(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", FORMS)
def test_every_changed_byte_is_noticed(form, source, tmp_path):
    path = exported(source, tmp_path / "out", form)
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    chance, root = random.Random(5), tmp_path / "store"
    for number in range(60):
        file = files[number % len(files)]
        sound = file.read_bytes()
        content = bytearray(sound)
        place = chance.randrange(len(content))
        content[place] ^= chance.choice([1, 2, 16, 32, 128])
        file.write_bytes(content)
        with pytest.raises(StoreError) as refused:
            take_in(root, path)
        assert "\n" not in str(refused.value)
        file.write_bytes(sound[:place])
        with pytest.raises(StoreError):
            take_in(root, path)
        file.write_bytes(sound)
    assert list(root.rglob("*")) == []
    take_in(root, path)


@pytest.mark.parametrize("name", ["SHA256SUMS", "experiment.json", "edits.json", "runs.parquet"])
def test_a_file_that_is_missing_from_a_folder(name, source, tmp_path):
    path = exported(source, tmp_path, "parquet")
    (path / name).unlink()
    with pytest.raises(DamagedFile, match=name):
        take_in(tmp_path / "store", path)
    assert list((tmp_path / "store").rglob("*")) == []


def resum(path):
    """Mend the checksum of a JSON export that was edited on purpose."""
    body = path.read_bytes().rpartition(b'"sha256": "')[0]
    path.write_bytes(body + f'"sha256": "{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode())


def rewrite(path, **changes):
    """Change parts of a JSON export; the file is as `write` could have written it."""
    values = json.loads(path.read_text())
    del values["sha256"]
    for name, change in changes.items():
        values[name] = change(values[name])
    runs = values.pop("runs")
    lines = [f"{json.dumps(name)}: {json.dumps(value)},\n" for name, value in values.items()]
    body = "{\n" + "".join(lines) + '"runs": [\n' + ",\n".join(map(json.dumps, runs)) + "\n],\n"
    path.write_text(body + '"sha256": "')
    resum(path)


def note(edits, **values):
    return {**edits, "note": {**edits["note"], **values}}


def first(**values):
    return lambda runs: [{**runs[0], **values}, *runs[1:]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"record": lambda r: {**r, "id": "../../x"}}, "a name is"),
        ({"record": lambda r: {**r, "id": "x/y"}}, "a name is"),
        ({"record": lambda r: {**r, "status": "great"}}, "status: must be one of"),
        ({"record": lambda r: {"id": r["id"]}}, "has no field"),
        ({"record": lambda r: {**r, "schema_version": 99}}, "reads up to 1"),
        ({"sweeper_export": lambda v: 99}, "has form 99, this checkout reads up to 1"),
        ({"sweeper_export": lambda v: "1"}, "sweeper_export has to be a int"),
        ({"edits": lambda e: {"exp-1": e[min(e)]}}, "'exp-1' is no part of exp-"),
        ({"edits": lambda e: {k: {**v, "tags": {"x": 1}} for k, v in e.items()}}, "got 1"),
        ({"edits": lambda e: {min(e): {}}}, "are not what is written there"),
        ({"edits": lambda e: {f"{min(e)}/../x": v for v in e.values()}}, "is no part of|comes a"),
        ({"edits": lambda e: {k: note(v, description="\x1b") for k, v in e.items()}}, "holds"),
        ({"edits": lambda e: {k: note(v, description=1) for k, v in e.items()}}, "got 1"),
        ({"blocks": lambda b: [[3, 1]]}, r"blocks: has to be a list of \[first, last\]"),
        ({"errors": lambda e: {"../1": []}}, "errors: has to have a list of rows per number"),
        ({"errors": lambda e: {"2": [{"run": 1}]}}, "a row has not the columns"),
        ({"columns": lambda c: {**c, "evil": "int64"}}, "a run has no column 'evil'|not the col"),
        ({"columns": lambda c: {**c, "sharpe": "object"}}, "'object' is no type of a column"),
        ({"columns": lambda c: {**c, "sharpe": "string"}}, "no column 'sharpe' of string"),
        ({"columns": lambda c: {**c, "sharpe": 3}}, "columns: "),
        ({"metrics": lambda m: [*m, "love"]}, "lacks the metric love"),
        ({"metrics": lambda m: [1]}, "metrics: has to be a list of names"),
        ({"runs": first(sharpe="high")}, "column sharpe: no double"),
        ({"runs": first(sharpe=True)}, "column sharpe: no double"),
        ({"runs": first(run="1")}, "column run: no int64"),
        ({"runs": first(run=True)}, "column run: no int64"),
        ({"runs": first(baseline=1)}, "column baseline: no bool"),
        ({"runs": first(run=None)}, "column run: a value is missing"),
        ({"runs": lambda r: [{**r[0], "run": r[1]["run"]}, *r[1:]]}, r"run \d comes 2 times"),
        ({"runs": first(config_hash="ab")}, "column config_hash"),
        ({"runs": first(config_hash="zz" * 32)}, "column config_hash"),
        ({"runs": first(start="yesterday")}, "column start"),
        ({"runs": first(block_sum=[1.0])}, "column block_sum"),
        ({"runs": first(experiment_id="other")}, "rows of another experiment"),
        ({"runs": first(status="great")}, "a run is done or pruned"),
        ({"runs": first(more=1)}, "a row has not the columns"),
        ({"runs": lambda runs: [1]}, "a row has not the columns"),
    ],
)  # fmt: skip
def test_what_no_export_holds_is_refused(changes, message, source, tmp_path):
    path = exported(source, tmp_path / "out", "json")
    rewrite(path, **changes)
    root = tmp_path / "store"
    with pytest.raises(ValueError, match=message) as refused:
        take_in(root, path)
    assert "\n" not in str(refused.value)
    assert list(root.rglob("*")) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "store"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"{}\n", b"[" * 100_000, b"x" * 99, b'"sha256": "\n', b'{\n"runs": [\n],\n'],
)
def test_what_is_no_export_at_all_is_refused(content, tmp_path):
    path = tmp_path / "x.json"
    for text in (content, content + b'"sha256": "'):
        path.write_bytes(text)
        if text != content:
            resum(path)
        with pytest.raises(DamagedFile, match=rf"^{path}: "):
            take_in(tmp_path / "store", path)


def test_other_paths_are_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.csv").write_text("run\n1\n")
    for name, message in (
        ("nosuch", "there is no such file or folder"),
        ("empty", "is no export: there is no SHA256SUMS in it"),
        ("x.csv", "a CSV file holds no record; import an export to json or parquet"),
    ):
        with pytest.raises(StoreError, match=message):
            take_in(tmp_path / "store", tmp_path / name)


def test_a_folder_cannot_name_files_outside(source, tmp_path):
    path = exported(source, tmp_path, "parquet")
    (tmp_path / "secret").write_text("hunter2")
    for name in ("../secret", "/etc/passwd", "blocks/../../secret"):
        record = json.loads((path / "experiment.json").read_text())
        record["files"] = {name: {"rows": 1, "bytes": 7, "sha256": "ab" * 32}}
        (path / "experiment.json").write_text(json.dumps(record))
        sums = [f"{digest(one)}  {one.name}\n" for one in path.iterdir() if one.suffix == ".json"]
        (path / "SHA256SUMS").write_text("".join(sums))
        with pytest.raises(StoreError, match="which is no file of an experiment"):
            take_in(tmp_path / "store", path)
    (path / "SHA256SUMS").write_text("not a checksum\n")
    with pytest.raises(DamagedFile, match="has a line that is no checksum"):
        take_in(tmp_path / "store", path)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_with_more_than_its_record_names(source, tmp_path):
    path = exported(source, tmp_path, "parquet")
    (path / "evil.py").write_text("1")
    with (path / "SHA256SUMS").open("a") as sums:
        sums.write(f"{digest(path / 'evil.py')}  evil.py\n")
    with pytest.raises(DamagedFile, match=r"names 'evil\.py', which is no part of it"):
        take_in(tmp_path / "store", path)


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_a_damaged_store_is_not_exported(form, tmp_path):
    experiment = filled(tmp_path / "store", blocks=2)
    block = experiment_folder(tmp_path / "store", experiment.id) / "blocks" / "000001.parquet"
    sound = block.read_bytes()
    for content in (sound[:5000] + bytes(9) + sound[5009:], None):
        block.unlink()
        if content:
            block.write_bytes(content)
        with pytest.raises(DamagedFile):
            exported(tmp_path / "store", tmp_path / "out", form)
        assert list((tmp_path / "out").iterdir()) == []


def test_which_experiments(tmp_path):
    first, second = (swept(tmp_path, [number], number=number) for number in range(2))
    results = Results(tmp_path)
    edit_annotations.tag(results, first.id, ["x"])
    assert [one.id for one in chosen(results, None, None)] == [second.id]
    assert [one.id for one in chosen(results, None, "x")] == [first.id]
    for ref, tag, message in (
        ("latest/0", None, "is a run; export its experiment"),
        ("latest", "x", "not both"),
        (None, "y", "y: no experiment has this tag"),
    ):
        with pytest.raises(UnknownReference, match=message):
            chosen(results, ref, tag)
    with pytest.raises(UnknownReference, match="format: must be one of json, csv, parquet"):
        export(tmp_path, [first], tmp_path / "out", "xml")


def test_csv_is_safe_in_a_spreadsheet_and_numbers_stay_numbers(tmp_path):
    def table(*arguments):
        made = run_table(*arguments)
        return made.set_column(5, made.schema.field("symbol"), pa.array(symbols))

    symbols = ["=1+1", "+A", "-A", "@A", "\tA", "\rA", "\nA", "A=B", 'a "b", c', "NASDAQ"]
    filled(tmp_path / "store", blocks=1, rows=10, table=table)
    path = exported(tmp_path / "store", tmp_path, "csv")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [f"'{one}" if one[0] in "=+-@\t\r\n" else one for one in symbols]
    assert [row["symbol"] for row in rows] == shown
    runs = Results(tmp_path / "store").runs()
    for name in ("sharpe", "total_return", "trades", "params.fast", "tried"):
        assert [float(row[name]) for row in rows] == [float(v) for v in runs[name].to_pylist()]
    assert any(row["sharpe"].startswith("-") for row in rows)
    assert rows[0]["config_hash"] == runs["config_hash"][0].as_py().hex()
    assert rows[0]["baseline"] == "true"
    assert "block_sum" not in rows[0]


def test_the_name_of_a_column_is_safe_too():
    assert as_csv._shown(pa.table({"=x": [1], "x": [None]})).column_names == ["'=x", "x"]


def test_blocks_that_are_merged_as_they_are_exported(tmp_path, monkeypatch):
    experiment = swept(tmp_path / "store", [1, 2])
    real = as_parquet.check_whole

    def merge_first(path, entry):
        if "blocks" in path.parts:
            compact(tmp_path / "store", experiment.id)
        real(path, entry)

    monkeypatch.setattr(as_parquet, "check_whole", merge_first)
    path = exported(tmp_path / "store", tmp_path / "out", "parquet")
    assert (path / "runs.parquet").exists()
    take_in(tmp_path / "other", path)


@pytest.mark.parametrize("form", FORMS)
def test_of_two_at_once_the_first_wins(form, source, tmp_path, monkeypatch):
    path = exported(source, tmp_path / "out", form)
    root = tmp_path / "store"
    real = importing._check_new

    def other_first(*arguments):
        monkeypatch.setattr(importing, "_check_new", real)
        real(*arguments)
        take_in(root, path)

    monkeypatch.setattr(importing, "_check_new", other_first)
    with pytest.raises(AlreadyThere):
        take_in(root, path)
    assert verification.verify(root).faults == []
    assert ledger.counts(root) == {NASDAQ: 7}


def test_an_export_never_replaces_a_file(source, tmp_path, monkeypatch):
    real = exporting._check_free

    def other_first(target):
        monkeypatch.setattr(exporting, "_check_free", real)
        target.parent.mkdir(exist_ok=True)
        target.write_text("mine")

    monkeypatch.setattr(exporting, "_check_free", other_first)
    with pytest.raises(AlreadyThere):
        exported(source, tmp_path / "out", "json")
    (left,) = (tmp_path / "out").iterdir()
    assert left.read_text() == "mine"


def test_half_an_import_of_the_past_is_swept_away(source, tmp_path):
    path = exported(source, tmp_path / "out", "parquet")
    root = tmp_path / "store"
    left = root / ".import.0123.tmp" / "v1"
    left.mkdir(parents=True)
    old = 1_000_000_000
    os.utime(left.parent, (old, old))
    take_in(root, path)
    assert not left.parent.exists()
