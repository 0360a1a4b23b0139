"""What of a model's answer may run, what a model is told, and where it is asked."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.search import key
from sweeper.search.llm_model import heuristic
from sweeper.search.llm_model.prompt import conversation
from sweeper.search.llm_model.proposals import Malformed, Reader
from sweeper.search.llm_model.settings import Server
from sweeper.space.axes import Choices, Interval, Range
from sweeper.space.constraint import Constraint
from sweeper.space.space import Space

SPACE = Space(
    (
        Range("params.fast", 5, 5, 10),
        Interval("params.slow", 1, 100, integer=True),
        Interval("params.width", 0.5, 2.0, log=True),
        Choices("risk.stop_loss", [0.1 + 0.2, math.nan, 0.02]),
    ),
    Constraint("fast < slow"),
)
FINE = {"fast": 10, "slow": 20, "width": 1.5, "risk.stop_loss": 0.02}


READER = Reader(SPACE)


def read(*proposals, most=10, taken=()):
    return READER.read(json.dumps({"proposals": proposals}), most, taken)


def test_what_may_run_becomes_a_point():
    assert read(FINE).points == [(10, 20, 1.5, 0.02)]
    assert read({**FINE, "slow": 20.0}).points == [(10, 20, 1.5, 0.02)]
    assert read({**FINE, "risk.stop_loss": 0.3}).points == [(10, 20, 1.5, 0.1 + 0.2)]
    (off,) = read({**FINE, "risk.stop_loss": None}).points
    assert off[:3] == (10, 20, 1.5)
    assert math.isnan(off[3])


def test_a_zero_has_no_sign():
    (point,) = (
        Reader(Space((Range("a", 0, 1, 2),))).read('{"proposals": [{"a": -0.0}]}', 1, ()).points
    )
    assert math.copysign(1, point[0]) == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"fast": 0}, "outside the space"),
        ({"fast": 12}, "outside the space"),
        ({"fast": 55}, "outside the space"),
        ({"fast": None}, "outside the space"),
        ({"slow": 101}, "outside the space"),
        ({"slow": 20.5}, "outside the space"),
        ({"width": 2.0}, "outside the space"),
        ({"width": 0.49}, "outside the space"),
        ({"width": None}, "outside the space"),
        ({"risk.stop_loss": 0.05}, "outside the space"),
        ({"fast": True}, "of a wrong type"),
        ({"fast": "10"}, "of a wrong type"),
        ({"fast": [10]}, "of a wrong type"),
        ({"fast": math.nan}, "of a wrong type"),
        ({"width": math.inf}, "of a wrong type"),
        ({"fast": 10**400}, "of a wrong type"),
        ({"params.fast": 10}, "with unknown names"),
        ({"__class__": 1}, "with unknown names"),
        ({"slow": 10}, "against the constraint"),
    ],
)
def test_what_may_not_run_is_rejected_and_the_rest_is_kept(change, kind):
    found = read(FINE, FINE | change, FINE | {"fast": 15})
    assert found.points == [(10, 20, 1.5, 0.02), (15, 20, 1.5, 0.02)]
    assert found.rejected == {kind: 1}
    assert len(found.faults) == 1
    assert found.faults[0].startswith("proposal 2: ")


@pytest.mark.parametrize(
    ("given", "kind"),
    [({"fast": 10}, "incomplete"), ([10, 20], "of a wrong type"), ("rm -rf /", "of a wrong type")],
)
def test_what_is_no_whole_proposal_is_rejected(given, kind):
    assert read(given).rejected == {kind: 1}


def test_a_point_is_proposed_once():
    off = {**FINE, "risk.stop_loss": None}
    found = read(FINE, off, FINE, off, taken={(10, 20, 1.5, 0.02)})
    assert found.points == [key([10, 20, 1.5, math.nan])]
    assert found.rejected == {"repeated": 3}


def test_what_is_more_than_wanted_is_not_looked_at():
    found = read(FINE, {**FINE, "fast": 5}, {"fast": "x"}, most=2)
    assert len(found.points) == 2
    assert not found.rejected


def test_a_thousand_faults_are_counted_and_ten_are_told():
    found = read(*[{"x" * 10_000 + str(number): 1} for number in range(1000)])
    assert sum(found.rejected.values()) == 1000
    assert len(found.faults) == 10
    assert max(map(len, found.faults)) <= 160


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "}{",
        "{",
        "[]",
        "{}",
        '{"proposals": 5}',
        '{"proposals": [1}',
        '{"a": ' + "[" * 9999,
    ],
)
def test_what_cannot_be_read_is_malformed(text):
    with pytest.raises(Malformed) as error:
        READER.read(text, 10, ())
    assert "\n" not in str(error.value)


def test_a_reason_is_one_short_line_or_nothing():
    def reason(value):
        return READER.read(json.dumps({"proposals": [], "reason": value}), 1, ()).reason

    assert reason("a\nb\x1b[2J\u202ec") == "a b [2J c"
    assert len(reason("long " * 1000)) == 160
    assert reason({"not": "text"}) == ""


@settings(max_examples=50)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_whatever_stands_there_nothing_outside_gets_through(value):
    found = read({**FINE, "fast": value}, value, {**FINE, "risk.stop_loss": value})
    points = np.array(found.points).reshape(-1, 4)
    assert SPACE.valid(points).all()
    for axis, column in zip(SPACE.axes, points.T, strict=True):
        if not isinstance(axis, Interval):
            assert all(axis.find(one) is not None for one in column)


# what a model is told


def told(space, history, metric="sharpe", mode="max"):
    _, user = conversation(space, metric, mode, history, 7)
    return user["content"]


def test_a_prompt_by_hand():
    history = {key([10, 20, 1.5, math.nan]): 0.51234, key([5, 9, 1.0, 0.02]): math.nan}
    assert told(
        Space(SPACE.axes, Constraint("fast < slow and width < top"), {"params.top": 9.0}), history
    ) == (
        "Parameters:\n"
        "- fast: whole numbers from 5 to 50 in steps of 5\n"
        "- slow: whole numbers from 1 to 100 (included)\n"
        "- width: any number from 0.5 to 2 (excluded), best compared by their logarithm\n"
        "- risk.stop_loss: one of [0.02, 0.30000000000000004, null]\n"
        "Constraint: fast < slow and width < top\n"
        "- top is 9\n"
        "Looked for: highest sharpe.\n"
        "2 were run; 2 of them, the best first (null: failed):\n"
        '{"fast": 10, "slow": 20, "width": 1.5, "risk.stop_loss": null, "sharpe": 0.5123}\n'
        '{"fast": 5, "slow": 9, "width": 1, "risk.stop_loss": 0.02, "sharpe": null}\n'
        "Propose 7 others, none of them run before: some near the best, where several neighbours "
        "do well, and some where nothing was tried."
    )


@pytest.mark.parametrize(("mode", "first", "last"), [("max", 9999, 0), ("min", 0, 9999)])
def test_of_a_long_history_the_best_and_some_of_the_rest_are_told(mode, first, last):
    space = Space((Range("params.x", 0, 1, 10_000),))
    text = told(space, {(float(x),): float(x) for x in range(10_000)}, mode=mode)
    found = [json.loads(line)["x"] for line in text.splitlines() if line.startswith("{")]
    assert len(found) == len(set(found)) == 40
    assert found == sorted(found, reverse=mode == "max")
    assert (found[0], found[-1]) == (first, last)
    assert abs(found[19] - first) == 19
    assert len(text) < 3000


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.arange(0, 100, 0.5), "0 to 99.5 in steps of 0.5"),
        (np.arange(1, 100) ** 2, "one of 99 values, only these told: [1, 16, 36, "),
    ],
)
def test_many_values_are_told_in_few_words(values, words):
    text = told(Space((Choices("params.x", values.astype(float)),)), {})
    assert f"- x: {words}" in text
    assert len(text) < 1000


# the heuristic


MIXED = Space(
    (
        Interval("a", 0.001, 10.0, log=True),
        Interval("b", -3.0, 3.0),
        Interval("c", 1, 9, integer=True, log=True),
        Choices("d", [5.0, math.nan, 1.0, 3.0]),
        Range("e", 90, -10, 10),
    )
)


@given(st.integers(0, 2**32), st.floats(0.001, 3.0))
def test_a_neighbour_is_in_the_space(seed, spread):
    random = np.random.default_rng(seed)
    point = np.array([0.001, 2.9, 9.0, math.nan, 0.0])
    for _ in range(5):
        point = heuristic.neighbour(MIXED, point, spread, random)
        for axis, value in zip(MIXED.axes, point.tolist(), strict=True):
            if isinstance(axis, Interval):
                assert axis.low <= value <= axis.high
            else:
                assert axis.find(value) is not None


def test_a_neighbour_is_near_and_on_both_sides():
    random = np.random.default_rng(1)
    point = np.array([0.1, 0.0, 3.0, 3.0, 40.0])
    found = np.array([heuristic.neighbour(MIXED, point, 0.05, random) for _ in range(2000)])
    assert np.median(found[:, 0]) == pytest.approx(0.1, rel=0.05)
    assert np.std(np.log10(found[:, 0])) == pytest.approx(0.2, rel=0.1)  # of four decades
    assert np.std(found[:, 1]) == pytest.approx(0.3, rel=0.1)
    assert set(found[:, 2]) <= set(range(1, 10))
    assert {1.0, 3.0, 5.0} < set(found[:, 3])
    assert np.std(found[:, 4]) == pytest.approx(10, rel=0.1)  # one value at least


def test_the_heuristic_goes_on_where_everything_failed():
    drawn = np.array([[1.0], [2.0], [3.0]])
    space = Space((Range("a", 1, 1, 3),))
    found = heuristic.propose(space, drawn, {(2.0,): math.nan}, {(1.0,)}, 5, 0, 1)
    assert found == [(3.0,)]


# where it is asked


@pytest.mark.parametrize(
    ("environ", "want"),
    [
        ({}, None),
        ({"LLM_MODEL": "m", "LLM_BASE_URL": "http://a/v1"}, None),
        ({"LLM_API_KEY": " "}, None),
        ({"DEEPSEEK_API_KEY": "d"}, ("https://api.deepseek.com", "deepseek-chat", "d")),
        (
            {"DEEPSEEK_API_KEY": "d", "DEEPSEEK_BASE_URL": "http://b", "LLM_MODEL": "m"},
            ("http://b", "m", "d"),
        ),
        (
            {"DEEPSEEK_API_KEY": "d", "LLM_BASE_URL": "http://elsewhere"},
            ("https://api.deepseek.com", "deepseek-chat", "d"),
        ),
        (
            {"LLM_API_KEY": "k", "LLM_MODEL": "m", "DEEPSEEK_API_KEY": "d"},
            ("https://api.openai.com/v1", "m", "k"),
        ),
        (
            {"LLM_API_KEY": "k", "LLM_MODEL": "m", "LLM_BASE_URL": "http://[::1]:8/v1"},
            ("http://[::1]:8/v1", "m", "k"),
        ),
    ],
)
def test_the_environment_says_where(environ, want):
    found = Server.of(environ)
    assert (found and (found.url, found.model, found.key)) == want


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"LLM_MODEL": ""}, "LLM_MODEL: must name the model to ask, since LLM_API_KEY is set"),
        ({"LLM_BASE_URL": "file:///etc/sekret"}, "LLM_BASE_URL: must be an address like https:"),
        ({"LLM_BASE_URL": "sekret.com"}, "LLM_BASE_URL: must be an address"),
        ({"LLM_BASE_URL": "http://[sekret"}, "LLM_BASE_URL: must be an address"),
        ({"LLM_BASE_URL": "http://sekret:port"}, "LLM_BASE_URL: must be an address"),
        ({"LLM_API_KEY": "sekret\nX-Other: 1"}, "LLM_API_KEY: has characters that no key has"),
        ({"LLM_API_KEY": "sekret\u00e9"}, "LLM_API_KEY: has characters that no key has"),
    ],
)
def test_an_environment_that_is_wrong_is_refused_without_repeating_it(change, complaint):
    given = {"LLM_API_KEY": "sekret", "LLM_MODEL": "m", "LLM_BASE_URL": "http://a/v1"}
    with pytest.raises(ValueError, match=complaint) as error:
        Server.of(given | change)
    assert "sekret" not in str(error.value)


def test_a_server_shows_neither_key_nor_password():
    server = Server.of(
        {"LLM_API_KEY": "sekret", "LLM_MODEL": "m", "LLM_BASE_URL": "http://me:sekret@a:8/v1"}
    )
    assert str(server) == "m at a"
    assert "sekret" not in repr(server)
