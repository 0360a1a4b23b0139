"""What the terminal shows while blocks end: a bar on a terminal, plain lines elsewhere."""

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from store.goodness import better
from sweeper.work import BlockDone

LINE_SECONDS = 5.0
"""How often a plain line is printed."""


class Progress:
    """Counts runs, and shows rate, time left, the best so far and failures.

        with Progress(console, planned, done, "sharpe") as progress:
            executor.run(run_block, work, blocks, watch=progress.update)

    Rate and time left go by the runs of this command, not by those found in the store.
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
            mode: "max" or "min", which metric is the better one.
            clock: seconds that only go forward.
        """
        self.done = done
        self.failed = 0
        self.best = math.nan
        self.best_label = ""
        self._console = console
        self._total = total
        self._found = done
        self._metric = metric
        self._highest = mode == "max"
        self._clock = clock
        self._began = self._told = clock()
        self._bar = _bar(console) if console.is_terminal else None

    def __enter__(self) -> Self:
        """Start the clock and show the bar."""
        self._began = self._told = self._clock()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task(self._text(), total=self._total)
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
        self.done += block.runs + block.failed + block.pruned
        self.failed += block.failed
        value = block.best_metric
        if better(value, self.best, self._highest):
            self.best, self.best_label = value, block.best_label
        if self._bar is not None or self._clock() - self._told >= LINE_SECONDS:
            self._show()

    @property
    def rate(self) -> float:
        """Runs per second of this command; 0 before the first."""
        seconds = self._clock() - self._began
        return (self.done - self._found) / seconds if seconds > 0 else 0.0

    def _show(self) -> None:
        self._told = self._clock()
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, description=self._text())
        else:
            self._console.print(self._text(), highlight=False, markup=False, soft_wrap=True)

    def _text(self) -> str:
        rate = self.rate
        share = 100 * self.done // self._total if self._total else 100
        left = _duration((self._total - self.done) / rate) if rate else "?"
        parts = [f"{self.done:,}/{self._total:,} runs ({share} %)", f"{left} left"]
        parts.append(f"{rate:,.0f} runs/s")
        if not math.isnan(self.best):
            parts.append(f"best {self._metric} {self.best:.4g} ({self.best_label})")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


def _bar(console: Console) -> Bar:
    text = TextColumn("{task.description}", markup=False)
    return Bar(BarColumn(bar_width=16), text, console=console, refresh_per_second=4)


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds: `1:02:05`, `0:07`."""
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{whole:02d}" if hours else f"{minutes}:{whole:02d}"
