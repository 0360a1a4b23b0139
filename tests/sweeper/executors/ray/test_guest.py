"""A Ray that is up in this process is used, in all the ways of `hosting`, and stays up."""

import json
import os
import subprocess
import sys
import threading

import pytest

from sweeper.config.schema import RayConfig
from sweeper.executors.ray import guest
from sweeper.executors.ray.guest import Host, turn
from sweeper.executors.ray.runtime_env import ROOT

DONE = [
    *("by_the_driver", "by_auto_when_it_is_big", "at_the_address_auto", "at_its_own_address"),
    *("inside_a_task", "inside_an_actor", "inside_a_task_that_holds_every_core"),
    *("with_a_resource", "while_others_hold_every_core"),
]
"""Cases that come to the rows of the same sweep in one process."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """{case: answer} of a program with a Ray of its own, started once; all its output checked."""
    words = [sys.executable, "-m", "tests.sweeper.hosting", tmp_path_factory.mktemp("host")]
    environment = {name: os.environ[name] for name in os.environ if name != "RAY_ADDRESS"}
    ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    lines = [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]
    return {line["case"]: line for line in lines}


@pytest.mark.parametrize("case", DONE)
def test_a_sweep_on_the_ray_of_a_host_has_the_same_rows(answers, case):
    answer = answers[case]["answer"]
    assert answer.get("status") == "done", answer
    assert answer["rows"] == answers["in_this_process"]["answer"]["rows"]


def test_the_actor_of_the_host_answers_after_every_sweep(answers):
    assert [line["mine"] for line in answers.values()] == list(range(1, len(answers) + 1))


@pytest.mark.parametrize(
    ("case", "where"),
    [
        ("by_the_driver", "on 2 workers of the Ray of this process"),
        ("by_auto_when_it_is_big", "on 2 workers of the Ray of this process"),
        ("with_a_resource", "on 1 workers of the Ray of this process"),
        (
            "while_others_hold_every_core",
            "Note: waiting for cores: all 2 of the cluster are taken by others; the sweep goes on",
        ),
        ("inside_a_task", "on 1 workers of the Ray of this process"),
        ("inside_an_actor", "on 1 workers of the Ray of this process"),
        (
            "inside_a_task_that_holds_every_core",
            "in this process, as no core of the Ray around it is free",
        ),
    ],
)
def test_it_says_where_it_runs(answers, case, where):
    assert where in " ".join(answers[case]["answer"]["out"].split())


@pytest.mark.parametrize(
    ("case", "complaint"),
    [
        ("at_another_address", "ray.address=127.0.0.1:1: nothing answers at 127.0.0.1:1"),
        ("with_a_number_of_cores", "ray.num_cpus: the Ray of this process is up and has 2 cores"),
        ("with_packages", "ray.install: the Ray of this process is up, with its own packages"),
        (
            "on_ray_inside_a_task_that_holds_every_core",
            "executor=ray: this task or actor holds 2 of the 2 cores of its cluster",
        ),
    ],
)
def test_what_does_not_fit_that_ray_is_refused_in_one_line(answers, case, complaint):
    error = answers[case]["answer"]["error"]
    assert error.startswith(f"ValueError: {complaint}")
    assert "\n" not in error


def test_two_threads_sweep_on_that_ray_one_after_the_other(answers):
    rows = answers["in_this_process"]["answer"]["rows"]
    one = {"status": "done", "rows": rows}
    assert answers["in_two_threads"]["answer"] == {"one": one, "two": one}


def test_ray_client_and_cores_that_are_all_taken_are_left_to_others():
    assert "Ray Client" in Host(2, 0, 2, client=True).unfit
    assert "no core" in Host(2, 0, 0.5).unfit
    assert Host(2, 1, 1).unfit == ""
    with pytest.raises(ValueError, match=r"^executor=ray: .* Ray Client"):
        Host(2, 0, 2, client=True).refuse(RayConfig())


def test_workers_get_our_code_and_what_the_job_of_the_host_says(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/mine")
    job = {"PYTHONPATH": "/theirs", "OMP_NUM_THREADS": "4", "DESK": "eu"}
    variables = Host(2, 0, 2, variables=job).worker_variables()
    assert variables["PYTHONPATH"] == f"{ROOT}:{tmp_path}:/mine:/theirs"
    assert (variables["OMP_NUM_THREADS"], variables["DESK"]) == ("4", "eu")
    assert variables["NUMBA_NUM_THREADS"] == "1"


def test_a_thread_that_waits_for_another_says_so(monkeypatch):
    monkeypatch.setattr(guest, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(guest, "_turn", threading.RLock())  # other tests hold that of the process
    words, waits = [], threading.Event()

    def second():
        with turn(lambda line: (words.append(line), waits.set())):
            words.append("its turn")

    with turn(words.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(30)
    thread.join()
    assert words == ["waits for another sweep of this process, which uses Ray", "its turn"]
