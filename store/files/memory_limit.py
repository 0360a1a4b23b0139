"""The limit on a process's memory, looked at before any library is loaded."""

import sys

NEEDED = 1_200 * 1024**2
"""Bytes of address space that the libraries take, and a small sweep."""


def require_memory() -> None:
    """End the process in one line where its memory is limited to less than the libraries take.

    They would end with a traceback of their own, or never. With exit code 1: the machine's fault.
    """
    try:
        import resource  # late: not there on Windows, which has no such limit either
    except ImportError:
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY and limit < NEEDED:
        sys.stderr.write(
            f"memory: this process may have {limit // 1024**2:,} MiB of address space, and needs "
            f"{NEEDED // 1024**2:,} at least; raise the limit: ulimit -v {NEEDED // 1024}\n"
        )
        sys.exit(1)
