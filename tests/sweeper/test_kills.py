"""A real sweep in a process of its own, interrupted or killed midway, then run again."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from store import experiment as experiments
from store.parquet import encode
from store.results import Results
from tests.sweeper import attended

ROOT = Path(__file__).resolve().parents[2]
SWEEP = [
    *(sys.executable, "-m", "sweeper", "-m", "executor=inline"),
    *("params.fast=range(2,150)", "params.slow=range(10,300)", "data=nasdaq,sp500"),
]

pytestmark = pytest.mark.kill


def start(folder):
    """The sweep as a process whose store is in `folder`."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return attended.start(SWEEP, cwd=folder, env=environment)


def finish(folder):
    """Run it to its end; standard output."""
    process = start(folder)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def stop_midway(folder, how, blocks):
    """Signal the process once so many blocks are committed; its return code and its words."""
    process = start(folder)
    while process.poll() is None:
        if len(list(folder.glob("results/v1/*/blocks/*.parquet"))) >= blocks:
            process.send_signal(how)
            break
        time.sleep(0.01)
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def rows(folder):
    """The bytes of all rows by run number, without the experiment's id; NaN equals NaN."""
    table = Results(folder / "results").runs("latest").sort_by("run")
    return encode(table.drop_columns(["experiment_id"]).combine_chunks())


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(folder)
    return rows(folder)


def test_ctrl_c_keeps_what_is_done_and_says_how_to_go_on(tmp_path, undisturbed):
    code, words = stop_midway(tmp_path, signal.SIGINT, blocks=2)
    assert code == 130
    assert "Traceback" not in words
    assert "the same command goes on from there:\n  python -m sweeper -m executor=inline" in words
    (stopped,) = experiments.every(tmp_path / "results")
    assert stopped.status == "interrupted"
    assert "in the store already" in finish(tmp_path)
    assert rows(tmp_path) == undisturbed


@pytest.mark.parametrize("blocks", [1, 3, 5])
def test_a_killed_sweep_resumes_to_the_same_rows(tmp_path, undisturbed, blocks):
    code, _ = stop_midway(tmp_path, signal.SIGKILL, blocks)
    assert code == -signal.SIGKILL
    finish(tmp_path)
    (finished,) = experiments.every(tmp_path / "results")
    assert finished.status == "done"
    assert finished.counts["done"] + finished.counts["skipped"] == finished.counts["planned"]
    assert rows(tmp_path) == undisturbed
