"""A daemon over a hundred profiles: idle between bars, and no larger after many ticks."""

import os
from pathlib import Path

import pytest

from operate.records.clock import now_of
from operate.records.desk import Place
from operate.tasks import queue
from operate.tasks.queue import Task
from operate.tasks.run_due import run_due

TICKS = int(os.environ.get("SWEEPER_TICKS", "400"))
"""10,000 of them show it in full: SWEEPER_TICKS=10000."""
PROFILES = 100


def resident():
    """Bytes of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.kill
def test_the_queue_of_a_hundred_profiles_stays_small(operated):
    """A tick a minute: one in sixty finds tasks that are due, the others nothing to do."""
    begin = Place(operated.desk, now_of("2024-03-10T12:00Z"))
    for number in range(PROFILES):
        queue.add(begin, Task(f"watch{number}", "notify", f"p{number}", "hourly"))
    ran, sizes = 0, []
    for tick in range(TICKS):
        at = begin.now + tick * (now_of("2024-03-10T12:01Z") - begin.now)
        ran += len(run_due(Place(begin.desk, at)))
        if tick >= TICKS // 4:
            sizes.append(resident())
    assert ran == PROFILES * -(-TICKS // 60)
    assert max(sizes) - sizes[0] < 8 * 2**20
