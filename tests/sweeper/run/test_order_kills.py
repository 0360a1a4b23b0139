"""A sweep of five order settings, its driver killed again and again, then run on to the end."""

import random
import signal
import time

import pytest

from store.records import experiment as experiments
from tests.sweeper import patient
from tests.sweeper.nodes import wait_until
from tests.sweeper.run.test_kills import INLINE, committed, finish, start

WORDS = (
    "params.fast=range(2,12)",
    "params.slow=20,40",
    "risk.unit=atr",
    "risk.stop_loss=2,3",
    "risk.max_bars=null,9",
    "risk.cooldown=null,2",
    "size.vol_target=null,0.2",
    "costs.fixed=0,1",
)
EXECUTORS = {"inline": (INLINE,), "local": ("executor=local", "local.workers=2")}
KILLS = 3

pytestmark = pytest.mark.kill


def killed(folder, words, chance):
    """Start the sweep and kill it once it has committed more."""
    wanted = committed(folder) + 2
    driver = start(folder, *words)
    try:
        wait_until(lambda: committed(folder) >= wanted, 120, "more blocks")
        time.sleep(chance.uniform(0, 0.3))
        assert driver.poll() is None, driver.communicate()
    finally:
        driver.kill()
    driver.communicate()
    return driver.returncode


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_rows_are_those_of_an_undisturbed_sweep(executor, tmp_path):
    words = (*WORDS, *EXECUTORS[executor])
    whole, torn, chance = tmp_path / "whole", tmp_path / "torn", random.Random(20)
    for folder in (whole, torn):
        folder.mkdir()
        patient.prepare(folder)
    patient.hurry(whole)
    finish(whole, *WORDS, INLINE)
    assert [killed(torn, words, chance) for _ in range(KILLS)] == [-signal.SIGKILL] * KILLS
    (unfinished,) = experiments.every(torn / "results")
    assert unfinished.status in ("running", "failed")
    patient.hurry(torn)
    finish(torn, *words)
    patient.finished(torn / "results")
    assert patient.rows(torn / "results") == patient.rows(whole / "results")
