"""One driver per experiment: two would drop and list each other's files."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import StoreError
from store.paths import experiment_folder


@contextmanager
def driving(root: Path, experiment_id: str) -> Iterator[None]:
    """Be the only process that runs an experiment; however it ends, the next one may go on.

    The lock is the operating system's. It holds between machines where the file system passes
    locks on, as NFS does from version 4; one that knows no locks raises OSError.

    Raises:
        StoreError: another process is running it.
    """
    with (experiment_folder(root, experiment_id) / ".driver.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"{experiment_id}: another process is running this very sweep; wait until it has "
                "ended, or pass force=true to run all of it a second time"
            ) from None
        yield
