import re
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from store.compaction import compact
from store.errors import AmbiguousReference, BadName, UnknownReference
from store.references import resolve
from store.shelf import Shelf
from tests.store.runs import add_blocks, filled, new_experiment, run_table

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
