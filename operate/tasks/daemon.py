"""Daemon: run-due at a fixed pace, in one process, until it is told to stop."""

import signal
import threading
from collections.abc import Callable

from operate.records.clock import iso
from operate.records.desk import Place
from operate.tasks.run_due import run_due


def daemon(
    place: Callable[[], Place], every: float, ticks: int | None, say: Callable[[str], None]
) -> int:
    """Run what is due every `every` seconds; the number of tasks that failed.

    Args:
        place: the surroundings, with the clock's time, made for each tick.
        every: seconds between ticks, above 0.
        ticks: after which it ends; None: SIGTERM and SIGINT end it, after the task at hand.
        say: takes a line per task that has run.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    failed = count = 0
    while not stop.is_set():
        here = place()
        for ran in run_due(here):
            failed += not ran.ok
            say(f"{iso(here.now)} {ran.name}: {'done' if ran.ok else 'FAILED'}: {ran.sentence}")
        count += 1
        if ticks is not None and count >= ticks:
            break
        stop.wait(every)
    return failed
