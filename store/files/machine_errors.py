"""Refusals of the machine, such as a full disk or a name too long, as one line and an exit code.

Whatever writes leaves the old file or the new one (`store.files.local`), so the same command goes
on once the machine has room again.
"""

import errno

from store.errors import one_line

REFUSALS = (OSError, MemoryError)
"""What Python raises when the machine, and not the input, says no."""

_SPACE = "make room there; what was written before is whole, and the same command goes on"
_ADVICE = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "raise the limit on the size of files (ulimit -f); the same command goes on",
    errno.EMFILE: "raise the limit on open files (ulimit -n); the same command goes on",
    errno.ENFILE: "close other programs; the same command goes on",
    errno.ENOMEM: "close other programs or raise the limit (ulimit -v)",
    errno.EIO: "the disk or its connection fails; try again, or choose another folder",
    errno.ENAMETOOLONG: "choose a shorter one",
    errno.EACCES: "choose another folder, or change its permissions",
    errno.EPERM: "choose another folder, or change its permissions",
    errno.EROFS: "choose a folder that can be written to",
}
_OTHER_NAME = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS)
_FAULTS = _ADVICE.keys() - set(_OTHER_NAME)


def is_memory(error: BaseException) -> bool:
    """True when memory is used up: DuckDB's error of that is no MemoryError."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryException"


def line(error: BaseException) -> str:
    """One line for the user: the file, the reason, what to change."""
    if is_memory(error):
        reason = "" if not str(error) else f" ({one_line(error)})"
        return f"memory is used up{reason}; {_ADVICE[errno.ENOMEM]}, or ask for less at a time"
    assert isinstance(error, OSError)
    name = f"{_short(error.filename)}: " if error.filename else ""
    text = f"{name}{error.strerror or one_line(error)}"
    advice = _ADVICE.get(error.errno or 0)
    return f"{' '.join(text.split())}; {advice}" if advice else " ".join(text.split())


def exit_code(error: BaseException) -> int:
    """1 where the machine is at fault; 2 where another name or folder would do."""
    return 2 if isinstance(error, OSError) and error.errno not in _FAULTS else 1


def _short(name: object) -> str:
    """A path that a terminal can show."""
    text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
    return text if len(text) <= 200 else f"{text[:90]}...{text[-90:]}"
