"""Real sweeps in processes of their own, interrupted or killed again and again, then run on.

`make check` kills 39 times: drivers, workers and raylets, at random instants. For 200 or so:

    SWEEPER_KILLS=200 .venv/bin/python -m pytest tests/sweeper/run/test_kills.py
"""

import os
import random
import re
import signal
import time

import pytest

from store.records import experiment as experiments
from sweeper.executors.ray.runtime_env import ROOT
from tests.sweeper import attended, patient
from tests.sweeper.nodes import wait_until
from tests.sweeper.processes import descendants, name, of_title, title

SEARCHES = {
    "grid": ("params.fast=range(2,50)", "params.slow=range(50,100)"),
    "random": (
        "params.fast=int(interval(2,49))",
        "params.slow=int(interval(50,200))",
        "search=random",
        "search.n=2400",
    ),
    "bayes": (
        "params.fast=range(2,50)",
        "params.slow=range(50,150)",
        "search=bayes",
        "search.n=1200",
        "search.batch=40",
    ),
}
"""Sweeps of 1,200 to 2,400 runs, by the name of their search."""

KILLS = int(os.environ.get("SWEEPER_KILLS", "39"))
INLINE = "executor=inline"
LOCAL = ("executor=local", "local.workers=2")
RAY = ("executor=ray", "ray.num_cpus=2")

pytestmark = [pytest.mark.kill, pytest.mark.long]


def start(folder, *words):
    """A sweep as a process whose store is in `folder`."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return attended.start([*patient.SWEEP, *words], cwd=folder, env=environment)


def finish(folder, *words):
    """Run it to its end; standard output."""
    process = start(folder, *words)
    out, err = process.communicate(timeout=200)
    assert (process.returncode, err) == (0, "")
    return out


def committed(folder):
    return patient.committed(folder / "results")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Rows of a search, by its name, with nothing in its way; each is run once."""
    found = {}

    def of(search):
        if search not in found:
            folder = tmp_path_factory.mktemp("undisturbed")
            patient.prepare(folder)
            patient.hurry(folder)
            finish(folder, *SEARCHES[search], INLINE)
            found[search] = patient.rows(folder / "results")
        return found[search]

    return of


@pytest.mark.parametrize("executor", [(INLINE,), LOCAL], ids=["inline", "local"])
def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path, undisturbed, executor):
    patient.prepare(tmp_path)
    words = (*SEARCHES["grid"], *executor)
    process = start(tmp_path, *words)
    wait_until(lambda: committed(tmp_path) >= 2, 180, "two blocks")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in out + err
    assert "the same command goes on from there:\n  python -m sweeper -m data=nasdaq" in err
    (stopped,) = experiments.every(tmp_path / "results")
    assert stopped.status == "interrupted"
    patient.hurry(tmp_path)
    assert "in the store already" in finish(tmp_path, *words)
    assert patient.rows(tmp_path / "results") == undisturbed("grid")


def kill_driver(driver, chance):
    driver.kill()


def kill_raylet(driver, chance):
    (raylet,) = [pid for pid in descendants(driver.pid) if "/raylet/raylet " in title(pid)]
    os.kill(raylet, signal.SIGKILL)


def kill_worker(driver, chance):
    at_work = wait_until(lambda: of_title(driver.pid, "ray::Worker.train"), 180, "a worker")
    os.kill(chance.choice(at_work), signal.SIGKILL)


def kill_forked(driver, chance):
    at_work = wait_until(lambda: forked(driver.pid), 180, "a forked process")
    os.kill(chance.choice(at_work), signal.SIGKILL)


def forked(pid):
    """Children of a driver that carry the name of what they run."""
    return [child for child in descendants(pid) if name(child).startswith("sma-NASDAQ")]


ATTACKS = [
    ((INLINE,), [kill_driver]),
    (RAY, [*[kill_worker] * 2, kill_raylet]),
    ((INLINE,), [kill_driver]),
    (RAY, [*[kill_worker] * 2, kill_driver]),
    (LOCAL, [*[kill_forked] * 3, kill_driver]),
    ((INLINE,), [kill_driver]),
]
"""Executor and kills of one sweep's runs, each of which goes on from the one before."""

KILLS_EACH = sum(len(kills) for _, kills in ATTACKS)

RAY_DIED = "Ray on this machine died (its raylet); what is done is kept"
RAYS_OWN = re.compile(r"\[[^]]+\] \w+\.cc:\d+: ")
"""A line of Ray's own: it may notice the dead raylet first, and end the driver at once, with 1."""

BLOCKS = 4
"""Committed between two kills: the block of a killed worker is among them, so none dies thrice."""


def attack(folder, words, kills, chance):
    """Start the sweep and kill it or parts of it, at random instants; how it ended."""
    driver = start(folder, *words)
    try:
        for place, kill in enumerate(kills):
            wanted = committed(folder) + (BLOCKS if place else 1)
            wait_until(lambda: committed(folder) >= wanted, 200, "more blocks")  # noqa: B023
            time.sleep(chance.uniform(0, 0.5))
            assert driver.poll() is None, driver.communicate()
            kill(driver, chance)
        _, err = driver.communicate(timeout=60)
    finally:
        driver.kill()
    return driver.returncode, err


@pytest.mark.parametrize("number", range(max(1, KILLS // (KILLS_EACH * len(SEARCHES)))))
@pytest.mark.parametrize("search", SEARCHES)
def test_whatever_is_killed_the_rows_are_those_of_an_undisturbed_sweep(
    tmp_path, undisturbed, search, number
):
    chance = random.Random(f"{search} {number}")
    patient.prepare(tmp_path)
    for executor, kills in ATTACKS:
        code, err = attack(tmp_path, (*SEARCHES[search], *executor), kills, chance)
        if kills[-1] is kill_raylet:
            assert code == 1
            said = [line for line in err.splitlines() if not RAYS_OWN.match(line)]
            assert [line[: len(RAY_DIED)] for line in said] in ([RAY_DIED], [])
        else:
            assert (code, err) == (-signal.SIGKILL, "")
    (killed,) = experiments.every(tmp_path / "results")
    assert killed.status in ("running", "failed")
    patient.hurry(tmp_path)
    finish(tmp_path, *SEARCHES[search], INLINE)
    patient.finished(tmp_path / "results")
    assert patient.rows(tmp_path / "results") == undisturbed(search)
