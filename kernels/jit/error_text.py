"""Errors of a strategy's own file, told in one line."""

import re
import traceback
from pathlib import Path

_PLACE = (
    re.compile(r"^During: typing of .* at (?P<file>.+) \((?P<line>\d+)\)$", re.MULTILINE),
    re.compile(r'^File "(?P<file>.+)", line (?P<line>\d+)', re.MULTILINE),
)
_NOISE = ("Failed in ", "During: ", "File ")
_LIBRARY = {"site-packages", "dist-packages", "importlib"}
_KERNELS = Path(__file__).parents[1]
_OURS = (_KERNELS, _KERNELS.parent / "sweeper")


def gist(error: BaseException) -> str:
    """The kind of an error, what it says first, and where: for Numba's pages as for any other.

    Numba tells where in the text of its errors. For others it is where the traceback ends, library
    code left out, unless that is in our own code and not in a strategy.
    """
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} ({error.filename}, line {error.lineno})"
    lines = [line.strip() for line in str(error).splitlines()]
    texts = [line.removeprefix(">>> ") for line in lines if line and not line.startswith(_NOISE)]
    text = " ".join(texts[:2]) if texts and texts[0].endswith(":") else "".join(texts[:1])
    place = _place(error)
    return f"{type(error).__name__}: {text}" + (f" ({place})" if place else "")


def _place(error: BaseException) -> str:
    for pattern in _PLACE:
        match = pattern.search(str(error))
        if match:
            return f"{match['file']}, line {match['line']}"
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_file() and not _LIBRARY & set(file.parts):
            return "" if _is_ours(file) else f"{file}, line {frame.lineno}"
    return ""


def _is_ours(file: Path) -> bool:
    """A file of the engine, and not of a strategy."""
    ours = any(file.is_relative_to(folder) for folder in _OURS)
    return ours and file.parent.name != "strategies"
