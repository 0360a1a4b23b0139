"""Progress of a sweep in a notebook or a terminal: one line, updated in the caller's thread."""

import sys
from typing import Any

from store.files.foreign_text import shown
from sweeper.run.events import Event, Noted
from sweeper.run.tally import Snapshot


class Progress:
    """A line that follows a sweep; silent without a viewer: in a script, a pipe or a test."""

    SECONDS = 0.25
    """Between two updates."""

    def __init__(self, wanted: bool) -> None:
        self._notes: list[str] = []
        self._display = _display() if wanted else None
        self._terminal = wanted and self._display is None and sys.stderr.isatty()

    def note(self, event: Event) -> None:
        """Keep a line for the user that the sweep emits."""
        if isinstance(event, Noted):
            self._notes.append(event.text)

    def show(self, snapshot: Snapshot) -> None:
        """Show how far it is."""
        if self._display is not None:
            self._display.update({"text/plain": self._text(snapshot)}, raw=True)
        elif self._terminal:
            sys.stderr.write(f"\r\x1b[K{shown(snapshot.line)[:110]}")
            sys.stderr.flush()

    def end(self, snapshot: Snapshot) -> None:
        """Leave a last line, with the notes that came."""
        self.show(snapshot)
        if self._terminal:
            sys.stderr.write("\n" + "".join(f"Note: {shown(note)}\n" for note in self._notes))

    def _text(self, snapshot: Snapshot) -> str:
        return "\n".join([snapshot.line, *(f"Note: {note}" for note in self._notes)])


def _display() -> Any:
    """A place in the notebook's output; None outside one."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython  # late: only where it has been imported
    from IPython.display import display

    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    handle: object = display({"text/plain": "Planning"}, raw=True, display_id=True)  # type: ignore[no-untyped-call]
    return handle
