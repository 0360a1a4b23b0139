"""Signals that end a sweep as Ctrl-C does: SIGTERM of a scheduler, SIGHUP of a closed terminal.

They raise `Stopped`, a KeyboardInterrupt, in the main thread: what is done is kept, the record says
interrupted, and the command ends with 128 + the number of the signal, as shells have it.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

StopT = TypeVar("StopT", bound=BaseException)
SIGNALS = (signal.SIGTERM, signal.SIGHUP)

_caught: list[int] = []
"""The signal that this process is ending for."""


class Stopped(KeyboardInterrupt):
    """A signal asked the sweep to end; the text is the signal's name."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def named(stop: StopT) -> StopT | Stopped:
    """The signal that a KeyboardInterrupt came of: Ray raises a plain one in its place."""
    if _caught and isinstance(stop, KeyboardInterrupt):
        return Stopped(_caught[0])
    return stop


def exit_code(stop: BaseException) -> int:
    """128 + the signal that stopped a sweep; of anything else that of Ctrl-C, 130."""
    return 128 + (stop.number if isinstance(stop, Stopped) else signal.SIGINT)


@contextmanager
def caught() -> Iterator[None]:
    """Have the signals raise `Stopped` meanwhile; one that is ignored, as by nohup, stays so.

    To be entered in the main thread, around a whole command.
    """
    _caught.clear()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heeded = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, _stop)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


@contextmanager
def kept() -> Iterator[None]:
    """Put back the handlers that a library, Ray above all, replaces as it starts.

    Ray's own ends the driver on SIGTERM with a C++ stack trace and an abort. Python's handlers are
    told apart only where ours are set: elsewhere everything stays as the library leaves it.
    """
    ours = [number for number in SIGNALS if signal.getsignal(number) is _stop]
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, _stop)


def _stop(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:  # the record is about to be saved: a second one would end that
        signal.signal(other, signal.SIG_IGN)
    _caught.append(number)
    raise Stopped(number)
