"""Where Numba keeps compiled kernels: one folder per state of the sources.

Numba notices an edit of the function it cached, not of a function that one calls in another
file. So the folder's name is a hash of every source file of `kernels/` and of Numba's version:
after any edit everything is compiled again, and nothing stale is ever loaded.
"""

import hashlib
import os
import sys
from importlib.metadata import version
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"
SOURCES = Path(__file__).resolve().parents[1]


def source_hash() -> str:
    """Hash of all kernel sources and of the Numba version, as 16 hex digits."""
    digest = hashlib.sha256(version("numba").encode())
    for path in sorted(SOURCES.rglob("*.py")):
        digest.update(f"\0{path.relative_to(SOURCES).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def use_source_cache() -> Path:
    """Point Numba at the folder of the present sources; call before Numba is imported.

    The folder is `.cache/numba/<hash>` of the checkout, or `<hash>` below NUMBA_CACHE_DIR when
    that is set. Worker processes inherit the variable, find the hash at its end, and keep it.

    Raises:
        OSError: the folder cannot be made.
    """
    name = source_hash()
    root = Path(os.environ.get(VARIABLE) or SOURCES.parent / ".cache" / "numba")
    folder = root if root.name == name else root / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            f"kernel cache {folder}: cannot be made ({error.strerror}); "
            f"set {VARIABLE} to a folder that can be written"
        ) from error
    os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # a script that imported Numba first: it has read the variable
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    return folder


def is_cold() -> bool:
    """True when nothing is compiled yet of the present sources, so that the first run does it."""
    folder = os.environ.get(VARIABLE)
    return folder is None or next(Path(folder).rglob("*.nbi"), None) is None
