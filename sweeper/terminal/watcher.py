"""Events of a sweep on the terminal: its plan, its progress, its leaderboard."""

from contextlib import ExitStack

from rich.console import Console

from store.files.foreign_text import Screen
from sweeper.evaluate.block_task import BlockDone
from sweeper.run.events import (
    AlreadyDone,
    Event,
    Finished,
    Merging,
    Noted,
    Planned,
    Started,
    Watch,
    unwatched,
)
from sweeper.terminal.outcome import SLOW_TO_RANK, show_outcome
from sweeper.terminal.preflight import show_preflight
from sweeper.terminal.progress import Progress


def shown_as(output: str) -> Watch:
    """The watcher for `output=table`, `json` or `none`."""
    return unwatched if output == "none" else Terminal(output)


class Terminal:
    """A watcher that prints; with `output=json` words go to standard error."""

    def __init__(self, output: str = "table", console: Console | None = None) -> None:
        self._output = output
        self._console = console or Screen(stderr=output == "json")
        self._progress: Progress | None = None
        self._bar = ExitStack()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, BlockDone) and self._progress is not None:
            self._progress.update(event)
            return
        if isinstance(event, Noted):
            self._console.print(f"Note: {event.text}", soft_wrap=True, markup=False)
            return
        self._bar.close()  # whatever else comes, the blocks have ended
        self._progress = None
        self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case Planned():
                show_preflight(self._console, event)
                if event.dry_run:
                    self._print(
                        "Dry run: nothing was run or written; leave out dry_run=true to start"
                    )
            case Started():
                progress = Progress(
                    self._console, event.planned, event.over, event.metric, event.mode
                )
                self._progress = self._bar.enter_context(progress)
            case Merging() if event.runs >= SLOW_TO_RANK:
                self._print(f"Merging {event.runs:,} runs into one file ...")
            case AlreadyDone():
                self._print(
                    f"{event.experiment.id} holds all of these runs; force=true runs them again"
                )
            case Finished():
                show_outcome(self._console, event, self._output)
            case _:
                pass  # how a sweep was stopped or failed is said by who gets the error

    def _print(self, text: str) -> None:
        self._console.print(text)
