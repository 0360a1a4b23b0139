"""Rollout: stages on record, refused without evidence, rolled back by a fault."""

import json
from pathlib import Path

import pandas as pd
import pytest

from operate.records.rollout_state import rollout_of
from operate.target.reader import read_target
from promote.audit import audit_log
from store.registry import open_registry
from tests.operate.live_records import faithful, moved, take_in
from tests.operate.operated import PAST, promote_again

PLAN = """\
days: trading
patience: 5
stages:
  - {name: shadow, capital: 0.0, days: 60, trades: 3}
  - {name: half, capital: 0.5, days: 40, trades: 2}
  - {name: full, capital: 1.0, days: 0, trades: 0}
"""
BY = ("--by", "ann@example.org")


@pytest.fixture
def started(operated):
    """A rollout on a plan of three stages."""
    Path("plan.yaml").write_text(PLAN)
    told = operated.json("rollout", "start", "fast", "--plan", "plan.yaml", *BY)
    assert (told["stage"], told["capital"], told["state"]) == ("shadow", 0, "shadow")
    return operated


def live_until(operated, n, since=PAST, **options):
    """Bars arrive, are shadowed, and the account follows faithfully."""
    operated.arrive(n)
    operated.run("shadow", "fast")
    covered = f"{operated.frame['time'][n - 1]:%Y-%m-%d}T21:00Z"
    take_in(operated, faithful(operated, since, **options), "--until", covered)


def audits(operated):
    entries = [link.body for link in audit_log.entries(Path("profiles"))]
    return [body["act"] for body in entries if body["kind"] == "rollout"]


def test_it_goes_from_shadow_to_full_capital(started):
    live_until(started, PAST + 80, scale=0.1)
    told = started.json("rollout", "advance", "fast", *BY)
    assert (told["stage"], told["capital"], told["state"]) == ("half", 0.5, "running")
    live_until(started, PAST + 130, since=PAST + 80, scale=0.5)
    told = started.json("rollout", "advance", "fast", *BY)
    assert (told["stage"], told["capital"], told["state"]) == ("full", 1.0, "done")
    assert audits(started) == ["rollout started", "rollout advanced", "rollout advanced"]
    assert read_target("results/targets/fast.json", now=0)["capital"] == 1.0
    started.run("rollout", "advance", "fast", *BY, code=3)


def test_without_records_an_advance_is_refused_and_says_what_is_missing(started):
    started.arrive(PAST + 100)
    started.run("shadow", "fast")
    refused = started.run("rollout", "advance", "fast", *BY, code=3)
    assert "fidelity is inconclusive" in refused.stderr
    status = started.json("rollout", "status", "fast")
    assert any("live records are not there" in line for line in status["missing"])
    assert set(status["verdicts"]) == {"fidelity", "costs", "shortfall", "loss_budget", "decay"}
    assert status["valid_until"]
    assert "would have stopped" in status["would_stop"]


def test_stale_records_never_advance(started):
    live_until(started, PAST + 80)
    started.arrive(PAST + 83)
    started.run("shadow", "fast")
    assert "3 bars old" in started.run("rollout", "advance", "fast", *BY, code=3).stderr


def test_a_fault_rolls_back_by_itself_to_flat(started):
    live_until(started, PAST + 80)
    started.json("rollout", "advance", "fast", *BY)
    started.arrive(PAST + 120)
    started.run("shadow", "fast")
    fills = faithful(started, PAST + 80, scale=0.5)
    take_in(started, moved(fills, 3, 1))
    started.run("shadow", "fast")
    status = started.json("rollout", "status", "fast")
    assert (status["state"], status["capital"]) == ("rolled_back", 0.0)
    assert status["reason"].startswith("fidelity: late")
    target = read_target("results/targets/fast.json", now=0)
    assert (target["side"], target["weight"]) == ("flat", 0.0)
    assert audits(started)[-1] == "rollout rolled back"


def test_dear_fills_go_back_to_shadow(started):
    live_until(started, PAST + 80)
    started.json("rollout", "advance", "fast", *BY)
    live_until(started, PAST + 200, since=PAST + 80, scale=0.5, dearer=0.001)
    started.run("shadow", "fast")
    status = started.json("rollout", "status", "fast")
    assert (status["state"], status["stage"]) == ("shadow", "shadow")
    assert status["reason"].startswith("costs: ")


def test_an_automatic_stage_advances_without_a_person(operated):
    Path("plan.yaml").write_text(PLAN)
    words = ("rollout", "start", "fast", "--plan", "plan.yaml", "--auto", "shadow", *BY)
    operated.json(*words)
    live_until(operated, PAST + 80)
    operated.run("shadow", "fast")
    status = operated.json("rollout", "status", "fast")
    assert (status["stage"], status["reason"]) == ("half", "automatic, allowed by ann@example.org")


def test_hold_and_resume(started):
    live_until(started, PAST + 80)
    assert started.json("rollout", "hold", "fast", *BY, "--reason", "a holiday")["state"] == "held"
    assert "held" in started.run("rollout", "advance", "fast", *BY, code=3).stderr
    assert "--reason" in started.run("rollout", "resume", "fast", *BY, code=2).stderr
    started.json("rollout", "resume", "fast", *BY, "--reason", "back")
    assert started.json("rollout", "advance", "fast", *BY)["stage"] == "half"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("rollout", "status", "fast"), "has no rollout"),
        (("rollout", "start", "fast", "--plan", "none"), "plan none: there is none"),
        (("rollout", "start", "fast", "--auto", "x"), "--auto"),
        (("rollout", "start", "fast", "--money", "-1"), "--money"),
    ],
)
def test_bad_input_is_one_line(operated, words, message):
    done = operated.run(*words, code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_version_that_is_not_approved_does_not_start(operated):
    promote_again(operated)
    assert "is not approved" in operated.run("rollout", "start", "fast", code=2).stderr


def test_one_rollout_at_a_time(started):
    assert "under way" in started.run("rollout", "start", "fast", code=2).stderr
    started.json("rollout", "rollback", "fast", *BY, "--reason", "no")
    assert started.json("rollout", "start", "fast", *BY)["state"] == "shadow"


def test_events_are_one_a_change(started):
    started.json("rollout", "hold", "fast", *BY)
    kinds = [each.kind for each in open_registry("results").events("fast")]
    assert kinds.count("rollout started") == kinds.count("rollout held") == 1
    _, state = rollout_of(open_registry("results"), "fast")
    assert state.changes == 2


def test_what_a_killed_process_left_out_is_made_good(started, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr("operate.rollout.acts.settle", lambda *_: None)
        started.json("rollout", "hold", "fast", *BY)
    assert audits(started) == ["rollout started"]
    started.run("shadow", "fast")
    assert audits(started) == ["rollout started", "rollout held"]
    assert json.loads(Path("results/targets/fast.json").read_text())["stage"] == "shadow"


def test_the_gap_adds_up_and_names_its_causes(operated):
    operated.arrive(PAST + 150)
    operated.run("shadow", "fast")
    fills = faithful(operated, PAST)
    take_in(operated, pd.concat([moved(fills, 6, 1).drop(index=[20, 21])]))
    told = operated.json("gap", "fast")
    amounts = {row["cause"]: row["amount"] for row in told["rows"]}
    assert list(amounts) == [
        *("deflation", "market", "signal", "size", "price", "fees", "outage", "rest")
    ]
    assert sum(amounts.values()) == pytest.approx(told["total"], abs=1e-9)
    assert abs(amounts["rest"]) < 1e-6
    assert amounts["signal"] != 0
    assert amounts["deflation"] <= 0
