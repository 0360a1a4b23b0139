"""Private folders of a sweep on Ray, and what dead drivers leave of them."""

import os
import stat
import subprocess
import sys
import time

import pytest

from sweeper.executors.ray import scratch
from sweeper.executors.ray.runtime_env import ROOT


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A temporary folder of its own: other sweeps of this machine go on."""
    monkeypatch.setattr(scratch, "SHORT", tmp_path)
    monkeypatch.setattr(scratch.tempfile, "gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_nobody_else_may_enter_and_nothing_stays(tmp_path):
    with scratch.private("ray") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert folder.parent == tmp_path
        (folder / "r" / "session").mkdir(parents=True)
    assert list(tmp_path.iterdir()) == []


def test_a_socket_of_ray_has_room_in_its_path():
    socket = "r/session_2026-11-30_13-37-33_123456_4194304/sockets/plasma_store.sock.1"
    assert len(f"/tmp/sweeper-ray-12345678/{socket}") < 107


DRIVER = """
import sys, time
from pathlib import Path
from sweeper.executors.ray import scratch
scratch.SHORT = Path(sys.argv[1])
with scratch.private("tune") as folder:
    (folder / "file").write_text("x")
    print(folder, flush=True)
    time.sleep(100)
"""


def test_folders_of_killed_drivers_go_with_the_next_sweep_and_those_of_living_ones_stay(tmp_path):
    command = [sys.executable, "-c", DRIVER, str(tmp_path)]
    drivers = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    folders = [driver.stdout.readline().strip() for driver in drivers]
    for driver in drivers[:2]:
        driver.kill()
        driver.wait()
        driver.stdout.close()
    assert sorted(map(str, tmp_path.iterdir())) == sorted(folders)
    with scratch.private("ray") as own:
        assert sorted(map(str, tmp_path.iterdir())) == sorted([folders[2], str(own)])
    drivers[2].kill()
    drivers[2].wait()
    drivers[2].stdout.close()
    scratch.remove_abandoned()
    assert list(tmp_path.iterdir()) == []


def test_forty_sweeps_leave_nothing(tmp_path):
    for number in range(40):
        with scratch.private("ray" if number % 2 else "tune") as folder:
            (folder / "log").write_text("x" * 1000)
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "sweeper-results").mkdir()
    (tmp_path / "sweeper-ray-12345678").write_text("a file")
    (tmp_path / "outside").mkdir()
    (tmp_path / "sweeper-tune-abcdefgh").symlink_to(tmp_path / "outside")
    before = sorted(tmp_path.iterdir())
    scratch.remove_abandoned()
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_of_an_earlier_version_goes_after_a_day(tmp_path):
    old, new = tmp_path / "sweeper-tune-abcdefgh", tmp_path / "sweeper-tune-bcdefghi"
    old.mkdir()
    new.mkdir()
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    scratch.remove_abandoned()
    assert list(tmp_path.iterdir()) == [new]
