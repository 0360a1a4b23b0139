"""Sweeps whose store is a bucket: the rows of a folder, what resumes, and what kills leave."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from store.files.paths import experiment_folder
from store.ledger import ledger, verify
from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.run.driver import sweep_cells
from tests.sweeper import attended
from tests.sweeper.cli import run_cli
from tests.sweeper.interrupting import interrupt_after
from tests.sweeper.planned import GRID, make_cell

ROOT = Path(__file__).resolve().parents[3]
COMMAND = ["python", "-m", "sweeper", "-m"]
BAYES = {"kind": "bayes", "n": 24, "batch": 8}


@pytest.fixture
def bucket(new_bucket):
    return new_bucket()


def rows_of(root):
    """The bytes of all rows by run number, without the experiment's id; NaN equals NaN."""
    table = Results(root).runs("latest").sort_by("run")
    return encode(table.drop_columns(["experiment_id"]))


def sweep(root, search=None):
    sections = {"search": search} if search else {}
    return sweep_cells(
        [make_cell(*GRID, store={"root": str(root)}, executor="inline", **sections)], COMMAND
    )


@pytest.mark.parametrize("search", [None, BAYES], ids=["grid", "bayes"])
def test_an_interrupted_sweep_ends_with_the_rows_of_one_in_a_folder(
    search, bucket, tmp_path, monkeypatch
):
    monkeypatch.setattr("sweeper.evaluate.calibration.SMALLEST_BLOCK", 8)
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 32)
    with monkeypatch.context() as patch:
        interrupt_after(patch, 2)
        with pytest.raises(Interrupted):
            sweep(bucket, search)
    (stopped,) = experiments.every(bucket)
    assert (stopped.status, stopped.counts["done"] > 0) == ("interrupted", True)
    assert list(ledger.counts(bucket).values())
    finished = sweep(bucket, search)
    assert (finished.id, finished.status) == (stopped.id, "done")
    assert sweep(bucket, search) == finished, "there is nothing left to do"
    sweep(tmp_path, search)
    assert rows_of(bucket) == rows_of(tmp_path)
    assert ledger.counts(bucket) == ledger.counts(tmp_path)
    assert verify.verify(bucket) == []
    assert (bucket / "v1" / finished.id / "blocks").names() == []


def test_runs_that_the_bucket_holds_are_left_out(bucket):
    sweep(bucket)
    wider = ("params.fast=range(2,14)", GRID[1])
    cell = make_cell(*wider, store={"root": str(bucket)}, executor="inline")
    grown = sweep_cells([cell], COMMAND)
    assert grown.counts["skipped"] > 0
    assert experiments.load(bucket, grown.id).history.origins


def test_a_bucket_that_is_not_there_ends_the_command_before_anything_runs(
    s3_server, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    done = run_cli(monkeypatch, capsys, "-m", "params.fast=2,3", "store.root=s3://none-such/x")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("store.root: there is no bucket none-such at http://127.0.0.1")
    assert list(tmp_path.iterdir()) == []


GREAT = [
    *("params.fast=range(2,80)", "params.slow=range(10,300)", "data=nasdaq,sp500"),
    *("report=false", "ray.num_cpus=2"),
]


def start(folder, root, executor):
    """The sweep as a process of its own."""
    words = [sys.executable, "-m", "sweeper", "-m", f"executor={executor}", f"store.root={root}"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return attended.start([*words, *GREAT], cwd=folder, env=environment)


def finish(folder, root, executor):
    process = start(folder, root, executor)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err


def committed(root):
    """How many blocks the one experiment of a store has, merged ones aside."""
    return sum(
        len((experiment_folder(root, name) / "blocks").names()) for name in (root / "v1").names()
    )


@pytest.mark.kill
def test_a_killed_sweep_on_ray_resumes_to_the_same_rows(bucket, tmp_path):
    process = start(tmp_path, bucket, "ray")
    while process.poll() is None:
        if committed(bucket) >= 2:
            process.kill()
            break
        time.sleep(0.02)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    finish(tmp_path, bucket, "ray")
    (finished,) = experiments.every(bucket)
    assert finished.status == "done"
    finish(tmp_path, tmp_path / "undisturbed", "inline")
    assert rows_of(bucket) == rows_of(tmp_path / "undisturbed")
    assert ledger.counts(bucket) == ledger.counts(tmp_path / "undisturbed")
    assert verify.verify(bucket) == []
