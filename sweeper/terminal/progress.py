"""Progress on the terminal while blocks end: a bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from sweeper.evaluate.block_task import BlockDone
from sweeper.run.tally import Tally

LINE_SECONDS = 5.0
"""How often a plain line is printed."""


class Progress:
    """Shows runs, rate, time left, the best so far and failures.

    with Progress(console, planned, done, "sharpe") as progress:
        executor.run(run_block, work, blocks, watch=progress.update)
    """

    def __init__(
        self,
        console: Console,
        total: int,
        done: int,
        metric: str,
        mode: str = "max",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say what there is to do.

        Args:
            console: where to print.
            total: runs of the whole plan.
            done: those in the store already.
            metric: name of the search metric.
            mode: "max" or "min", which end of the metric is best.
            clock: seconds that only go forward.
        """
        self.tally = Tally(total, done, metric, mode, clock)
        self._console, self._total, self._clock = console, total, clock
        self._restart = (total, done, metric, mode)
        self._shown, self._last = clock(), (0, 0)
        self._bar = _bar(console) if console.is_terminal else None

    def __enter__(self) -> Self:
        """Start the clock and show the bar."""
        self.tally.start(*self._restart)
        self._shown = self._clock()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self.tally.snapshot.line, total=self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen, however it ended."""
        self._show()
        if self._bar is not None:
            self._bar.stop()

    def update(self, block: BlockDone) -> None:
        """Count a finished block."""
        self.tally.add(block)
        if self._bar is not None or self._clock() - self._shown >= LINE_SECONDS:
            self._show()

    def _show(self) -> None:
        self._shown = self._clock()
        snapshot = self.tally.snapshot
        counts = snapshot.done, snapshot.failed
        if self._bar is not None:
            self._bar.update(self._task, completed=snapshot.done, description=snapshot.line)
        elif counts != self._last or not snapshot.done:
            self._last = counts
            self._console.print(snapshot.line, highlight=False, markup=False, soft_wrap=True)


def _bar(console: Console) -> Bar:
    text = TextColumn("{task.description}", markup=False)
    return Bar(BarColumn(bar_width=16), text, console=console, refresh_per_second=4)
