"""The cycle: luck starts nothing, every try is counted, a proposal is text and nothing more."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from operate.cycle import cycle as cycles
from operate.cycle.analyse import Number, prediction_numbers
from operate.cycle.identify import identify
from operate.cycle.optimise import neighbours, sweep_words
from operate.monitors.watch import watch
from operate.records.clock import now_of
from operate.records.desk import Place
from operate.shadow.shadow import shadow
from operate.statistics.false_promotions import next_level, share
from promote.profiles.files import find, versions
from store.registry import open_registry
from tests.operate.operated import PAST

pytestmark = pytest.mark.slow


@pytest.fixture
def watched(operated):
    operated.arrive(PAST + 60)
    place = Place(operated.desk, now_of("2018-11-20"))
    profile = find(Path("profiles"), "fast")
    shadow(place, profile)
    return place, profile, watch(place, profile)


def test_inside_its_interval_a_finding_starts_nothing(watched):
    _, _, found = watched
    low = Number("live Sharpe ratio", 0.5, -6.3, 7.3, 21, 2.0, 3.5)
    (finding,) = identify([low], found)
    assert not finding.starts
    assert finding.luck == pytest.approx(0.334, abs=0.001)
    assert "could be luck: p 0.33" in finding.sentence
    far = Number("live Sharpe ratio", -2.0, -3.0, -1.0, 900, 2.0, 0.5)
    first, second = identify([low, far], found)
    assert (first.starts, first.priority, second.starts) == (True, 2, False)
    assert identify([Number("win rate", 0.6, 0.5, 0.7, 99, 0.5, 0.05)], found) == []


def test_a_cycle_without_a_finding_tries_nothing(operated):
    operated.arrive(PAST + 60)
    told = operated.json("cycle", "fast", "--now", "2018-11-20")
    assert (told["experiment"], told["proposal"], told["level"]) == ("", "", None)
    assert {each["name"] for each in told["numbers"]} >= {
        *("shadow win rate", "win rate in rising markets", "shadow Sharpe ratio"),
        "shadow drawdown",
    }
    assert {each["band"] for each in told["bands"]} <= {"ok", "warn", "critical", "unknown"}
    assert any(each["alarms_honest"] for each in told["bands"])
    log = Path("results/operate/logs/improvement_cycle_20181120.log").read_text()
    assert "nothing was tried" in log


def test_a_try_is_counted_whatever_the_gate_says(operated, monkeypatch):
    monkeypatch.setattr("operate.cycle.optimise.MOST", 12)
    before = len(versions(Path("profiles"), "fast"))
    told = operated.json("cycle", "fast", "--force", "--now", "2018-08-10", "--gate", "s1")
    assert told["experiment"].startswith("exp-")
    assert told["level"] == pytest.approx(next_level([], cycles.BUDGET))
    assert len(versions(Path("profiles"), "fast")) == before
    place = Place(operated.desk, now_of("2018-08-11"))
    assert len(cycles.budget_history(place, "fast")) == 1
    kinds = [each.kind for each in open_registry("results").events("fast")]
    assert kinds.count("improvement started") == kinds.count("improvement ended") == 1


def judged(passed, chance):
    verdict = {"check": "spa", "observed": chance, "limit": 0.05, "word": "pass"}
    return {"ref": "exp-20200101-000000-abcd/3", "passed": passed, "verdicts": [verdict]}


@pytest.mark.parametrize(
    ("passed", "chance", "proposes"),
    [(True, 1e-4, True), (True, 0.04, False), (False, 1e-4, False), (True, None, False)],
)
def test_the_gate_and_the_budget_have_to_agree(operated, monkeypatch, passed, chance, proposes):
    monkeypatch.setattr("operate.cycle.optimise.sweep", lambda *_: "exp-20200101-000000-abcd")
    monkeypatch.setattr("operate.cycle.optimise.judge", lambda *_: judged(passed, chance))
    told = operated.json("cycle", "fast", "--force", "--now", "2018-08-10")
    assert bool(told["proposal"]) is proposes
    if proposes:
        text = Path(told["proposal"]).read_text()
        assert "Nothing is deployed" in text
        assert "python -m promote apply exp-20200101-000000-abcd/3 fast" in text
    assert len(versions(Path("profiles"), "fast")) == 1


def test_fifty_weeks_of_luck_propose_within_the_budget():
    """p-values of no edge are uniform: 400 profiles, 50 cycles each."""
    random = np.random.default_rng(0)
    false = 0
    for _ in range(400):
        tries = []
        for chance in random.random(50):
            tries.append(bool(chance <= next_level(tries, cycles.BUDGET)))
        false += any(tries)
    assert false / 400 <= cycles.BUDGET


def test_a_decay_is_proposed_in_time():
    """Of a planted improvement the chance of luck is small: some cycle's level lets it through."""
    tries = [False] * 20
    assert next_level([], cycles.BUDGET) == pytest.approx(0.08 / 2.2857657)
    assert next_level(tries, cycles.BUDGET) > 2e-4


def test_the_shares_of_the_budget_sum_to_one():
    assert sum(share(t) for t in range(1, 100_000)) == pytest.approx(1, abs=0.003)


def test_neighbours_of_a_champion():
    assert neighbours({"fast": 10, "slow": 2}) == {"fast": [6, 8, 10, 12, 14], "slow": [1, 2, 3, 4]}
    assert neighbours({"k": 0.5})["k"] == pytest.approx([0.3, 0.4, 0.5, 0.6, 0.7])


def test_the_sweep_ends_yesterday_and_has_the_champions_costs(operated):
    profile = find(Path("profiles"), "fast")
    words = sweep_words(profile, Path("results"), "2018-08-09")
    assert 'data.end="2018-08-09"' in words or "data.end=2018-08-09" in words
    assert f"costs.commission={profile.settings['commission']!r}" in words
    assert "strategy.direction=both" in words


def test_predictions_are_scored_beside_their_base_rates():
    """Eight of ten right, base rate a half; the highest two are both right."""
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.6, 0.4, 0.4, 0.3, 0.2, 0.1])
    outcome = np.array([1, 1, 1, 1, 0, 1, 0, 0, 0, 0], float)
    table = pd.DataFrame({"model": "m", "probability": probability, "score": np.nan})
    numbers = {each.name: each for each in prediction_numbers(table.assign(outcome=outcome))}
    assert (numbers["m accuracy"].value, numbers["m accuracy"].expected) == (0.8, 0.5)
    squares = (0.01 + 0.04 + 0.09 + 0.16 + 0.36 + 0.36 + 0.16 + 0.09 + 0.04 + 0.01) / 10
    assert numbers["m Brier score"].value == pytest.approx(squares)
    assert numbers["m Brier score"].expected == 0.25
    assert (numbers["m precision@2"].value, numbers["m precision@2"].expected) == (1.0, 0.5)
    assert numbers["m IC"].value > 0.5
    assert prediction_numbers(table.assign(outcome=np.nan)) == []
