import subprocess
import sys
from pathlib import Path

import pytest

from store.errors import StoreError
from store.files.lock import driving
from tests.store.made_runs import new_experiment

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from store.files.lock import driving
with driving(sys.argv[1], sys.argv[2]):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


def test_a_second_driver_is_refused_until_the_first_is_gone(tmp_path):
    name = new_experiment(tmp_path).id
    command = [sys.executable, "-c", HOLD, str(tmp_path), name]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(StoreError, match=f"{name}: another process is running"),
            driving(tmp_path, name),
        ):
            pass
        holder.kill()
        holder.wait(timeout=30)
    with driving(tmp_path, name):
        pass


def test_other_experiments_are_free(root):
    one, two = new_experiment(root), new_experiment(root)
    with driving(root, one.id), driving(root, two.id):
        pass
