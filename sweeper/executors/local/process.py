"""A worker process: forked from this one, fed block by block through a pair of sockets.

A fork takes 10 ms and starts with kernels compiled, bars loaded and modules imported. It is safe
where nothing that another thread was doing is needed: the compiler's lock is held across the fork,
a child starts no thread of Arrow's or duckdb's that its parent had, and it ends without running
what its parent has planned for its own end.
"""

import ctypes
import gc
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from typing import Any, Never

import pyarrow as pa
from numba.core.compiler_lock import global_compiler_lock

from store.files import machine_errors
from sweeper.executors import DoneT, WorkT

READY, DONE, REFUSED, FAULT = "ready", "done", "refused", "fault"
"""Messages of a worker: it has started; it ended a block well; the machine refused; a fault."""

_DIES_WITH_ITS_PARENT, _ITS_NAME = 1, 15
"""Options of Linux's prctl."""

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD}

_ours: set[Connection] = set()
"""This process's ends of the sockets to all workers, which no worker may keep open."""


class WorkerProcess:
    """A forked process, as the one that forked it sees it.

    Attributes:
        name: of the slot it works in; the operating system shows the first 15 characters.
        pid: of the process.
        connection: to it; readable when it has a message or is dead.
    """

    def __init__(self, name: str, evaluate: Callable[[WorkT, int], DoneT], work: WorkT) -> None:
        """Fork; raises OSError where the machine allows no further process."""
        self.name = name
        parent = os.getpid()
        self.connection, theirs = Pipe()
        _ours.add(self.connection)
        _flush()  # or the child would write it a second time
        with _no_signals():
            try:
                self.pid = _fork()
            except OSError:
                self.close()
                theirs.close()
                raise
            if self.pid == 0:
                _live(parent, name, theirs, evaluate, work)
        theirs.close()

    def send(self, number: int) -> None:
        """Hand it a block; one that is dead is noticed when it is heard."""
        with suppress(OSError):
            self.connection.send(number)

    def hear(self) -> tuple[str, Any] | None:
        """The next message of the process; None when it is dead."""
        try:
            kind, content = self.connection.recv()
        except (EOFError, OSError):
            return None
        return kind, content

    def bury(self) -> str:
        """Cause of death, for the user; the process is gone afterwards."""
        self.close()
        try:
            _, status = os.waitpid(self.pid, 0)
        except ChildProcessError:  # a program around us reaps all
            return "its process is gone"
        if os.WIFSIGNALED(status):
            return f"its process was ended by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"its process ended with code {os.waitstatus_to_exitcode(status)}"

    def kill(self) -> None:
        """End it at once; a file that it is writing keeps its temporary name."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close the connection: a worker that is idle ends."""
        _ours.discard(self.connection)
        self.connection.close()


@contextmanager
def _no_signals() -> Iterator[None]:
    """Hold signals back: a child that is not settled would take them for its parent's."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork() -> int:
    """Fork while no other thread compiles: its lock would stay locked in the child for good."""
    with warnings.catch_warnings(), global_compiler_lock:
        warnings.simplefilter("ignore", DeprecationWarning)  # threads: see above
        return os.fork()


def _live(
    parent: int,
    name: str,
    connection: Connection,
    evaluate: Callable[[WorkT, int], DoneT],
    work: WorkT,
) -> Never:
    """The whole life of a worker, which never returns into the code that forked it."""
    code = 1
    try:
        _settle(parent, name)
        connection.send((READY, None))
        while True:
            answer = _answer(evaluate, work, connection.recv())
            _flush()
            connection.send(answer)
    except EOFError:
        code = 0  # no more to do
    except OSError:
        pass  # its parent has gone
    finally:
        os._exit(code)


def _settle(parent: int, name: str) -> None:
    """Become a process of its own: signals, sockets, threads, garbage."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the parent
    for number in _SIGNALS - {signal.SIGINT}:
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    if sys.platform == "linux":
        control = ctypes.CDLL(None).prctl
        control(_DIES_WITH_ITS_PARENT, signal.SIGKILL, 0, 0, 0)
        control(_ITS_NAME, name.encode(errors="replace"), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    for connection in _ours:
        connection.close()
    gc.freeze()  # looking for garbage among the parent's objects would copy their pages
    pa.set_cpu_count(1)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or none at all
            stream.flush()


def _answer(
    evaluate: Callable[[WorkT, int], DoneT], work: WorkT, number: int
) -> tuple[str, DoneT | str]:
    try:
        return DONE, evaluate(work, number)
    except machine_errors.REFUSALS as error:
        return REFUSED, f"block {number}: {machine_errors.line(error)}"
    except Exception:  # noqa: BLE001 -- the parent raises it, with this traceback
        return FAULT, f"block {number}: {traceback.format_exc()}"
