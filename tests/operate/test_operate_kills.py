"""Killed at any instant: one valid stage, no event lost or doubled, the same records once."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from operate.intake.records import records
from operate.records.rollout_state import rollout_of
from operate.shadow import state
from operate.target.reader import read_target
from promote.audit import audit_log
from store.registry import open_registry
from tests.operate.live_records import faithful
from tests.operate.operated import PAST

KILLS = int(os.environ.get("SWEEPER_KILLS", "6"))
"""200 of them show it in full: SWEEPER_KILLS=200."""
ROOT = str(Path(__file__).resolve().parent.parent.parent)
CODE = "from operate.cli.app import app; app()"


def spawn(*words):
    places = ["--root", "results", "--profiles", "profiles"]
    return subprocess.Popen(
        [sys.executable, "-c", CODE, *words, *places],
        env={"PYTHONPATH": ROOT, "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed(instant, *words):
    """Start a command and kill it some time after."""
    process = spawn(*words)
    time.sleep(instant)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.kill
def test_kills_leave_one_valid_stage_and_nothing_twice(operated):
    begun = time.monotonic()
    spawn("rollout", "start", "fast", "--by", "ann@example.org").wait()
    whole = time.monotonic() - begun
    operated.arrive(PAST + 40)
    operated.run("shadow", "fast")
    faithful(operated, PAST).to_csv("fills.csv", index=False)
    by = ("--by", "ann@example.org")
    commands = [
        ("shadow", "fast"),
        ("intake", "fast", "fills.csv"),
        ("rollout", "advance", "fast", *by),
        ("rollout", "hold", "fast", *by),
        ("rollout", "resume", "fast", *by, "--reason", "x"),
        ("run-due",),
        ("rollout", "rollback", "fast", *by, "--reason", "y"),
        ("rollout", "start", "fast", *by),
    ]
    operated.json("tasks", "add", "watch", "--type", "shadow", "--component", "fast")
    chance = random.Random(1)
    for number in range(KILLS):
        killed(chance.uniform(0.3, 1.1) * whole, *commands[number % len(commands)])
    operated.run("shadow", "fast")
    operated.run("intake", "fast", "fills.csv")
    assert operated.json("intake", "fast", "fills.csv")["new"] == 0
    fills = records(operated.root, "fast", "fills")
    assert len(fills) == len(faithful(operated, PAST)) == len(fills["order_id"].unique())
    assert_one_story(operated)


def assert_one_story(operated):
    """Registry, audit and target tell of the same changes."""
    _, rollout = rollout_of(open_registry("results"), "fast")
    events = [each for each in open_registry("results").events("fast") if "change" in each.facts]
    assert [each.facts["change"] for each in events] == list(range(1, rollout.changes + 1))
    entries = [link.body for link in audit_log.entries(Path("profiles"))]
    audited = [body["change"] for body in entries if body["kind"] == "rollout"]
    assert audited == list(range(1, rollout.changes + 1))
    target = read_target("results/targets/fast.json", now=0)
    assert (target["stage"], target["capital"]) == (rollout.stage_name, rollout.capital)
    kept = state.load(operated.root, "fast", 1)
    assert len(state.table_of(operated.root, kept)) == kept.bars
