"""One driver at a time in a bucket, whatever becomes of the drivers."""

import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from store.errors import Driven, StoreUnavailable
from store.files import lease
from store.files.lock import driving
from store.files.s3 import S3Path
from store.ledger import recovery
from store.records import experiment as records
from tests.store.made_runs import finish, new_experiment

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from store.files.lock import driving
with driving(sys.argv[1], sys.argv[2]):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.read()
"""


@pytest.fixture
def root(new_bucket):
    return new_bucket()


@pytest.fixture
def made(root, monkeypatch):
    """An experiment; leases are renewed often, and end as late as ever unless `short`."""
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(lease, "POLL_SECONDS", 0.05)
    return new_experiment(root)


@pytest.fixture
def shorten(monkeypatch):
    """Called, every lease that is not given back is older than it may be."""
    return lambda: monkeypatch.setattr(lease, "LEASE_SECONDS", -1.0)


def lease_of(root, experiment):
    return root / "v1" / experiment.id / "driver.lease"


def test_a_second_driver_is_refused_until_the_first_is_killed(root, made, shorten):
    command = [sys.executable, "-c", HOLD, str(root), made.id]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as holder:
        assert holder.stdout.readline() == "held\n"
        told = rf"{made.id}: another process is running .*, process {holder.pid}\); wait"
        with pytest.raises(Driven, match=told), driving(root, made.id):
            pass
        holder.kill()
        holder.wait(timeout=30)
    shorten()
    with driving(root, made.id, wait=0.01):  # as long as the lease takes to run out, too
        pass
    with driving(root, made.id):  # given back, it is free at once
        pass


def test_who_waits_is_told_of_a_live_driver(root, made):
    with driving(root, made.id), pytest.raises(Driven), driving(root, made.id, wait=0.3):
        pass


def test_who_waits_follows_a_driver_that_ends(root, made):
    entered = threading.Event()

    def hold():
        with driving(root, made.id):
            entered.set()
            time.sleep(0.5)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait()
    with driving(root, made.id, wait=60):
        pass
    holder.join()


def test_of_several_that_find_it_free_one_takes_it(root, made):
    lease_of(root, made).replace(b"free\n")
    taken, refused, all_tried = [], [], threading.Barrier(6)

    def drive():
        try:
            with driving(root, made.id):
                taken.append(1)
                all_tried.wait(timeout=60)
        except Driven:
            refused.append(1)
            all_tried.wait(timeout=60)

    drivers = [threading.Thread(target=drive) for _ in range(6)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    assert (len(taken), len(refused)) == (1, 5)


def test_a_driver_that_was_overtaken_changes_nothing_and_is_told(root, made, monkeypatch):
    """Suspended for longer than the lease, while another driver took over and ended."""
    monkeypatch.setattr(lease, "RENEW_SECONDS", 60)  # suspended: it renews nothing
    with driving(root, made.id):
        assert finish(root, made, seconds=1.0)
        lease_of(root, made).replace(b"another one\n")
        other = records.to_text(replace(records.load(root, made.id), name="omed"))
        (root / "v1" / made.id / "experiment.json").replace(other)
        with pytest.raises(Driven, match=r"silent for more than 20 s.*what is committed is kept"):
            finish(root, made, seconds=2.0)
    assert records.load(root, made.id).name == "omed"
    assert lease_of(root, made).read_bytes() == b"another one\n", "not given back: it is not ours"


def test_a_driver_that_was_overtaken_hears_of_it_when_it_renews(root, made):
    with driving(root, made.id):
        lease_of(root, made).replace(b"another one\n")
        time.sleep(1)
        with pytest.raises(Driven, match="another one has taken the experiment over"):
            finish(root, made, seconds=2.0)
    assert records.load(root, made.id) == made


def test_an_outage_while_it_is_renewed_is_survived(root, made, monkeypatch):
    real, failed = S3Path.replace_version, threading.Event()

    def fail(path, *arguments):
        if path.name == "driver.lease" and not failed.is_set():
            failed.set()
            raise StoreUnavailable("no answer")
        return real(path, *arguments)

    monkeypatch.setattr(S3Path, "replace_version", fail)
    with driving(root, made.id):
        failed.wait()
        before = lease_of(root, made).version().etag
        time.sleep(0.6)
        assert lease_of(root, made).version().etag != before, "renewed again"
        finish(root, made, seconds=2.0)
    assert lease_of(root, made).read_bytes() == b"free\n"


def test_a_killed_drivers_experiment_is_left_alone_while_its_lease_runs(root, made, shorten):
    lease_of(root, made).replace(b"somebody, process 1; ab 1\n")
    assert recovery.catch_up(root) == []
    assert records.load(root, made.id).status == "running"
    shorten()
    recovery.catch_up(root)
    assert records.load(root, made.id).status == "interrupted"
