"""One writer per profile: a lock on a file, which the kernel releases when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operate.records.paths import profile_folder
from store.files import local


@contextmanager
def writing(root: Path, profile: str) -> Iterator[None]:
    """Be the only process that changes what operation keeps of a profile."""
    folder = profile_folder(root, profile)
    local.make_folder(folder)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
