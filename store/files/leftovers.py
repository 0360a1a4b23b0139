"""Folders of experiments that were killed while they were made, before their record was written.

Nothing was ever acknowledged of them: readers pass them by, and the next sweep removes them once no
process can be at it any more. A folder without a record that holds anything else has lost it.
"""

import shutil
import time
from pathlib import Path

from store.files import backend, local
from store.files.backend import Root
from store.files.paths import RECORD, experiments_folder, is_name


def remains(root: Root) -> list[Path]:
    """The folders without a record in which nothing is, by name; a bucket has none."""
    folder = experiments_folder(root)
    if not isinstance(folder, Path):
        return []
    own = (folder / name for name in sorted(filter(is_name, backend.names(folder))))
    return [path for path in own if path.is_dir() and _is_empty(path)]


def _is_empty(folder: Path) -> bool:
    """True when a folder holds no more than empty folders, temporaries and locks."""
    if (folder / RECORD).exists():
        return False
    return all(path.is_dir() or path.name.startswith(".") for path in folder.rglob("*"))


def clear(root: Root) -> None:
    """Remove those that are older than `durable.STALE_SECONDS`: a process may be at a younger."""
    oldest = time.time() - local.STALE_SECONDS
    for folder in remains(root):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)
