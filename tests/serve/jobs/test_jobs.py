"""Sweeps over HTTP: planned, started once, followed, cancelled, found again after a restart."""

import json
import re
import time

import pytest

from serve.jobs import start
from serve.jobs.folder import running
from store.query.results import Results
from tests.serve.served import application, client, problem

SMALL = {"overrides": ["strategy=sma", "params.fast=5,10", "params.slow=50,60",
                       "executor=inline", "data.end=2005-12-31"]}  # fmt: skip
LONG = {"overrides": ["strategy=sma", "params.fast=range(2,250)", "params.slow=range(10,400)",
                      "risk.stop_loss=0.01,0.02,0.03,0.04", "executor=inline"]}  # fmt: skip
ENDED = 60.0


@pytest.fixture
def unplanned(monkeypatch):
    """Sweeps that start without a plan, which takes seconds."""
    monkeypatch.setattr("serve.api.jobs.preflight", lambda root, words: "")


def wait(root):
    began = time.monotonic()
    while running(root) is not None:
        assert time.monotonic() - began < ENDED
        time.sleep(0.05)


def events(program, job, after=None):
    """Id, kind and data of each event."""
    headers = {} if after is None else {"Last-Event-ID": after}
    text = program.get(f"/jobs/{job}/events", headers=headers).text
    pattern = r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n"
    return [(place, kind, json.loads(data)) for place, kind, data in re.findall(pattern, text)]


def test_a_sweep_from_its_plan_to_its_last_event(tmp_path):
    program = client(application(tmp_path))
    answer = program.post("/sweeps", json=SMALL)
    job = answer.json()["id"]
    assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{job}")
    assert "5 runs" in answer.json()["plan"]
    lines = events(program, job)
    assert lines[-1][1:] == ("end", {"state": "done"})
    assert any("5/5 runs (100 %)" in data.get("line", "") for _, _, data in lines)
    assert events(program, job, lines[2][0]) == lines[3:]
    restarted = client(application(tmp_path))
    status = restarted.get(f"/jobs/{job}").json()
    experiment = Results(tmp_path).resolve("latest").experiment
    assert (status["state"], status["experiment"]) == ("done", experiment.id)
    assert (status["over"], status["counts"]["planned"]) == (5, 5)
    assert status["luck"].startswith("On bars without skill")
    again = restarted.post("/sweeps", json=SMALL).json()
    assert (again["id"], restarted.get(f"/jobs/{job}").json()["state"]) == (job, "done")
    assert "is done" in problem(restarted.delete(f"/jobs/{job}"), 409)


def test_one_at_a_time_and_cancelled_by_a_server_started_later(tmp_path, unplanned):
    program = client(application(tmp_path))
    job = program.post("/sweeps", json=LONG).json()["id"]
    answer = program.post("/sweeps", json=SMALL)
    assert f"{job} runs" in problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    assert program.post("/sweeps", json=LONG).json()["id"] == job  # the same words, the same job
    restarted = client(application(tmp_path))
    assert restarted.get("/jobs").json() == {"running": job}
    assert restarted.delete(f"/jobs/{job}").status_code == 202
    wait(tmp_path)
    assert restarted.get(f"/jobs/{job}").json()["state"] == "cancelled"


def test_bad_words_are_refused_before_anything_starts(tmp_path):
    program = client(application(tmp_path))
    asked = {"overrides": ["strategy=sma", "params.fasst=1,2"]}
    assert "fasst" in problem(program.post("/sweeps", json=asked), 422)
    assert not tmp_path.joinpath("jobs").exists()


def test_a_sweep_of_too_many_runs_is_refused_with_their_number(tmp_path, monkeypatch):
    plan = "20,000,000 configurations, the baseline among them, on A; window dev: 20,000,000 runs"
    monkeypatch.setattr(start, "planned", lambda root, words: plan)
    answer = client(application(tmp_path)).post("/sweeps", json=SMALL)
    assert "ask for 20,000,000 runs, at most 10,000,000" in problem(answer, 422)
    assert answer.json()["runs"] == 20_000_000


@pytest.mark.parametrize("job", ["job-0123456789abcdef", "job-x", "%2e%2e%2fx"])
def test_a_job_that_is_not_there_is_a_problem(run, job):
    for path in (f"/jobs/{job}", f"/jobs/{job}/events"):
        assert run.get(path).status_code == 404


def test_a_server_in_its_own_folder_keeps_results_there(tmp_path, monkeypatch):
    """A sweep starts in the checkout, where `results` would be another store."""
    monkeypatch.chdir(tmp_path)
    asked = []
    monkeypatch.setattr(start, "launch", lambda job, words, files: asked.append(words) or job)
    start.start(tmp_path / "results", ["strategy=sma"])
    assert asked[0]["words"] == ["strategy=sma", f"store.root={tmp_path / 'results'}"]
