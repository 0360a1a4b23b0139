"""Numbered work spread over the cores of this machine: for packages that import no executor."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool
from typing import TypeVar

_Result = TypeVar("_Result")
_work: Callable[[int], object] | None = None
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_cores(
    work: Callable[[int], _Result], count: int, workers: int | None = None
) -> Iterator[_Result]:
    """Results of work on the numbers 0, 1, ... count - 1, in that order.

    The processes are forked from this one, so that `work` may hold anything; what it returns is
    pickled. Where nothing can be forked, or with one worker, it is done in this process. Leaving
    the iterator early ends the processes.

    Args:
        work: gives the same for a number wherever it runs; no state is shared.
        count: of the numbers.
        workers: processes; None: one per core.

    Raises:
        Exception: the first that `work` raises.
    """
    workers = min(cores() if workers is None else workers, count)
    if workers < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, range(count))
        return
    with _forked(workers, work) as pool:
        yield from pool.imap(_run, range(count))


def _forked(workers: int, work: Callable[[int], object]) -> Pool:
    """A pool of processes that have adopted the work.

    Signals are held back until they have: a child that is not settled would take one as its
    parent would, raise, and go on as a second parent. The pool's own threads inherit the mask, and
    with it what they fork later.
    """
    with _no_signals():
        return multiprocessing.get_context("fork").Pool(workers, _adopt, (work,))


@contextmanager
def _no_signals() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _adopt(work: Callable[[int], object]) -> None:
    """Take over the work in a forked process.

    Ctrl-C is for the process that waits. That one ends this by SIGTERM, for which it may have a
    handler of its own, such as Ray's: inherited, it would keep this process alive.
    """
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


def _run(number: int) -> object:
    assert _work is not None
    return _work(number)
