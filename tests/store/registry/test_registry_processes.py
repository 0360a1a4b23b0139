"""Several processes on one registry: nothing that was acknowledged is lost, nothing comes twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.registry import open_registry
from tests import warm
from tests.store.registry.databases import drop

ROOT = Path(__file__).resolve().parents[3]
PROCESSES = 8

EACH = int(os.environ.get("SWEEPER_TRANSACTIONS", "1600")) // PROCESSES
"""Transactions of each process in the long test; 20,000 in all take minutes."""
SHARED = "exp-20260102-030405-0000"
WORK = """
import sys
from store.registry import HoldoutUse, Promotion, open_registry
root, me, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
registry = open_registry(root)
for k in range(n):
    if k % 4 == 0:
        registry.edit_note("exp-20260102-030405-0000", description=f"{me}, {k}")
    elif k % 4 == 1:
        registry.use_holdout(HoldoutUse("NASDAQ", "ab", "x", "cd"))
    elif k % 4 == 2:
        registry.add_tag("exp-20260102-030405-0000", f"tag-{me}-{k}")
    else:
        registry.promote(Promotion("trend", me * n + k, "x", k, "cd"))
    sys.stdout.write(f"{k}\\n")
    sys.stdout.flush()
"""


@pytest.fixture(params=["sqlite", "postgres"])
def root(request, monkeypatch, tmp_path):
    """A store whose registry is of the one kind or the other."""
    if request.param == "postgres":
        server = request.getfixturevalue("server")
        drop(tmp_path, server)
        monkeypatch.setenv("DATABASE_URL", server)
    return tmp_path


def start(root, me, n):
    command = [sys.executable, "-c", WORK, str(root), str(me), str(n)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def check_all_is_there(root, n):
    """What PROCESSES processes of n transactions each have written."""
    registry = open_registry(root)
    numbers = [one.number for one in registry.events()]
    assert len(numbers) == len(set(numbers)) == PROCESSES * n
    quarter = PROCESSES * n // 4
    assert registry.holdout_count("NASDAQ", "ab") == quarter
    edits = registry.edits()[SHARED]
    assert (edits.note.version, len(edits.tags), all(edits.tags.values())) == (
        quarter,
        quarter,
        True,
    )
    versions = {one.version for one in registry.promotions("trend")}
    assert versions == {me * n + k for me in range(PROCESSES) for k in range(3, n, 4)}


@pytest.mark.parametrize("n", [20, pytest.param(EACH, marks=pytest.mark.kill)], ids=["few", "many"])
def test_no_transaction_of_eight_processes_is_lost(n, root):
    words = [[str(root), str(me), str(n)] for me in range(PROCESSES)]
    running = [warm.Started("-c", WORK, own, ROOT) for own in words]
    for process in running:
        ended = process.ended()
        assert (ended.code, ended.err) == (0, "")
    check_all_is_there(root, n)


@pytest.mark.kill
def test_what_was_acknowledged_survives_a_kill(root):
    chance, acknowledged, kills = random.Random(3), 0, 0
    for me in range(15):
        with start(root, me, 10_000) as process:
            process.stdout.readline()  # the first is acknowledged
            time.sleep(chance.uniform(0.0, 0.2))
            process.kill()
            acknowledged += 1 + len(process.stdout.read().splitlines())
        kills += process.returncode == -signal.SIGKILL
        assert acknowledged <= len(open_registry(root).events()) <= acknowledged + me + 1
    assert kills == 15
    open_registry(root).add_tag(SHARED, "after")
