"""Where the files of a store lie: in a folder, or in a bucket of an object store.

A place is a `Path` or an `S3Path`; both read alike: `/`, name, stem, parent, exists, read_bytes,
open, unlink. What differs between the two is here, and nowhere else but in `store.files.lock`. A
folder has temporary names, links and syncs (`store.files.local`); a bucket has conditions on its
writes (`store.files.s3`), no folders to make, and latency, which is why reads of many files go out
together.
"""

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar

from store.errors import DamagedFile, StoreError, StoreUnavailable
from store.files import local as durable
from store.files.s3 import S3Path

Place: TypeAlias = Path | S3Path
Root: TypeAlias = str | Place
"""What a user may call the store: `results`, `/data/results`, `s3://bucket/prefix`."""

THREADS = 16
"""Requests under way at a time."""

RESTORE = "restore it from a copy"
"""What to do about a damaged file; messages end in it."""

_KINDS: dict[int, str] = {
    stat.S_IFDIR: "folder",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}

AnyPlace = TypeVar("AnyPlace", Path, S3Path, Place)
A = TypeVar("A")
T = TypeVar("T")


DEFAULT_ROOT = "results"
ROOT_VARIABLE = "SWEEPER_ROOT"
"""Environment variable that names another folder than `results`."""


def default_root() -> str:
    """The root of the store where none is given: SWEEPER_ROOT, or else `results`."""
    return os.environ.get(ROOT_VARIABLE) or DEFAULT_ROOT


def place(root: Root) -> Place:
    """The place that a root names; a relative path stays relative.

    Raises:
        BadName: it begins with `s3:` and names no bucket and prefix.
    """
    if isinstance(root, S3Path):
        return root
    return S3Path.of(str(root)) if str(root).startswith("s3:/") else Path(root)


def absolute(root: Root) -> Place:
    """The place that a root names, for processes in other folders, too."""
    given = place(root)
    return given.absolute() if isinstance(given, Path) else given


def local(path: Place) -> Path:
    """The path itself, for what works in a folder only: it renames whole folders.

    Raises:
        StoreError: it is in a bucket.
    """
    if isinstance(path, Path):
        return path
    raise StoreError(
        f"{path}: import and delete work in a folder only; copy the store with the tools "
        "of the bucket"
    )


def require_writable(root: Place) -> None:
    """Raise ValueError unless files can be made there, and none of them by two at once."""
    if isinstance(root, Path):
        durable.require_writable(root)
        return
    probe = root / f"probe-{secrets.token_hex(8)}"
    probe.put_if_absent(b"1")
    ignored = probe.put_if_absent(b"2") or probe.replace_version('"0"', b"3")
    probe.unlink(missing_ok=True)
    if ignored:
        raise StoreUnavailable(
            f"store.root: {root} ignores If-None-Match or If-Match on writes, so two processes "
            "would overwrite each other's results; choose a server that knows them"
        )


def kind(path: Path) -> str:
    """The kind of what is at a path when it is no file: folder, pipe, socket or device; else "".

    Reading a pipe or a device may never end. Raises OSError when nothing can be there.
    """
    return _KINDS.get(stat.S_IFMT(path.stat().st_mode), "")


def require_file(path: Place) -> None:
    """Raise DamagedFile if something other than a file is at a place of the store.

    Raises:
        FileNotFoundError: nothing is there.
    """
    if not isinstance(path, Path):
        return
    try:
        other = kind(path)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedFile(f"{path}: cannot be read ({error.strerror}); {RESTORE}") from error
    if other:
        raise DamagedFile(f"{path}: is a {other} where a file belongs; {RESTORE}")


def content(path: Place) -> bytes:
    """All bytes of a file of the store.

    Raises:
        FileNotFoundError: nothing is there.
        DamagedFile: it is no file, or cannot be read.
    """
    require_file(path)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedFile(f"{path}: cannot be read ({error.strerror}); {RESTORE}") from error


def names(folder: Place) -> list[str]:
    """Names of what is in a folder, unordered; none when there is no such folder."""
    if isinstance(folder, S3Path):
        return folder.names()
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def make_folder(folder: Place) -> None:
    """Make a folder and its parents last; a bucket has none to make."""
    if isinstance(folder, Path):
        durable.make_folder(folder)


def put_if_absent(path: Place, content: bytes) -> bool:
    """Give `content` the name `path`, unless it is taken: then False. It is safe on return."""
    if isinstance(path, S3Path):
        return path.put_if_absent(content) is not None
    return durable.put_if_absent(path, content)


def replace(path: Place, content: bytes) -> None:
    """Make `content` the whole of `path`, in one step for every reader."""
    if isinstance(path, S3Path):
        path.replace(content)
    else:
        durable.replace(path, content)


@contextmanager
def draft(path: Place) -> Iterator[Path]:
    """A local name under which to write a large file for `publish`; gone at the end."""
    if isinstance(path, Path):
        with durable.temporary(path) as made:
            yield made
        return
    with tempfile.TemporaryDirectory(prefix="sweeper-") as folder:
        yield Path(folder) / path.name


def publish(draft: Path, path: Place) -> None:
    """Let a finished draft take the name `path`, replacing what had it."""
    if isinstance(path, S3Path):
        path.upload(draft)
    else:
        durable.publish(draft, path)


@contextmanager
def local_copies(paths: Sequence[Place]) -> Iterator[list[Path]]:
    """Local files of the same content: files in a folder themselves, copies of objects."""
    local = [path for path in paths if isinstance(path, Path)]
    objects = [path for path in paths if isinstance(path, S3Path)]
    if not objects:
        yield local
        return
    assert not local, "one store, one kind of place"
    with tempfile.TemporaryDirectory(prefix="sweeper-") as folder:
        copies = [Path(folder) / f"{number:06d}" for number in range(len(objects))]
        each(lambda number: objects[number].download(copies[number]), range(len(objects)), paths[0])
        yield copies


def copy_out(path: Place, target: Path) -> None:
    """Write the content of a file to a new file outside the store."""
    if isinstance(path, S3Path):
        path.download(target)
    else:
        shutil.copyfile(path, target)


def sweep_temporaries(folder: Place) -> None:
    """Remove what killed writers have left in a folder; in a bucket nothing has a name by then."""
    if isinstance(folder, Path):
        durable.sweep_temporaries(folder)


def tail(path: Place, length: int) -> tuple[int, bytes]:
    """Size of a file, and its last `length` bytes, or all when it has less."""
    if isinstance(path, S3Path):
        return path.tail(length)
    require_file(path)
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - length, 0))
        return size, file.read(length)


def arrow(path: Place) -> tuple[object, str]:
    """The pyarrow filesystem that reads a file at random, and the file's name there."""
    if isinstance(path, S3Path):
        return path.filesystem(), f"{path.bucket}/{path.key}"
    from pyarrow.fs import LocalFileSystem  # late: half a second that --help should not spend

    return LocalFileSystem(), str(path)


def each(action: Callable[[A], T], items: Sequence[A], at: Place) -> list[T]:
    """Results of `action` on each item, in their order; in a bucket many at a time."""
    if isinstance(at, Path) or len(items) < 2:
        return [action(item) for item in items]
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(action, items))
