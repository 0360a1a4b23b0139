"""Private folders for what Ray and Tune write while they run; those of dead owners are removed.

Ray makes its folders open to all users of the machine, so they lie inside one that only its owner
may enter. A lock of the operating system on a file in it ends with the process that made it: then
the next sweep of the same user removes the folder.
"""

import fcntl
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SHORT = Path("/tmp")
"""Preferred to TMPDIR: a socket's path has 107 bytes, of which Ray takes 70."""

LOCK = "owner.lock"
_OURS = re.compile(r"sweeper-(?:ray|tune)-[a-z0-9_]{8}")
_ABANDONED_SECONDS = 86_400.0
"""Age of a folder without a lock from which on it is one of an earlier version."""


def _parents() -> list[Path]:
    """Where the folders are made: the first one that can be written to."""
    return list(dict.fromkeys([SHORT, Path(tempfile.gettempdir())]))


@contextmanager
def private(kind: str) -> Iterator[Path]:
    """A new folder, mode 0700, removed at the end; first those of dead owners are.

    Args:
        kind: ray or tune.
    """
    remove_abandoned()
    parent = next((path for path in _parents() if os.access(path, os.W_OK | os.X_OK)), None)
    folder = Path(tempfile.mkdtemp(prefix=f"sweeper-{kind}-", dir=parent))
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove folders of this user whose owner is dead."""
    for parent in _parents():
        with suppress(OSError):
            for folder in parent.iterdir():
                if _OURS.fullmatch(folder.name) and _is_abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """True when a folder is this user's own, and no process holds its lock."""
    try:
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
            return False
        with (folder / LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        return time.time() - facts.st_mtime > _ABANDONED_SECONDS
    except OSError:
        return False
