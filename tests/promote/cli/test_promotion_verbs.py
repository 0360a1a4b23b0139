"""The verbs on profiles, as they are typed."""

import json

import pytest
from typer.testing import CliRunner

from promote import config
from promote.cli.app import app
from promote.profiles.files import names
from store.registry import open_registry
from tests.promote.promoted import NAMES, everything, swept

EASY = "checks:\n  verify: 0\n  look_ahead: 0\n"
HOLDOUT = EASY + "  holdout: -99\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    swept(folder / "results")
    (folder / "easy.yaml").write_text(EASY)
    (folder / "holdout.yaml").write_text(HOLDOUT)
    return folder


@pytest.fixture
def call(place, tmp_path, monkeypatch):
    """Run a verb on the swept store and on profiles of its own."""
    monkeypatch.chdir(place)

    def call(*words, code=0):
        given = [] if words[0] == "keygen" else ["--profiles", str(tmp_path / "profiles")]
        ended = CliRunner().invoke(app, [*map(str, words), *given])
        assert ended.exit_code == code, ended.output
        assert code != 2 or ended.output.strip().count("\n") == 0 or "Usage" in ended.output
        return ended.output

    return call


def told(text):
    return json.loads(text)


GATE = ("--gate", "easy.yaml", "--by", "ann")


def test_where_there_is_no_profile_the_list_says_how_to_make_one(call, tmp_path):
    line = (
        f"No profile in {tmp_path / 'profiles'} yet; `python -m promote apply REF NAME` makes one."
    )
    assert " ".join(call("list").split()) == line
    assert told(call("list", "--json")) == []


def test_a_profile_from_promotion_to_rollback(call, tmp_path):
    out = call("apply", "latest/best", "scalp", *GATE, "--reason", "a trend")
    assert "scalp/v1 is in force. Against nothing before: fast none -> " in " ".join(out.split())
    assert "Not approved yet" in out
    assert "not yet" in call("list")
    assert "scalp/v1: approved by bob" in call("approve", "scalp", "--by", "bob")
    made = told(call("apply", "latest/3", "scalp", *GATE, "--baseline", "scalp", "--json"))
    assert (made["version"], made["against"][:7]) == (2, "run exp")
    assert [one["approved"] for one in told(call("list", "--json"))] == [False]
    assert told(call("show", "scalp/v1", "--json"))["approval"]["by"] == "bob"
    assert "by bob" in call("show", "scalp/v1")
    assert "not yet" in call("show", "scalp")
    found = told(call("diff", "scalp/v1", "scalp", "--json"))["changes"]
    assert {"params", "metrics"} <= found.keys()
    assert "params" in call("diff", "scalp/v1", "scalp")
    assert "scalp/v3 is in force, equal to v1" in call("rollback", "scalp", "--by", "ann")
    assert "added to" in call("actual-impact", "scalp", "--text", "as hoped", "--by", "ann")
    kinds = [one["kind"] for one in told(call("log", "scalp", "--json"))]
    assert kinds == ["promoted", "approved", "promoted", "rolled back", "actual impact"]
    assert "as hoped" in call("log")
    assert call("log", "other", code=2).startswith("other: there is no such profile in ")
    assert told(call("verify", "scalp", "--json"))["verified"]
    (tmp_path / "profiles" / "scalp" / "v3.yaml").write_text("mine")
    out = call("verify", "scalp", code=3)
    assert "FAIL" in out
    call("show", "scalp", code=2)


def test_what_the_gate_refuses_ends_with_3_and_writes_nothing(call, tmp_path):
    out = call("apply", "latest", "scalp", "--set", "min_sharpe=99", "--by", "ann", code=3)
    assert "Not promotable" in " ".join(out.split())
    assert everything(tmp_path) == {}
    out = call("apply", "latest", "scalp", "--set", "min_sharpe=99", "--json", code=3)
    assert told(out)["passed"] is False


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("-")], ids=repr)
def test_a_hostile_name_ends_with_2(call, tmp_path, name):
    for words in (("apply", "latest/best", name, *GATE), ("show", name), ("rollback", name)):
        call(*words, code=2)
    assert list(tmp_path.iterdir()) == []


def test_bad_words_end_with_2_and_one_line(call):
    assert "no such profile" in call("verify", "nothing", code=2)
    assert "no experiment" in call("apply", "nothing", "scalp", code=2)
    assert "no check" in call("apply", "latest", "scalp", "--set", "nothing=1", code=2)
    assert "no preset" in call("apply", "latest", "scalp", "--gate", "nothing", code=2)


def test_the_holdout_is_not_spent_on_what_is_in_force(call, place):
    words = ("apply", "latest/5", "spent", "--gate", "holdout.yaml", "--by", "ann")
    call(*words)
    before = len(open_registry(place / "results").holdout_uses())
    assert before >= 1
    assert "this very configuration" in call(*words, code=2)
    assert len(open_registry(place / "results").holdout_uses()) == before


def test_several_profiles_from_one_sweep(call, tmp_path):
    for by in ("sharpe", "annual_return", "calmar"):
        call("apply", "latest", by.replace("_", "-"), *GATE, "--select-by", by)
    assert names(tmp_path / "profiles") == ["annual-return", "calmar", "sharpe"]
    assert told(call("show", "calmar", "--json"))["gate"]["selected_by"] == "calmar"


def test_two_profiles_over_the_same_time(call, place):
    call("apply", "latest/5", "one", *GATE)
    call("apply", "latest/9", "two", *GATE)
    uses = open_registry(place / "results").holdout_uses
    before = len(uses())
    found = told(call("compare", "one", "two", "--json"))
    assert (found["a"]["unseen"], found["a"]["looks"], len(uses())) == (0, None, before)
    alone = told(call("show", "one", "--json"))
    assert found["a"]["metrics"] == alone["metrics"]
    difference = found["b"]["metrics"]["sharpe"] - found["a"]["metrics"]["sharpe"]
    assert found["sharpe_delta"] == difference
    out = " ".join(call("compare", "one", "two", "--end", "2100-01-01").split())
    assert "80 of these bars were kept from the sweep" in out
    assert len(uses()) == before + 2
    assert uses()[-1].purpose == "compare"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--start", "2100-01-01", "--end", "2101-01-01"), "0 bars from 2100-01-01"),
        (("--start", "soon"), "--start: need an ISO date"),
        (("--end", "2009-13-01"), "--end: need an ISO date"),
    ],
)
def test_a_range_without_bars_is_no_look_at_the_holdout(call, place, words, said):
    call("apply", "latest/5", "one", *GATE)
    before = open_registry(place / "results").holdout_uses()
    assert said in call("compare", "one", "one", *words, code=2)
    assert open_registry(place / "results").holdout_uses() == before


def test_a_key_is_made_and_told(call, tmp_path):
    out = call("keygen", tmp_path / "keys" / "me.pem")
    assert "public_keys: [" in out
    assert "BEGIN PRIVATE KEY" in (tmp_path / "keys" / "me.pem").read_text()


def test_an_interrupted_act_is_finished_first(call, tmp_path, monkeypatch):
    from store.registry import Registry

    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "promote", cut)
        call("apply", "latest/5", "cut", *GATE, code=130)
    assert "Finished first, as it had been interrupted: promoted cut/v1" in call("list")
    assert "Finished" not in call("list")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "cannot be read"),
        ("- 1", "needs the keys"),
        ("other: 1", "has no key 'other'"),
        ("public_keys: [ab]", "64 hex digits"),
        ("public_keys: x", "64 hex digits"),
    ],
)
def test_a_bad_conf_is_one_line(tmp_path, monkeypatch, text, said):
    path = tmp_path / "promote.yaml"
    path.write_text(text)
    monkeypatch.setattr(config, "FILE", path)
    with pytest.raises(ValueError, match=said):
        config.load()


def test_the_environment_goes_before_the_conf(tmp_path, monkeypatch):
    path = tmp_path / "promote.yaml"
    path.write_text("profiles: here\nsigning_key: a.pem\n")
    monkeypatch.setattr(config, "FILE", path)
    monkeypatch.delenv("SWEEPER_PROFILES", raising=False)
    assert (str(config.load().profiles), str(config.load().signing_key)) == ("here", "a.pem")
    monkeypatch.setenv("SWEEPER_PROFILES", "there")
    monkeypatch.setenv("SWEEPER_SIGNING_KEY", "b.pem")
    assert (str(config.load().profiles), str(config.load().signing_key)) == ("there", "b.pem")
    path.unlink()
    with pytest.raises(ValueError, match="cannot be read"):
        config.load()
