"""Processes that import and delete, killed at random instants: all or nothing, and all counted."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.ledger import ledger
from store.maintenance import verification
from store.records import experiment as records
from store.transfer.export import export
from tests.store.counted import NASDAQ, swept

ROOT = Path(__file__).resolve().parents[3]
EXPERIMENTS = 12
WORK = """
import itertools, sys
from pathlib import Path
from store.maintenance import deletion
from store.records import experiment as records
from store.transfer.import_experiment import take_in
from store.query.results import Results
root, folder, form = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sys.stdout.write("ready\\n")
sys.stdout.flush()
for _ in itertools.repeat(None, int(sys.argv[4])):
    there = {one.id for one in records.every(root)}
    for path in sorted(folder.iterdir()):
        if path.stem in there:
            deletion.delete(root, path.stem)
            sys.stdout.write(f"deleted {path.stem}\\n")
        else:
            take_in(root, path)
            sys.stdout.write(f"imported {path.stem}\\n")
        sys.stdout.flush()
"""

pytestmark = pytest.mark.kill


def start(root, folder, form, rounds):
    command = [sys.executable, "-c", WORK, str(root), str(folder), form, str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_killed_at_any_instant_nothing_is_half_there(form, tmp_path):
    source, folder, root = (tmp_path / name for name in ("source", "out", "store"))
    for number in range(EXPERIMENTS):
        swept(source, [number, 100 + number], number=number)
    export(source, records.every(source), folder, form)
    chance, kills = random.Random(9), 0
    for _ in range(15):
        with start(root, folder, form, 10_000) as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0.05, 0.6))
            process.kill()
            last = process.stdout.read().splitlines()[-1:]
        kills += process.returncode == -signal.SIGKILL
        there = {one.id for one in records.every(root)}
        for line in last:  # what was said to be done is done
            said, _, name = line.partition(" ")
            assert (name in there) == (said == "imported") or said == ""
        assert verification.verify(root).faults == []
        counted = ledger.counts(root).get(NASDAQ, 0)
        assert 2 * len(there) <= counted <= 2 * EXPERIMENTS
    assert kills == 15
    with start(root, folder, form, 2) as process:  # whatever was left, the work can be finished
        process.communicate()
    assert process.returncode == 0
    assert verification.verify(root).faults == []
    assert ledger.counts(root) == {NASDAQ: 2 * EXPERIMENTS}
