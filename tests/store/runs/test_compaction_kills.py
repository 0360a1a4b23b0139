"""Drivers killed while they merge blocks, during the sweep and at its end: no row lost or twice."""

import multiprocessing
import random
import shutil
import signal
import time

import pytest

from store.files.paths import experiment_folder
from store.maintenance.verification import verify_experiment
from store.query.results import Results
from store.records import experiment as records
from store.runs import segments
from tests.store.made_runs import filled
from tests.store.merging import DIED, MANY, die_at, merge

BLOCKS = 13

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def processes():
    """Processes that are forked from one which has imported everything and done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.merging"])
    return context


def rows(root, name):
    return Results(root).runs(name).sort_by("run")


def check(root, name, before):
    """Whatever was killed: what is read is what was written, and the next driver ends the work."""
    assert rows(root, name).equals(before)
    merge(root, name)
    found = verify_experiment(root, name)
    assert (found.faults, found.rows) == ([], len(before))
    assert rows(root, name).equals(before)
    assert list(records.load(root, name).files) == ["runs.parquet"]
    folder = experiment_folder(root, name)
    assert [path.name for path in folder.rglob("0*.parquet")] == []


def test_killed_before_every_step_nothing_is_lost_or_doubled(tmp_path, processes, monkeypatch):
    monkeypatch.setattr(segments, "MANY", MANY)
    experiment = filled(tmp_path / "whole", blocks=BLOCKS, rows=8)
    before = rows(tmp_path / "whole", experiment.id)
    listed = []
    for step in range(1000):
        root = tmp_path / f"{step}"
        shutil.copytree(tmp_path / "whole", root)
        driver = processes.Process(target=die_at, args=(step, str(root), experiment.id))
        driver.start()
        driver.join()
        if driver.exitcode == 0:
            break
        assert driver.exitcode == DIED
        names = records.load(root, experiment.id).files
        listed.append("".join(sorted({name[0] for name in names})))
        check(root, experiment.id, before)
    assert driver.exitcode == 0
    assert len(listed) >= 25
    assert {"b", "bs", "r"} <= set(listed), "killed before, during and after the merges"


def test_killed_at_random_instants(tmp_path, processes, monkeypatch):
    monkeypatch.setattr(segments, "MANY", MANY)
    chance = random.Random(5)
    experiment = filled(tmp_path / "whole", blocks=40, rows=8)
    before = rows(tmp_path / "whole", experiment.id)
    codes = []
    while codes.count(-signal.SIGKILL) < 8:
        root = tmp_path / f"{len(codes)}"
        shutil.copytree(tmp_path / "whole", root)
        driver = processes.Process(target=merge, args=(root, experiment.id))
        driver.start()
        time.sleep(chance.uniform(0.0, 0.4))
        driver.kill()
        driver.join()
        codes.append(driver.exitcode)
        check(root, experiment.id, before)
