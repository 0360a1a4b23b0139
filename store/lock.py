"""One driver per experiment: two would drop and list each other's files."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import Driven
from store.paths import experiment_folder

POLL_SECONDS = 0.05


@contextmanager
def driving(root: Path, experiment_id: str, wait: float = 0.0) -> Iterator[None]:
    """Be the only process that runs an experiment; however it ends, the next one may go on.

    The lock is the operating system's. It holds between machines where the file system passes
    locks on, as NFS does from version 4; one that knows no locks raises OSError.

    Args:
        root: of the store.
        experiment_id: of an experiment that exists.
        wait: seconds to wait for a process that only brings its record up to date.

    Raises:
        Driven: another process is running it.
    """
    end = time.monotonic() + wait
    with (experiment_folder(root, experiment_id) / ".driver.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise Driven(
                        f"{experiment_id}: another process is running this very sweep; wait until "
                        "it has ended, or pass force=true to run all of it a second time"
                    ) from None
            time.sleep(POLL_SECONDS)
        yield
