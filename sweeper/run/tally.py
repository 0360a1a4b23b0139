"""Counts of a sweep under way: runs, rate, time left, the best so far; a watcher of its events."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from store.runs.metric_order import better
from store.terminal.metric_text import rate_text
from sweeper.evaluate.block_task import BlockDone
from sweeper.run.events import Event, Started


@dataclass(frozen=True)
class Snapshot:
    """Progress of a sweep at one moment.

    Attributes:
        done: runs that are over, those of earlier commands included.
        total: runs of the plan; 0 before it is known.
        failed: runs that became error rows in this command.
        rate: runs a second of this command.
        seconds_left: at that rate; None before the first block.
        metric: the search metric.
        best: best value of it in this command; None while there is none.
        best_label: its configuration in words.
    """

    done: int
    total: int
    failed: int
    rate: float
    seconds_left: float | None
    metric: str
    best: float | None
    best_label: str

    @property
    def line(self) -> str:
        """All of it in one line: `300/1,000 runs (30 %), 0:14 left, ...`."""
        share = 100 * self.done // self.total if self.total else 100
        left = "?" if self.seconds_left is None else clock_text(self.seconds_left)
        parts = [f"{self.done:,}/{self.total:,} runs ({share} %)", f"{left} left"]
        parts.append(f"{rate_text(self.rate)} runs/s")
        if self.best is not None:
            parts.append(f"best {self.metric} {self.best:.4g} ({self.best_label})")
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        return ", ".join(parts)


class Tally:
    """Counts the runs of a sweep.

    Rate and time left go by the runs of this command, not by those that were in the store before.
    """

    def __init__(
        self,
        total: int = 0,
        done: int = 0,
        metric: str = "",
        mode: str = "max",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start to count.

        Args:
            total: runs of the whole plan.
            done: those in the store already.
            metric: name of the search metric.
            mode: "max" or "min", which end of the metric is best.
            clock: seconds that only go forward.
        """
        self._clock = clock
        self.start(total, done, metric, mode)

    def start(self, total: int, done: int, metric: str, mode: str) -> None:
        """Count from here; the arguments are those of the class."""
        self._total, self._before, self._done, self._failed = total, done, done, 0
        self._metric, self._highest = metric, mode == "max"
        self._best, self._best_label = math.nan, ""
        self._began = self._clock()

    def __call__(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Started):
            self.start(event.planned, event.over, event.metric, event.mode)
        elif isinstance(event, BlockDone):
            self.add(event)

    def add(self, block: BlockDone) -> None:
        """Count a finished block."""
        self._done += block.runs + block.failed + block.pruned
        self._failed += block.failed
        if better(block.best_metric, self._best, self._highest):
            self._best, self._best_label = block.best_metric, block.best_label

    @property
    def snapshot(self) -> Snapshot:
        """Progress of the sweep now."""
        seconds = self._clock() - self._began
        rate = (self._done - self._before) / seconds if seconds > 0 else 0.0
        return Snapshot(
            done=self._done,
            total=self._total,
            failed=self._failed,
            rate=rate,
            seconds_left=(self._total - self._done) / rate if rate else None,
            metric=self._metric,
            best=None if math.isnan(self._best) else self._best,
            best_label=self._best_label,
        )


def clock_text(seconds: float) -> str:
    """Hours, minutes and seconds: `1:02:05`, `0:07`."""
    minutes, whole = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{whole:02d}" if hours else f"{minutes}:{whole:02d}"
