import re
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import AlsoNamed, AmbiguousReference, BadName, UnknownReference
from store.query.references import resolve
from store.records import experiment as records
from store.runs.compaction import compact
from store.runs.reader import Shelf
from tests.store.made_runs import add_blocks, filled, new_experiment, run_table

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def with_hashes(experiment_id, hashes, first=0):
    table = run_table(experiment_id, first, len(hashes))
    column = pa.array([bytes.fromhex(text.ljust(64, "0")) for text in hashes], pa.binary(32))
    return table.set_column(2, table.schema.field(2), column)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """An older experiment of 80 random runs, compacted, and a newer one with chosen hashes."""
    root = tmp_path_factory.mktemp("store")
    old = filled(root, blocks=2, id="exp-20260102-030405-0001")
    compact(root, old.id)
    new = new_experiment(root, when=NOW + timedelta(hours=1), id="exp-20260102-040405-0002")
    hashes = ["abcdef01", "abcdef02", "abcd9999", "0123456789", "fedcba98"]
    add_blocks(root, new, [with_hashes(new.id, hashes), with_hashes(new.id, ["99999999aa"], 5)])
    return root


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("latest", "exp-20260102-040405-0002"),
        ("latest/3", "exp-20260102-040405-0002/3"),
        (" latest ", "exp-20260102-040405-0002"),
        ("exp-20260102-030405-0001", "exp-20260102-030405-0001"),
        ("exp-20260102-030405-0001/79", "exp-20260102-030405-0001/79"),
        ("abcdef01", "exp-20260102-040405-0002/0"),
        ("abcdef020000", "exp-20260102-040405-0002/1"),
        ("abcd9", None),
        ("abcd99", "exp-20260102-040405-0002/2"),
        ("0123456", "exp-20260102-040405-0002/3"),
        ("99999999a", "exp-20260102-040405-0002/5"),
        ("fedcba98" + "0" * 56, "exp-20260102-040405-0002/4"),
    ],
)
def test_what_a_reference_names(text, expected, root):
    if expected is None:
        with pytest.raises(UnknownReference, match="6 or more hex digits"):
            resolve(Shelf(root), text)
    else:
        assert str(resolve(Shelf(root), text)) == expected


@pytest.mark.parametrize("ref", ["latest/best", "exp-20260102-030405-0001/best"])
def test_best_is_by_the_metric_that_was_searched_for(ref, root):
    shelf = Shelf(root)
    found = resolve(shelf, ref)
    table = shelf.dataset(found.experiment).to_table(columns=["run", "sharpe"])
    assert found.run == table.sort_by([("sharpe", "descending")])["run"][0].as_py()


def test_an_ambiguous_prefix_lists_its_candidates(root):
    with pytest.raises(AmbiguousReference) as caught:
        resolve(Shelf(root), "abcdef")
    assert str(caught.value) == (
        "abcdef: is the start of 2 config hashes; add digits: "
        "abcdef0100000000 (exp-20260102-040405-0002/0), "
        "abcdef0200000000 (exp-20260102-040405-0002/1)"
    )


def test_the_same_configuration_in_two_experiments_is_the_newer_ones(tmp_path):
    for hours in (0, 2, 1):
        experiment = new_experiment(tmp_path, when=NOW + timedelta(hours=hours))
        add_blocks(tmp_path, experiment, [with_hashes(experiment.id, ["abcdef01"])])
    found = resolve(Shelf(tmp_path), "abcdef")
    assert found.experiment.created == "2026-01-02T05:04:05.000000+00:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abcd00", "no config hash starts so; near matches: abcdef0100000000 (exp-"),
        ("777777", "no config hash starts so; `python -m store top sharpe --root "),
        ("exp-20260102-030405-0003", "did you mean exp-20260102-030405-0001 or"),
        ("zebra", "is no experiment, nor a config-hash prefix of 6 or more hex digits; `python"),
        ("latest/80", "latest/80: there is no such run; it has 0 to 5"),
        ("latest/first", "after the slash comes a run number or best"),
        ("latest/", "after the slash comes a run number or best"),
        ("latest/-1", "after the slash comes a run number or best"),
        ("latest/1/2", "after the slash comes a run number or best"),
        ("latest/" + "9" * 40, "after the slash comes a run number or best"),
        ("abcdef01/1", "is no experiment"),
    ],
)
def test_nothing_has_that_name(text, message, root):
    text = text.replace("latest/80", "exp-20260102-040405-0002/80")
    message = message.replace("latest/80", "exp-20260102-040405-0002/80")
    with pytest.raises(UnknownReference, match=re.escape(message)):
        resolve(Shelf(root), text)


@pytest.mark.parametrize(
    "text", ["", "../x", "/etc/passwd", "..", "a/../../b"[1:], "EXP-1", "exp-1\n2", "é", "x" * 64]
)
def test_hostile_names_are_refused(text, root):
    with pytest.raises(BadName, match="REF: a name is"):
        resolve(Shelf(root), text)


def test_a_linked_experiment_outside_the_store_is_refused(tmp_path):
    filled(tmp_path / "other", id="exp-20260102-030405-0001")
    (tmp_path / "results" / "v1").mkdir(parents=True)
    link = tmp_path / "results" / "v1" / "exp-20260102-030405-0001"
    link.symlink_to(tmp_path / "other" / "v1" / "exp-20260102-030405-0001")
    with pytest.raises(BadName, match="leads out of the store"):
        resolve(Shelf(tmp_path / "results"), "latest")


def test_a_store_without_experiments_or_runs_says_so(tmp_path):
    with pytest.raises(UnknownReference, match=r"there is no experiment in .* yet; run a sweep"):
        resolve(Shelf(tmp_path), "latest")
    experiment = new_experiment(tmp_path)
    with pytest.raises(UnknownReference, match=f"{experiment.id}/best: no run of it has a sharpe"):
        resolve(Shelf(tmp_path), "latest/best")
    with pytest.raises(UnknownReference, match="no such run; it has none yet"):
        resolve(Shelf(tmp_path), "latest/0")


# Names


@pytest.fixture
def named(tmp_path):
    """Two experiments named demo, one named abcdef like the start of a hash."""
    made = []
    for hour, name in enumerate(("demo", "demo", "abcdef", "facade")):
        when = NOW + timedelta(hours=hour)
        made.append(new_experiment(tmp_path, when=when, name=name, id=f"exp-x-{hour}"))
        add_blocks(tmp_path, made[-1], [with_hashes(made[-1].id, [f"abcdef{hour}"])])
    return tmp_path


def test_a_name_is_its_newest_experiment(named):
    shelf = Shelf(named)
    assert str(resolve(shelf, "demo")) == "exp-x-1"
    assert str(resolve(shelf, "demo/0")) == "exp-x-1/0"
    assert str(resolve(shelf, "demo/best")) == "exp-x-1/0"
    assert str(resolve(shelf, "facade")) == "exp-x-3", "no hash begins so"
    with pytest.raises(UnknownReference, match=r"demos: is no experiment, .* did you mean demo"):
        resolve(shelf, "demos")


def test_ids_latest_and_hashes_come_before_names_and_that_is_said(named):
    shelf = Shelf(named)
    add_blocks(named, records.load(named, "exp-x-0"), [with_hashes("exp-x-0", ["facade99"], 1)], 1)
    message = "facade: is taken for the start of the config hash of exp-x-0/1; it is also the name"
    with pytest.warns(AlsoNamed, match=message):
        assert str(resolve(shelf, "facade")) == "exp-x-0/1"
    new_experiment(named, when=NOW - timedelta(hours=1), name="latest", id="exp-x-9")
    with pytest.warns(AlsoNamed, match="latest: is taken for exp-x-3; it is also"):
        assert str(resolve(shelf, "latest")) == "exp-x-3"
    assert str(resolve(shelf, "facade/0")) == "exp-x-3/0", "a hash names no experiment"


def test_the_command_line_says_what_else_a_name_could_be(named):
    new_experiment(named, when=NOW - timedelta(hours=1), name="latest", id="exp-x-9")
    ended = CliRunner().invoke(app, ["show", "latest", "--root", str(named)])
    assert ended.exit_code == 0
    assert "Note: latest: is taken for exp-x-3; it is also the name of exp-x-9" in ended.stderr


def test_a_whole_id_reads_one_record_however_many_there_are(root, monkeypatch):
    read = []
    load = records.load
    monkeypatch.setattr(records, "load", lambda *given: read.append(given[1]) or load(*given))
    assert resolve(Shelf(root), "exp-20260102-030405-0001/3").run == 3
    assert read[0] == "exp-20260102-030405-0001"
    assert "exp-20260102-040405-0002" not in read
    with pytest.raises(UnknownReference, match="did you mean exp-20260102-030405-0001"):
        resolve(Shelf(root), "exp-20260102-030405-000f")
