"""Numbered work on several processes gives what one gives, in order."""

import multiprocessing
import os
import signal
from contextlib import suppress

import pytest

from sweeper import spread
from sweeper.spread import cores, over_cores


@pytest.mark.parametrize("workers", [1, 2, 5, None])
def test_results_come_in_order_whatever_the_processes(workers):
    held = {number: number**2 for number in range(40)}
    found = list(over_cores(lambda number: held[number], 40, workers))
    assert found == list(held.values())
    assert list(over_cores(lambda number: number, 0, workers)) == []


def test_two_workers_are_other_processes():
    found = set(over_cores(lambda number: os.getpid(), 8, 2))
    assert os.getpid() not in found
    assert cores() >= 1


def test_what_the_work_raises_comes_out():
    def failing(number):
        if number == 3:
            raise ValueError("third")
        return number

    with pytest.raises(ValueError, match="third"):
        list(over_cores(failing, 9, 2))


def test_leaving_early_ends_the_processes():
    results = over_cores(lambda number: number, 10_000, 2)
    assert [next(results), next(results)] == [0, 1]
    results.close()


def test_a_handler_of_ours_does_not_keep_the_processes_alive():
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        assert list(over_cores(lambda number: number, 4, 2)) == [0, 1, 2, 3]
        assert multiprocessing.active_children() == []
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_process_ended_before_it_has_the_work_does_not_take_it_as_its_parent_would(
    tmp_path, monkeypatch
):
    """It would raise, in a copy of its parent's stack, and go on as a second parent."""
    ended, heard, adopt = tmp_path / "ended", tmp_path / "heard", spread._adopt

    def end_the_first(work):
        with suppress(FileExistsError):
            ended.touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGTERM)
        adopt(work)

    monkeypatch.setattr(spread, "_adopt", end_the_first)
    before = signal.signal(signal.SIGTERM, lambda *_: heard.touch())
    try:
        assert list(over_cores(lambda number: number, 4, 2)) == [0, 1, 2, 3]
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.exists()
    assert not heard.exists()
