"""Cancellation of a sweep by another thread: a flag that the sweep looks at between its steps."""

import threading


class Cancelled(KeyboardInterrupt):
    """The flag is set: the sweep ends as after Ctrl-C, in whatever thread it runs."""

    def __init__(self) -> None:
        super().__init__("cancel()")


class Cancel:
    """Set by anyone, from any thread, once."""

    def __init__(self) -> None:
        self._flag = threading.Event()

    def set(self) -> None:
        """Ask the sweep to end: blocks under way are dropped or finished, none is half written."""
        self._flag.set()

    @property
    def is_set(self) -> bool:
        """True when the sweep was asked to end."""
        return self._flag.is_set()

    def check(self) -> None:
        """Raise Cancelled when it was asked to end."""
        if self._flag.is_set():
            raise Cancelled
