"""Writing files so that neither a kill nor a power cut leaves half a file or takes one back.

Each write goes to a temporary name in the same folder and is synced before it gets its own name;
the folder is synced after that, because until then the name itself may be lost. Temporary names
start with a dot and end in `.tmp`; no reader ever looks at them.
"""

import itertools
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import shorten

STALE_SECONDS = 3600.0
"""Age from which a temporary is taken for the remains of a killed writer."""


def make_folder(folder: Path) -> None:
    """Create `folder` and its parents, each synced into its parent; an existing one is fine."""
    missing = list(itertools.takewhile(lambda path: not path.is_dir(), (folder, *folder.parents)))
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync(path.parent)


def put_if_absent(path: Path, content: bytes) -> bool:
    """Give `content` the name `path`, unless the name is taken.

    Returns:
        True when the file is ours, False when there was one already. Either way the name
        survives a power cut once this has returned.
    """
    with temporary(path) as draft:
        with draft.open("xb") as file:
            file.write(content)
        return publish_if_absent(draft, path)


def replace(path: Path, content: bytes) -> None:
    """Make `content` the whole of `path`, in one step for every reader."""
    with temporary(path) as draft:
        with draft.open("xb") as file:
            file.write(content)
        publish(draft, path)


def publish(draft: Path, path: Path) -> None:
    """Sync a finished draft and let it take the name `path`, replacing what had it."""
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def publish_if_absent(draft: Path, path: Path) -> bool:
    """Sync a finished draft and give it the name `path`, unless the name is taken.

    Returns:
        Whether it was free. Either way the name survives a power cut once this has returned.
    """
    sync(draft)
    try:
        os.link(draft, path)
        created = True
    except FileExistsError:
        created = False
    sync(path.parent)
    return created


@contextmanager
def temporary(path: Path) -> Iterator[Path]:
    """A name next to `path` that no other process uses; whatever has it at the end is removed."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        yield draft
    except OSError as error:
        error.filename = error.filename or str(path)  # a write that fails does not say where
        raise
    finally:
        _remove(draft)


def sweep_temporaries(folder: Path) -> None:
    """Remove what killed writers left in `folder` more than STALE_SECONDS ago."""
    oldest = time.time() - STALE_SECONDS
    for draft in folder.glob(".*.tmp"):
        if draft.lstat().st_mtime < oldest:
            _remove(draft)


def sync(path: Path) -> None:
    """Have a file's content, or a folder's names, on the disk before returning."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(draft: Path) -> None:
    if draft.is_dir() and not draft.is_symlink():
        shutil.rmtree(draft, ignore_errors=True)
    else:
        draft.unlink(missing_ok=True)


def require_writable(folder: Path) -> None:
    """Raise ValueError unless files can be made in `folder`, or where it is to be made."""
    present = folder
    try:
        present = next(path for path in (folder, *folder.parents) if path.exists())
        with tempfile.TemporaryFile(dir=present):
            pass
    except OSError as error:
        raise ValueError(
            f"store.root: cannot write to {shorten(str(present), 200)} ({error.strerror}); choose "
            "another folder"
        ) from None
