"""The decision: pure, and nothing that is unknown ever advances."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operate.monitors.verdict import Verdict
from operate.rollout import decide
from operate.rollout.plan import Plan, Stage, load, names, of_mapping

GOOD = {"fidelity": "pass", "costs": "pass", "shortfall": "inconclusive", "loss_budget": "pass"}


def test_all_that_is_needed_advances():
    assert decide("standard", "shadow", 21, 1, GOOD, 0) == "advance"
    assert decide("standard", 2, 63, 4, {**GOOD, "decay": "inconclusive"}, 2) == "advance"
    assert decide(load("standard"), 3, 999, 99, GOOD, 0) == "hold"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"fidelity": "fail"}, "rollback"),
        ({"loss_budget": "fail"}, "rollback"),
        ({"shortfall": "fail"}, "rollback"),
        ({"costs": "fail"}, "shadow"),
        ({"costs": "fail", "fidelity": "fail"}, "rollback"),
        ({"fidelity": "inconclusive"}, "hold"),
        ({"costs": "inconclusive"}, "hold"),
        ({"loss_budget": "inconclusive"}, "hold"),
        ({"shortfall": "pass"}, "advance"),
        ({"decay": "fail"}, "advance"),
    ],
)
def test_a_verdict_and_what_follows(change, word):
    assert decide("standard", 1, 42, 2, {**GOOD, **change}, 0) == word


@pytest.mark.parametrize(
    ("days", "trades", "age", "word"),
    [(41, 2, 0, "hold"), (42, 1, 0, "hold"), (42, 2, 2, "advance"), (42, 2, 2.01, "hold")],
)
def test_days_trades_and_the_age_of_records(days, trades, age, word):
    assert decide("standard", 1, days, trades, GOOD, age) == word


def test_verdicts_of_the_monitors_are_taken_as_they_are():
    rows = {name: Verdict(word, "", 1, 0.0, None) for name, word in GOOD.items()}
    assert decide("standard", 1, np.int64(42), np.float64(2), rows, np.int64(0)) == "advance"
    told = {name: verdict.row() for name, verdict in rows.items()}
    assert decide("standard", 1, 42, 2, told, 0) == "advance"


UNKNOWN = [None, math.nan, math.inf, -math.inf, -1, "", "42", [], {}, np.nan, True]
WORDS = ["pass", "fail", "inconclusive", None, "", "PASS", math.nan, 1, {}, {"verdict": None}]


def test_of_10_000_histories_with_a_source_that_fails_none_advances():
    random = np.random.default_rng(0)
    stages = [0, 1, 2]
    for _ in range(10_000):
        known = {"days": 999, "trades": 999, "age": 0, **GOOD}
        names_of = list(known)
        broken = random.choice(len(names_of), size=random.integers(1, 4), replace=False)
        for place in broken:
            name = names_of[place]
            if name in GOOD:
                bad = [word for word in WORDS if word not in ("pass", *_allowed(name))]
                value = bad[random.integers(len(bad))]
                if value is None and random.random() < 0.5:
                    known.pop(name)
                    continue
                known[name] = value
            else:
                known[name] = UNKNOWN[random.integers(len(UNKNOWN))]
        verdicts = {name: known[name] for name in GOOD if name in known}
        stage = stages[random.integers(3)]
        word = decide("standard", stage, known["days"], known["trades"], verdicts, known["age"])
        assert word in ("hold", "rollback", "shadow"), (stage, known)
    for verdicts in (None, {}, [], "pass", math.nan):
        assert decide("standard", 1, 999, 999, verdicts, 0) == "hold"


def _allowed(name):
    """A shortfall that is not shown is what a good profile has."""
    return ("inconclusive",) if name == "shortfall" else ()


@given(
    days=st.floats(allow_nan=True, allow_infinity=True) | st.none(),
    trades=st.integers(-5, 99) | st.none(),
    age=st.floats(allow_nan=True, allow_infinity=True) | st.none(),
    verdicts=st.dictionaries(st.sampled_from(list(GOOD)), st.sampled_from(WORDS[:5])),
)
@settings(max_examples=200)
def test_an_advance_has_all_its_reasons(days, trades, age, verdicts):
    word = decide("standard", 1, days, trades, verdicts, age)
    if word == "advance":
        assert 42 <= days < math.inf
        assert trades >= 2
        assert 0 <= age <= 2
        assert verdicts["fidelity"] == verdicts["costs"] == verdicts["loss_budget"] == "pass"
        assert verdicts["shortfall"] != "fail"


@pytest.mark.parametrize("name", names())
def test_every_plan_rises_to_full_capital(name):
    plan = load(name)
    assert isinstance(plan, Plan)
    assert plan.stages[0].capital == 0
    assert plan.stages[-1] == Stage("full", 1.0, 0.0, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stages": []}, "rise to 1"),
        ({"stages": None}, "list of stages"),
        ({"days": "lunar"}, "days is trading or calendar"),
        ({"patients": 3}, "no key 'patients'"),
    ],
)
def test_a_plan_that_is_none_is_refused(change, message):
    stages = [
        {"name": "a", "capital": 0.0, "days": 1, "trades": 0},
        {"name": "b", "capital": 1.0, "days": 0, "trades": 0},
    ]
    with pytest.raises(ValueError, match=message):
        of_mapping({"stages": stages, **change}, "x", "x.yaml")
    with pytest.raises(ValueError, match="has a, b, got 'c'"):
        decide({"stages": stages}, "c", 1, 1, GOOD, 0)
