"""A sweep in the background, for programs that go on meanwhile: web services, async code.

running = start("strategy=sma", "params.fast=range(5,60)", on_event=print)
running.snapshot.line           # 300/1,000 runs (30 %), 0:14 left, ...
running.cancel()                # ends within a block; the same words go on from there
experiment = running.result()   # or: await running
"""

import asyncio
import atexit
import threading
import weakref
from collections.abc import Generator
from concurrent.futures import Future

from store.records.experiment import Experiment
from sweeper.run.cancel import Cancel
from sweeper.run.events import AlreadyDone, Event, Planned, Watch, to_all, unwatched
from sweeper.run.tally import Snapshot, Tally
from sweeper.sweep import sweep

EXIT_SECONDS = 10.0
"""Time that a program's end leaves to sweeps of it that still run, to stop and say so."""

_running: "weakref.WeakSet[RunningSweep]" = weakref.WeakSet()


def start(*overrides: str, output: str = "none", on_event: Watch | None = None) -> "RunningSweep":
    """Start the experiment that overrides describe, in a thread of its own.

    Several may run at once; those that use Ray take turns. When the program ends before them they
    are cancelled.

    Args:
        overrides: as of `sweeper.sweep.sweep`.
        output: none, table or json; the latter two print from that thread.
        on_event: called with each event of `sweeper.run.events`, in that thread; in async code
            `loop.call_soon_threadsafe` hands them on.

    Returns:
        Its handle; bad input is raised by `result()`, and arrives as the event `Failed`.
    """
    return RunningSweep(overrides, output, on_event or unwatched)


class RunningSweep:
    """Handle of a sweep that `start` has started."""

    def __init__(self, overrides: tuple[str, ...], output: str, on_event: Watch) -> None:
        self._cancel = Cancel()
        self._tally = Tally()
        self._id: str | None = None
        self._future: Future[Experiment] = Future()
        watch = to_all(self._note, self._tally, on_event)
        self._thread = threading.Thread(
            target=self._run, args=(overrides, output, watch), name="sweep", daemon=True
        )
        _running.add(self)
        self._thread.start()

    @property
    def id(self) -> str | None:
        """Id of its experiment; None until its plan stands."""
        return self._id

    @property
    def snapshot(self) -> Snapshot:
        """Progress of the sweep: runs, rate, time left, the best so far."""
        return self._tally.snapshot

    @property
    def done(self) -> bool:
        """True when the sweep has ended, in whatever way."""
        return self._future.done()

    def cancel(self) -> None:
        """Ask it to end: within a block, nothing half written; the same words go on from there.

        Returns at once; `result()` raises Interrupted when it has ended. While files are merged or
        Ray starts, that is done first. Without effect on one that has ended.
        """
        self._cancel.set()

    def result(self, timeout: float | None = None) -> Experiment:
        """Wait for its end and return its record.

        Args:
            timeout: seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: it still runs.
            Interrupted: it was cancelled; what is done stays.
            ValueError: bad input; and the other errors of `sweeper.sweep.sweep`.
        """
        return self._future.result(timeout)

    def __await__(self) -> Generator[object, None, Experiment]:
        """Wait for its end in async code; a task that is cancelled meanwhile cancels the sweep."""
        return self._wait().__await__()

    async def _wait(self) -> Experiment:
        ended = asyncio.wrap_future(self._future)
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            self.cancel()
            await asyncio.wait([ended])  # its workers have gone when the task has
            ended.exception()  # Interrupted: taken, or asyncio would report it
            raise
        return ended.result()

    def _run(self, overrides: tuple[str, ...], output: str, watch: Watch) -> None:
        try:
            experiment = sweep(*overrides, output=output, on_event=watch, cancel=self._cancel)
        except BaseException as error:  # noqa: BLE001 -- result() raises it
            self._future.set_exception(error)
        else:
            self._future.set_result(experiment)

    def _note(self, event: Event) -> None:
        if isinstance(event, Planned | AlreadyDone):
            self._id = event.experiment.id

    def _end(self) -> None:
        """Wait for its thread."""
        self._thread.join(EXIT_SECONDS)


@atexit.register
def _cancel_all() -> None:
    """At the end of the program: a thread that went on would be cut off anywhere."""
    left = list(_running)
    for running in left:
        running.cancel()
    for running in left:
        running._end()
