"""What the terminal shows while blocks end: a bar on a terminal, plain lines elsewhere."""

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from sweeper.executors import Done

LINE_SECONDS = 5.0
"""How often a plain line is printed."""


class Progress:
    """Counts runs, and shows rate, time left, the best so far and failures.

        with Progress(total=160_000, metric="sharpe") as progress:
            executor.run(run_block, work, blocks, watch=progress.update)

    The rate is that of this command: runs that were in the store before are not counted.
    """

    def __init__(
        self,
        total: int,
        metric: str,
        mode: str = "max",
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say what there is to do.

        Args:
            total: runs, >= 0.
            metric: name of the search metric.
            mode: "max" or "min", which metric is the better one.
            console: where to print; None is the terminal's standard error.
            clock: seconds that only go forward.
        """
        self.done = 0
        self.failed = 0
        self.best = math.nan
        self.best_label = ""
        self._total = total
        self._metric = metric
        self._sign = 1.0 if mode == "max" else -1.0
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._began = self._told = clock()
        self._bar = _bar(self._console) if self._console.is_terminal else None

    def __enter__(self) -> Self:
        """Start the clock and show the bar."""
        self._began = self._told = self._clock()
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("runs", total=self._total, text=self._text())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last state on the screen, however it ended."""
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, text=self._text(), refresh=True)
            self._bar.stop()
        else:
            self._print_line()

    def update(self, block: Done) -> None:
        """Count a finished block."""
        self.done += block.runs
        self.failed += block.failed
        worse = math.isnan(self.best) or block.best_metric * self._sign > self.best * self._sign
        if not math.isnan(block.best_metric) and worse:
            self.best, self.best_label = block.best_metric, block.best_label
        if self._bar is not None:
            self._bar.update(self._task, completed=self.done, text=self._text())
        elif self._clock() - self._told >= LINE_SECONDS:
            self._print_line()

    @property
    def rate(self) -> float:
        """Runs per second since the start; 0 before the first."""
        seconds = self._clock() - self._began
        return self.done / seconds if seconds > 0 else 0.0

    def _print_line(self) -> None:
        self._told = self._clock()
        share = 100 * self.done / self._total if self._total else 100.0
        left = _duration((self._total - self.done) / self.rate) if self.rate else "?"
        self._console.print(
            f"{self.done:,}/{self._total:,} runs ({share:.0f} %), {left} left, {self._text()}",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )

    def _text(self) -> str:
        parts = [f"{self.rate:,.0f} runs/s"]
        if not math.isnan(self.best):
            parts.append(f"best {self._metric} {self.best:.4g} ({self.best_label})")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


def _bar(console: Console) -> Bar:
    return Bar(
        BarColumn(bar_width=24),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f} runs"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        console=console,
        refresh_per_second=4,
    )


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds: `1:02:05`, `0:07`."""
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{whole:02d}" if hours else f"{minutes}:{whole:02d}"
