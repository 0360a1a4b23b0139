"""A process that counts experiments in the ledger, killed at random instants."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store.ledger import ledger, verify
from store.records import experiment as records
from tests.store.counted import NASDAQ, SP500, commit, started
from tests.store.made_runs import finish

ROOT = Path(__file__).resolve().parents[3]
RECORD = """
import sys
from pathlib import Path
from store.ledger import ledger
sys.stdout.write("counting\\n")
sys.stdout.flush()
for name in sys.argv[2:]:
    ledger.record(Path(sys.argv[1]), name)
"""

pytestmark = pytest.mark.kill


def test_killed_at_any_instant_the_ledger_counts_all_or_nothing(tmp_path):
    chance = random.Random(7)
    tried, names = {NASDAQ: set(), SP500: set()}, []
    for number in range(80):
        experiment = started(tmp_path, number=number)
        for group, subject in enumerate(tried):
            some = chance.sample(range(400), 12)
            commit(tmp_path, experiment, group, some, group)
            tried[subject] |= set(some)
        names.append(experiment.id)
    codes = []
    while 0 not in codes:
        command = [sys.executable, "-c", RECORD, str(tmp_path), *names]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as counting:
            counting.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.1) if len(codes) < 12 else 0.5 * len(codes))
            counting.kill()
        codes.append(counting.returncode)
        assert verify.verify(tmp_path) == []
    assert codes.count(-signal.SIGKILL) >= 10
    for name in names:
        finish(tmp_path, records.load(tmp_path, name), status="interrupted")
    assert ledger.counts(tmp_path) == {subject: len(keys) for subject, keys in tried.items()}
    assert verify.verify(tmp_path) == []
