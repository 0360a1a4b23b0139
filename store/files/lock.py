"""Locks between processes: one driver per experiment, for two would drop each other's files.

In a folder that is a lock of the operating system, in a bucket a lease (`store.files.lease`).
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import Driven
from store.files import lease, local
from store.files.backend import Place, Root, place
from store.files.paths import RECORD, experiment_folder

POLL_SECONDS = 0.05


@contextmanager
def driving(root: Root, experiment_id: str, wait: float = 0.0) -> Iterator[None]:
    """Be the only process that runs an experiment; however it ends, the next one may go on.

    A lock ends with its process; a lease whose holder was killed does so `lease.LEASE_SECONDS`
    later.

    Args:
        root: of the store.
        experiment_id: of an experiment that exists.
        wait: seconds to wait for a process that only brings its record up to date.

    Raises:
        Driven: another process is running it.
    """
    folder = experiment_folder(root, experiment_id)
    if not isinstance(folder, Path):
        with lease.holding(folder / RECORD, wait):
            yield
        return
    refusal = (
        f"{experiment_id}: another process is running this very sweep; wait until it has ended, "
        "or pass force=true to run all of it a second time"
    )
    with held(folder / ".driver.lock", refusal, wait):
        yield


@contextmanager
def starting(root: Root, wait: float) -> Iterator[None]:
    """Be the only process that looks for an experiment's plan and creates it where there is none.

    Args:
        root: of the store; made when missing.
        wait: seconds to wait for another one that does, a few milliseconds each.

    Raises:
        Driven: it takes longer than that.
    """
    folder = place(root)
    if not isinstance(folder, Path):
        with lease.waiting(folder / "starting.lease", wait):
            yield
        return
    local.make_folder(folder)
    refusal = f"{folder}: another sweep has been starting for {wait:g} s; try again"
    with held(folder / ".starting.lock", refusal, wait):
        yield


def replace_record(record: Place, content: bytes) -> None:
    """Replace experiment.json in one step.

    Raises:
        Driven: this process drove it until its lease ran out, and another one does now.
    """
    if isinstance(record, Path):
        local.replace(record, content)
    else:
        lease.replace(record, content)


@contextmanager
def held(file: Path, refusal: str, wait: float = 0.0) -> Iterator[None]:
    """Be the only process that holds `file`, which is made when it is not there.

    The lock is the operating system's: it ends with the process. It holds between machines where
    the file system passes locks on, as NFS does from version 4; one that knows no locks raises
    OSError.

    Args:
        file: holds nothing, and stays.
        refusal: what to say when another process holds it.
        wait: seconds to wait for that process.

    Raises:
        Driven: another process holds it.
    """
    end = time.monotonic() + wait
    with file.open("w") as opened:
        while True:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise Driven(refusal) from None
            time.sleep(POLL_SECONDS)
        yield
