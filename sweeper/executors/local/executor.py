"""Evaluate blocks in forked processes of this machine: the cores of one machine without Ray.

It starts in 0.1 s where Ray takes 7 (docs/benchmarks.md). Blocks are leased by the same dispatcher
as on Ray, so deaths, retries and blocks that are given up follow the same rules.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from typing import Any

from sweeper.executors import BlockFault, ClusterLost, DoneT, GaveUp, WorkT
from sweeper.executors.dispatcher import OVER, WAIT, Dispatcher
from sweeper.executors.local.process import DONE, FAULT, READY, REFUSED, WorkerProcess

CHECK_SECONDS = 0.2
"""How often a wait for workers asks whether the sweep was cancelled."""

NAME_CHARACTERS = 12
"""Of a worker's name before its number: Linux keeps 15."""


class LocalExecutor:
    """One process per core, for as long as the run lasts."""

    def __init__(
        self, workers: int, label: str = "sweep", check: Callable[[], None] = lambda: None
    ) -> None:
        """Say how to run; nothing starts yet.

        Args:
            workers: processes.
            label: they are named `<label>-00`, `<label>-01`, ... as `ps -o comm` and `top` show.
            check: called several times a second; what it raises ends the run.
        """
        self._workers = workers
        self._label = re.sub(r"[^\w.-]+", "-", label)[:NAME_CHARACTERS]
        self._check = check

    def run(
        self,
        evaluate: Callable[[WorkT, int], DoneT],
        work: WorkT,
        rounds: Iterable[Sequence[int]],
        watch: Callable[[DoneT], None],
    ) -> None:
        """Evaluate every block of every round once; see `sweeper.executors.Executor`."""
        only = isinstance(rounds, list) and len(rounds) == 1
        to_come = (blocks for blocks in rounds if blocks)
        first = next(to_come, None)
        if first is None:
            return
        workers = min(self._workers, len(first)) if only else self._workers
        with _pool(lambda name: WorkerProcess(name, evaluate, work)) as pool:
            for slot in range(workers):
                pool.start(f"{self._label}-{slot:02d}")
            news = pool.work_off(itertools.chain([first], to_come), watch, self._check)
        if news.lost:
            raise GaveUp(news.lost)


@contextmanager
def _pool(fork: Callable[[str], WorkerProcess]) -> "Iterator[_Pool]":
    """A pool whose processes are gone at the end, however it comes."""
    pool = _Pool(fork)
    try:
        yield pool
    except BaseException:
        for worker in pool.workers.values():
            worker.kill()
        raise
    finally:
        for worker in pool.workers.values():
            worker.bury()


class _Pool:
    """Processes at work, and the dispatcher that says what each does.

    Attributes:
        workers: that are alive, by their connections.
    """

    def __init__(self, fork: Callable[[str], WorkerProcess]) -> None:
        self.workers: dict[Any, WorkerProcess] = {}
        self._fork = fork
        self._dispatcher = Dispatcher(None)
        self._badges: dict[str, int] = {}
        self._idle: list[WorkerProcess] = []

    def start(self, name: str) -> None:
        """Fork a worker; with others at work it may fail, and those do it all.

        Raises:
            ClusterLost: there is none.
        """
        try:
            worker = self._fork(name)
        except OSError as error:
            if not self.workers:
                raise ClusterLost(
                    f"no worker process can be started ({error.strerror}); close other programs, "
                    "or give executor=inline"
                ) from error
            return
        self.workers[worker.connection] = worker

    def work_off(
        self,
        rounds: Iterator[Sequence[int]],
        watch: Callable[[Any], None],
        check: Callable[[], None],
    ) -> Any:
        """Have every block of the rounds done, and `watch` told; the dispatcher's last news.

        Raises:
            BlockFault: a block raised.
            ClusterLost: the machine refuses to go on.
        """
        self._dispatcher.add(next(rounds))
        while True:
            self._feed()
            ready = wait(list(self.workers), CHECK_SECONDS)
            for connection in ready:
                assert isinstance(connection, Connection)
                self._hear(self.workers[connection])
            self._feed()  # before `watch`, which takes its time
            news = self._dispatcher.news()
            for report in news.reports:
                watch(report)
            if news.fault is not None:
                raise BlockFault(news.fault)
            if news.hopeless is not None:
                raise ClusterLost(news.hopeless)
            check()
            if news.over:
                blocks = next(rounds, None)
                if blocks is None:
                    return news
                self._dispatcher.add(blocks)

    def _hear(self, worker: WorkerProcess) -> None:
        message = worker.hear()
        if message is None:
            self._replace(worker)
            return
        kind, content = message
        name = worker.name
        if kind == READY:
            self._badges[name], _ = self._dispatcher.join(name)
        elif kind == DONE:
            self._dispatcher.finish(name, self._badges[name], content)
        elif kind == REFUSED:
            self._dispatcher.give_up(content)
        elif kind == FAULT:
            self._dispatcher.blame(content)
        self._idle.append(worker)

    def _replace(self, worker: WorkerProcess) -> None:
        """A worker died: another takes its slot."""
        del self.workers[worker.connection]
        if worker in self._idle:
            self._idle.remove(worker)
        self._dispatcher.bury(worker.name, worker.bury())
        self.start(worker.name)

    def _feed(self) -> None:
        """Hand blocks to workers that have none, as far as there are any."""
        while self._idle:
            worker = self._idle[-1]
            number = self._dispatcher.pull(worker.name, self._badges[worker.name])
            if number in (WAIT, OVER):
                return
            self._idle.pop()
            worker.send(number)
