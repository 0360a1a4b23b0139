"""Notes for the user from deep inside a sweep, such as a language model that gives no answer.

They become events of the sweep that runs in this thread; outside of one they go to standard error.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


def note(text: str) -> None:
    """Hand a line to the watcher of the sweep."""
    listener = _listener.get()
    if listener is None:
        sys.stderr.write(f"Note: {text}\n")
    else:
        listener(text)


@contextmanager
def notes_to(listener: Callable[[str], None]) -> Iterator[None]:
    """Hand every line of this thread to a listener meanwhile."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
