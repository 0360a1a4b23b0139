"""Rollouts, targets, tasks and alerts: what `python -m operate` says, and the same refusals."""

import json

import pytest

from operate.alerts.outbox import alert
from operate.records.rollout_state import rollout_of
from operate.tasks.queue import Task, add, switch
from promote.profiles.files import find
from serve.operations.rollouts import place_of
from tests.operate.conftest import operated, template
from tests.operate.operated import PAST
from tests.operate.test_rollout import live_until, started
from tests.serve.served import TOKENS, application, client, problem

__all__ = ["operated", "started", "template"]  # fixtures


@pytest.fixture
def programs(started):
    app = application(started.root.absolute(), started.desk.profiles.absolute())
    return {role: client(app, role) for role in ("read", "run", "approve")}


def state(desk):
    return rollout_of(place_of(desk).registry, "fast")[1].state


def test_without_a_rollout_the_lists_are_empty(run):
    assert run.get("/rollouts").json() == []
    assert run.get("/alerts").json() == []
    assert run.get("/tasks").json() == []
    assert run.get("/events").json() == []
    assert "None yet" in run.get("/view/operations").text
    assert "has no rollout" in problem(run.get("/rollouts/fast"), 404)
    assert "has no target" in problem(run.get("/profiles/fast/target"), 404)
    assert run.get("/rollouts/.x").status_code in (400, 404)


def test_a_rollout_is_what_the_command_says(started, programs):
    row = programs["read"].get("/rollouts/fast").json()
    assert row == started.json("rollout", "status", "fast")
    assert programs["read"].get("/rollouts").json() == [row]
    assert set(row["verdicts"]) == {"fidelity", "costs", "shortfall", "loss_budget", "decay"}
    gap = programs["read"].get("/rollouts/fast/gap").json()
    assert "nothing to compare" in gap["problem"]


def test_a_person_advances_holds_and_rolls_back(started, programs):
    body = {"by": "ann@example.org", "reason": "looked"}
    for role in ("read", "run"):
        for act in ("advance", "rollback", "resume"):
            answer = programs[role].post(f"/rollouts/fast/{act}", json=body)
            assert answer.status_code == 403
    refused = programs["approve"].post("/rollouts/fast/advance", json=body)
    assert "more trading days" in problem(refused, 409)
    assert state(started.desk) == "shadow"
    held = programs["run"].post("/rollouts/fast/hold", json=body)
    assert (held.status_code, held.json()["state"]) == (200, "held")
    assert "is held already" in problem(programs["run"].post("/rollouts/fast/hold"), 409)
    assert programs["approve"].post("/rollouts/fast/resume", json=body).json()["state"] == "shadow"
    back = programs["approve"].post("/rollouts/fast/rollback", json=body).json()
    assert (back["state"], state(started.desk)) == ("rolled_back", "rolled_back")
    assert programs["approve"].post("/rollouts/fast/delete").status_code == 422


def test_an_advance_goes_through_when_nothing_is_missing(started, programs):
    live_until(started, PAST + 80, scale=0.1)
    gap = programs["read"].get("/rollouts/fast/gap").json()
    assert sum(row["amount"] for row in gap["rows"]) == pytest.approx(gap["total"])
    after = programs["approve"].post("/rollouts/fast/advance", json={"by": "ann"}).json()
    assert (after["stage"], after["capital"]) == ("half", 0.5)


def test_a_target_that_has_run_out_is_refused(started, programs):
    answer = programs["read"].get("/profiles/fast/target")
    assert "expired at" in problem(answer, 409)
    assert str(started.root.absolute()) not in answer.text


def test_tasks_and_alerts_are_those_of_the_registry(started, programs):
    place = place_of(started.desk)
    add(place, Task("nightly", "shadow", "all", "daily"))
    switch(place, "nightly", False, "ann")
    alert(place, "k", "breaker", "nightly", "<script>alert(1)</script>")
    (task,) = programs["read"].get("/tasks").json()
    assert (task["name"], task["status"]) == ("nightly", "disabled")
    assert programs["read"].get("/alerts").json()[0]["message"] == "<script>alert(1)</script>"
    page = programs["read"].get("/view/operations").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "nightly" in page


def test_events_are_those_of_the_command_and_the_page_pages_them(started, programs, monkeypatch):
    programs["run"].post("/rollouts/fast/hold", json={"by": "ann", "reason": "<i>storm</i>"})
    rows = programs["read"].get("/events").json()
    assert rows == started.json("events", "--limit", "50")
    assert [row["kind"] for row in rows[:2]] == ["rollout held", "rollout started"]
    after = programs["read"].get("/events", params={"before": rows[0]["number"], "limit": 1})
    assert after.json() == rows[1:2]
    assert programs["read"].get("/events?subject=fast").json()[0] == rows[0]
    assert programs["read"].get("/events?limit=501").status_code == 422
    monkeypatch.setattr("serve.pages.operations.EVENTS", 1)
    page = programs["read"].get("/view/operations").text.partition('id="events"')[2]
    assert "&lt;i&gt;storm&lt;/i&gt;" in page
    assert "rollout started" not in page
    older = f"/view/operations?before={rows[0]['number']}#events"
    assert f'href="{older}"' in page
    rest = programs["read"].get(older).text.partition('id="events"')[2]
    assert "rollout started" in rest
    assert "storm" not in rest
    nothing = programs["read"].get("/view/operations?subject=<nothing>").text
    assert "Nothing was done to &lt;nothing&gt;" in nothing


def test_the_page_of_rollouts_acts_by_typed_name_and_token(started, programs):
    browser = programs["run"]
    page = browser.get("/view/rollouts").text
    assert 'fast/v1 <span class="tag">plan plan</span>' in page
    assert "more trading days" in page
    assert "Rollouts" in browser.get("/view/rollouts?profile=fast").text

    def send(**given):
        body = "&".join(f"{name}={value}" for name, value in given.items())
        return browser.post("/view/rollouts/fast", content=body)

    assert send(act="hold", by="").status_code == 422
    assert send(act="launch", by="ann").status_code == 422
    assert send(act="hold", by="ann").status_code == 303
    assert send(act="rollback", by="ann", typed="fast").status_code == 403
    token = TOKENS["approve"]
    assert send(act="rollback", by="ann", typed="x", token=token).status_code == 422
    assert state(started.desk) == "held"
    assert send(act="rollback", by="ann", typed="fast", token=token).status_code == 303
    assert state(started.desk) == "rolled_back"
    assert find(started.desk.profiles, "fast").version == 1
    assert json.loads(json.dumps(browser.get("/rollouts").json()))[0]["state"] == "rolled_back"
