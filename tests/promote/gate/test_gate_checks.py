"""One contract for every file of promote/gate, and each check worked by hand."""

import math
import re

import numpy as np
import pytest

from promote.gate import checks
from promote.gate.verdict import Absent, Verdict, not_run
from promote.statistics import min_track_record
from tests.promote.gate_cases import CASES, COUNTED, STEADY

ALL = [(name, *case) for name, cases in CASES.items() for case in cases]
NUMBERS = [
    (name, fact)
    for name, cases in CASES.items()
    for fact, value in cases[0][0].items()
    if isinstance(value, int | float)
]

SHOWN = dict.fromkeys(CASES, ()) | {
    "activity": ("periods",),
    "cost_stress": ("sharpe",),
    "deflated_sharpe": ("tried", "periods_per_year", "chosen_among"),
    "evidence": ("holdout_chance", "holdout_uses"),
    "holdout": ("holdout_kin", "holdout_kin_sharpe", "holdout_sharpe"),
    "holdout_gap": ("holdout_sharpe", "sharpe"),
    "permutation": ("permutations",),
    "spa": ("bars", "competitors", "tried"),
    "test_gap": ("test_sharpe", "sharpe"),
}
"""Facts that a check only shows in its reason."""


def ask(name, facts, limit):
    return checks.load(name).ask(facts.__getitem__, limit)


def first(name):
    return next((facts, limit) for facts, limit, passes in CASES[name] if passes)


def test_every_check_has_cases_that_pass_and_fail():
    assert set(CASES) == set(checks.names())
    assert all({True, False} == {passes for *_, passes in cases} for cases in CASES.values())


@pytest.mark.parametrize(("name", "facts", "limit", "passes"), ALL)
def test_a_golden_case(name, facts, limit, passes):
    verdict = ask(name, facts, limit)
    assert verdict.passed is passes
    assert verdict.check == name
    assert verdict.reason
    assert str(verdict).startswith(f"{'pass' if passes else 'FAIL'} {name}: ")


@pytest.mark.parametrize("name", checks.names())
def test_a_check_says_what_it_wants(name):
    check = checks.load(name)
    assert set(CASES[name][0][0]) == set(check.needs)
    assert re.fullmatch(r"[A-Z].*[.]", check.rule)


@pytest.mark.parametrize(("name", "fact"), NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_fails(name, fact, value):
    facts, limit = first(name)
    verdict = ask(name, {**facts, fact: value}, limit)
    assert not verdict.passed
    assert fact in verdict.reason


@pytest.mark.parametrize(("name", "fact"), NUMBERS)
def test_the_bare_function_passes_no_nan(name, fact):
    """Even past the guard: each is the comparison that passes."""
    facts, limit = first(name)
    try:
        verdict = checks.load(name).function(**{**facts, fact: math.nan}, limit=limit)
    except ValueError:
        return
    assert not verdict.passed or fact in SHOWN[name]


@pytest.mark.parametrize("name", checks.names())
def test_what_is_missing_fails_by_name(name):
    facts, limit = first(name)
    for missing in facts:
        verdict = ask(name, {fact: v for fact, v in facts.items() if fact != missing}, limit)
        assert (verdict.passed, verdict.check) == (False, name)
        assert verdict.reason.startswith("could not run: ")


@pytest.mark.parametrize("name", checks.names())
def test_whatever_is_raised_fails(name):
    def broken(fact):
        raise ZeroDivisionError

    assert ask_of(name, broken).reason == "could not run: ZeroDivisionError"


def ask_of(name, fact):
    return checks.load(name).ask(fact, 0.5)


def test_what_is_absent_by_choice_is_for_the_judge_to_decide():
    def absent(fact):
        raise Absent("nothing there")

    with pytest.raises(Absent):
        ask_of("test_gap", absent)


def test_an_unknown_check_is_named():
    with pytest.raises(ValueError, match="did you mean min_sharpe"):
        checks.load("min_sharp")


def test_a_line_reads_as_documented():
    assert str(ask("max_drawdown", {"max_drawdown": 0.25}, 0.2)) == (
        "FAIL max_drawdown: 0.25 of peak (limit 0.2)"
    )
    assert str(not_run("spa", 0.05, "why")) == "FAIL spa: unknown (limit 0.05)"


def test_a_warning_stops_nothing():
    failed = Verdict("pbo", False, 0.6, 0.5, "of splits", "why", warning=True)
    assert (failed.word, failed.blocks) == ("WARN", False)
    assert not Verdict("pbo", True, 0.4, 0.5, "", "why", warning=True).blocks
    assert Verdict("pbo", False, 0.6, 0.5, "", "why").blocks


def test_the_trades_needed_are_those_of_the_minimum_track_record():
    verdict = ask("min_trade_record", {"trade_returns": STEADY}, 0.95)
    z = (STEADY - STEADY.mean()) / STEADY.std()
    ratio = STEADY.mean() / STEADY.std(ddof=1)
    needed = min_track_record(ratio, (z**3).mean(), (z**4).mean())
    assert (verdict.observed, verdict.limit) == (60, np.ceil(needed))


def test_five_trades_are_never_enough_unless_all_agree():
    """A fixed floor of 5 lets through what is within one standard error of nothing."""
    five = np.array([0.03, -0.01, 0.02, -0.02, 0.01])
    verdict = ask("min_trade_record", {"trade_returns": five}, 0.95)
    assert not verdict.passed
    assert verdict.limit > 30
    assert ask("min_trades", {"trades": 5.0}, 5).passed


def test_the_deflated_ratio_is_the_published_one():
    facts = CASES["deflated_sharpe"][1][0]
    assert ask("deflated_sharpe", facts, 0.95).observed == pytest.approx(0.9004, abs=1e-4)


def test_it_is_said_what_luck_was_counted_for():
    one = {"chance_before": 0.012, "times": 1.0, "symbols": 1, "competitors": 412, "tried": 752}
    one["bars"] = 2520
    assert ask("spa", one, 0.2).reason == (
        "how often the best of 412 that trade enough looks as good as the best of its kin without "
        "skill; all 752 that were tried on these data are of this sweep"
    )
    more = ask("spa", {**one, "times": 12.8, "symbols": 4, "tried": 2406}, 0.2).reason
    assert "on the best of 4 symbols or windows; times 3.2 for 2,406 that the ledger" in more


def test_the_decision_says_once_in_how_many_times():
    facts, limit, _ = CASES["evidence"][0]
    verdict = ask("evidence", facts, limit)
    times = 1 / verdict.observed
    assert f"in it once in {times:,.0f} times (2 % before it, 16 % in it)" in verdict.reason
    second = ask("evidence", {**facts, "holdout_uses": 2, "holdout_z": 0.55}, limit).reason
    assert "16 % in it, 29 % as the second that looks" in second
    assert "its kin loses" in ask("evidence", {**facts, "holdout_z": -1.0}, limit).reason
    assert "20% is the most" in ask("evidence", {**facts, "chance_before": 0.3}, limit).reason


def test_the_history_that_spa_lacks_is_told():
    """p 0.3 is z 0.524, the limit of 0.2 is z 0.842: (0.842 / 0.524)^2 = 2.576 times the bars."""
    short = checks.load("spa").ask({**COUNTED, "chance_before": 0.3}.__getitem__, 0.2)
    assert short.reason.endswith("; at this Sharpe ratio 1,576 bars more would do")
    hopeless = checks.load("spa").ask({**COUNTED, "chance_before": 0.6}.__getitem__, 0.2)
    assert "no history is long enough" in hopeless.reason
    assert "bars more" not in checks.load("spa").ask(COUNTED.__getitem__, 0.2).reason
