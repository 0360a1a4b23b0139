"""A profile as YAML: exact there and back, plain, and refused when it was touched."""

import dataclasses
import hashlib
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from promote.audit.strategy_log import changes_text
from promote.profiles.diff import param_changes, same
from promote.profiles.files import current, find, load, names, versions
from promote.profiles.profile import Profile, from_yaml, one_line, to_yaml
from store.errors import BadName, DamagedFile, StoreError, UnknownReference
from tests.promote.promoted import NAMES

VALUES = {
    "schema": 1, "profile": "scalp", "version": 3, "parent": 2, "kind": "promotion",
    "restores": None, "promoted_at": "2026-01-02T03:04:05+00:00", "promoted_by": "ann",
    "strategy": {"name": "sma", "module": "kernels.strategies.sma"},
    "params": {"fast": 5, "slow": 50.5}, "settings": {"stop_loss": None}, "data": {"path": None},
    "symbol": "X", "timeframe": "1d", "fingerprint": "ab", "window": {"role": "dev"},
    "holdout": {"uses": 1}, "experiment": {"id": "exp-1"}, "config_hash": "ab" * 32,
    "metrics": {"sharpe": 1 / 3, "skew": -1e-300, "calmar": math.inf}, "gate": {"verdicts": []},
    "tried": {}, "baseline": None, "reason": "yes: no", "expected_impact": "", "recommended": True,
    "approved": False, "allow_dirty": False, "versions": {"code": "1e5"},
}  # fmt: skip
PROFILE = Profile(**VALUES)


def with_digest(body):
    return f"{body}digest: {hashlib.sha256(body.encode()).hexdigest()}\n"


def edited(old, new):
    """The file of PROFILE with a text replaced, and the digest made to fit."""
    body = to_yaml(PROFILE).rpartition("digest: ")[0]
    assert old in body
    return with_digest(body.replace(old, new))


def test_there_and_back():
    text = to_yaml(PROFILE)
    assert from_yaml(text, "x") == PROFILE
    assert yaml.safe_load(text).keys() == {*VALUES, "digest"}
    assert list(yaml.safe_load(text))[:3] == ["schema", "profile", "version"]
    assert PROFILE.ref == "scalp/v3"


@given(st.dictionaries(st.text("abcxyz_.", min_size=1), st.floats(), min_size=1))
def test_every_float_comes_back_to_the_last_bit(metrics):
    found = from_yaml(to_yaml(dataclasses.replace(PROFILE, metrics=metrics)), "x").metrics
    assert list(map(float.hex, found.values())) == list(map(float.hex, metrics.values()))


@given(st.text())
def test_no_text_of_a_person_breaks_a_profile(text):
    try:
        plain = one_line(text, "--reason")
    except StoreError:
        assert "${" in text
        return
    assert plain.isprintable()
    whole = dataclasses.replace(PROFILE, reason=plain)
    assert from_yaml(to_yaml(whole), "x") == whole


def test_long_texts_are_refused():
    with pytest.raises(StoreError, match="takes up to 2,000 characters, got 2,001"):
        one_line("x" * 2001, "--reason")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (to_yaml(PROFILE).replace("fast: 5", "fast: 6"), "its digest is not that"),
        ("", "its digest is not that"),
        (with_digest("a: [\n"), "is not YAML"),
        (with_digest("a: &x [1]\nb: *x\n"), "it has an alias"),
        (with_digest("a: !!python/object/apply:os.getcwd []\n"), "is not YAML"),
        (with_digest("- 1\n"), "holds a list"),
        (edited("schema: 1", "schema: 2"), "update the checkout"),
        (edited("symbol: X\n", ""), "has no field 'symbol'"),
        (edited("symbol: X\n", "symbol: X\nother: 1\n"), "has an unknown field 'other'"),
        (edited("symbol: X", "symbol: 1"), "symbol is a int"),
        (edited("symbol: X", "symbol:   X"), "not in the form"),
        (edited("symbol: X", "symbol: Y\nsymbol: X"), "not in the form"),
        (edited("recommended: true", "recommended: false"), "gate has let pass"),
        (edited("kind: promotion", "kind: gift"), "gate has let pass"),
    ],
)
def test_what_was_touched_is_refused(text, said):
    with pytest.raises(StoreError, match=said):
        from_yaml(text, "v3.yaml")


@pytest.fixture
def profiles(tmp_path):
    folder = tmp_path / "profiles" / "scalp"
    folder.mkdir(parents=True)
    (folder / "v3.yaml").write_text(to_yaml(PROFILE))
    (folder / "current").write_text("v3.yaml\n")
    return tmp_path / "profiles"


def test_a_profile_is_found_by_name_and_version(profiles):
    assert find(profiles, "scalp") == find(profiles, "scalp/v3") == load(profiles, "scalp", 3)
    assert (names(profiles), versions(profiles, "scalp")) == (["scalp"], [3])
    assert (names(profiles / "no"), versions(profiles, "no"), current(profiles, "no")) == (
        [],
        [],
        None,
    )


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("scalpel", "did you mean scalp"),
        ("nothing", "promote list"),
        ("scalp/v4", "no such version; v3"),
        ("scalp/3", "after the slash"),
        ("scalp/v03", "after the slash"),
        ("scalp/../v3", "after the slash"),
    ],
)
def test_what_is_not_there_says_what_is(profiles, ref, said):
    with pytest.raises(UnknownReference, match=said):
        find(profiles, ref)


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_hostile_name_is_refused(profiles, name):
    before = sorted(profiles.parent.rglob("*"))
    with pytest.raises((BadName, UnknownReference)):
        find(profiles, name)
    for reader in (current, versions):
        with pytest.raises(BadName):
            reader(profiles, name)
    assert sorted(profiles.parent.rglob("*")) == before


def test_there_are_twenty_hostile_names_and_more():
    assert len(set(NAMES)) >= 20


def test_a_file_under_another_name_is_refused(profiles):
    (profiles / "scalp" / "v4.yaml").write_text(to_yaml(PROFILE))
    with pytest.raises(DamagedFile, match="is scalp/v3"):
        load(profiles, "scalp", 4)


def test_a_pointer_that_names_no_version_is_refused(profiles):
    (profiles / "scalp" / "current").write_text("../../x\n")
    with pytest.raises(DamagedFile, match="names no version"):
        find(profiles, "scalp")


def test_a_link_out_of_the_folder_is_refused(profiles, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (profiles / "linked").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadName, match="leads out"):
        find(profiles, "linked")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (0.1 + 0.2, 0.3, False),
        (None, 1.0, False),
        (5, 5.0, True),
    ],
)
def test_what_is_the_same(one, other, wanted):
    assert same(one, other) is wanted


def test_changes_are_told_old_and_new():
    new = dataclasses.replace(PROFILE, params={"fast": 6, "wide": 1}, settings={"stop_loss": 0.1})
    changes = param_changes(PROFILE, new)
    assert changes == {
        "fast": [5, 6], "slow": [50.5, None], "wide": [None, 1], "stop_loss": [None, 0.1]
    }  # fmt: skip
    told = "fast 5 -> 6, slow 50.5 -> none, wide none -> 1, stop_loss none -> 0.1"
    assert changes_text(changes) == told
    assert changes_text({}) == "none"
