"""Dispatcher of blocks to workers: the one piece of shared state of a sweep on Ray.

Plain Python, so that it can be tested without Ray; `sweeper.executors.ray.executor` makes an actor
of it. Its memory is the blocks under way and the reports not collected yet, whatever the
plan's size. Reports are opaque bytes: unpickling them would import the whole kernel stack here.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_DEATHS = 3
"""A block is given up when this many workers died of it."""

WAIT = -1
"""Answer to a pull: nothing to do now, but a block under way may come back, or another round."""

OVER = -2
"""Answer to a pull: nothing to do, ever."""


@dataclass(frozen=True)
class News:
    """Events since the driver asked last.

    Attributes:
        reports: pickled results of finished blocks, oldest first, each handed over once.
        lost: block number -> reason, of all blocks given up so far.
        fault: traceback of our own fault, which ends the sweep; None when there is none.
        hopeless: why no worker can start or write, which ends it too; None when some can.
        over: every block that was added is finished or lost.
    """

    reports: list[bytes]
    lost: dict[int, str]
    fault: str | None
    hopeless: str | None
    over: bool


class Dispatcher:
    """Leases one block at a time to each worker and takes back those of the dead.

    A worker is known by its name and the badge it got when it joined. Once buried, its badge is
    worthless: should it still be alive on a node cut off from us, nothing it says counts.
    """

    def __init__(self, task: object) -> None:
        """Start with nothing to hand out.

        Args:
            task: handed to every worker unread; here it carries a reference to the bars.
        """
        self._fresh: Iterator[int] = iter(())
        self._task = task
        self._returned: deque[int] = deque()
        self._badges: dict[str, int] = {}
        self._joined = 0
        self._leases: dict[str, int] = {}
        self._deaths: Counter[int] = Counter()
        self._stillborn: Counter[str] = Counter()
        self._reports: list[bytes] = []
        self._lost: dict[int, str] = {}
        self._fault: str | None = None
        self._hopeless: str | None = None
        self._exhausted = self._closed = False

    def add(self, blocks: Sequence[int]) -> None:
        """Take distinct numbers >= 0 to hand out in this order, once those before are over."""
        self._fresh, self._exhausted = iter(blocks), False

    def close(self) -> None:
        """No more will be added: who asks for a block then is told that it is over."""
        self._closed = True

    def join(self, worker: str) -> tuple[int, object]:
        """The badge of a worker that has just started, and what it is to evaluate."""
        self._joined += 1
        self._badges[worker] = self._joined
        return self._joined, self._task

    def pull(self, worker: str, badge: int) -> int:
        """A block for this worker, which has finished the one before, or WAIT, or OVER."""
        ended = self._fault is not None or self._hopeless is not None
        if ended or self._badges.get(worker) != badge:
            return OVER
        self._stillborn.pop(worker, None)
        number = self._returned.popleft() if self._returned else next(self._fresh, None)
        if number is None:
            self._exhausted = True
            return OVER if self._closed and not self._leases else WAIT
        self._leases[worker] = number
        return number

    def finish(self, worker: str, badge: int, report: bytes) -> None:
        """Take the result of the block this worker holds."""
        if self._badges.get(worker) == badge:
            del self._leases[worker]
            self._reports.append(report)

    def bury(self, worker: str, reason: str) -> None:
        """A worker died: its block goes back, or is given up after MAX_DEATHS."""
        self._badges.pop(worker, None)
        number = self._leases.pop(worker, None)
        if number is None:
            self._stillborn[worker] += 1
            if self._stillborn[worker] >= MAX_DEATHS:
                self._hopeless = f"worker {worker} cannot start: {reason}"
            return
        self._deaths[number] += 1
        if self._deaths[number] >= MAX_DEATHS:
            self._lost[number] = reason
        else:
            self._returned.append(number)

    def blame(self, fault: str) -> None:
        """Record our own fault, the first one only; no block is handed out any more."""
        if self._fault is None:
            self._fault = fault

    def give_up(self, reason: str) -> None:
        """A worker's machine refuses, as a full disk does; no block is handed out any more."""
        self._hopeless = self._hopeless or reason

    def news(self) -> News:
        """Events since the last call."""
        reports, self._reports = self._reports, []
        over = self._exhausted and not self._returned and not self._leases
        return News(reports, dict(self._lost), self._fault, self._hopeless, over)
