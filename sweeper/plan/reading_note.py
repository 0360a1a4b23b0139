"""Note on bars of many symbols that are being read: longer than one waits in silence."""

from pathlib import Path

from store.data import DataSpec
from store.files.backend import default_root
from store.files.paths import data_folder
from sweeper.notes import note

MANY = 50
"""Symbols from which reading and checking their bars takes seconds."""


def reading_note(spec: DataSpec) -> str:
    """Note before the bars of a spec are read; empty for few symbols.

    Args:
        spec: with its symbols, or none for all that its folder or store has.
    """
    count = len(spec.symbols) or _all_there(spec)
    return f"reading and checking the bars of {count:,} symbols" if count >= MANY else ""


def say_what_is_read(spec: DataSpec) -> None:
    """Say it to the watcher of the sweep, where it takes long."""
    if text := reading_note(spec):
        note(text)


def _all_there(spec: DataSpec) -> int:
    """Number of files or series of a spec that names no symbol; 0 where that is not known."""
    path = str(spec.path or (default_root() if spec.source == "stored" else ""))
    if not path or path.startswith("s3:"):
        return 0
    folder, pattern = Path(path).expanduser(), f"*.{spec.source}*"
    if spec.source == "stored":
        folder, pattern = data_folder(folder, "bars"), "[!.]*.json"
    return sum(1 for _ in folder.glob(pattern)) if folder.is_dir() else 0
