"""Handle of a sweep in the background: progress, cancellation, async code, the program's end."""

import asyncio
import subprocess
import sys
import threading

import pytest

from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.handle import start
from sweeper.run.events import BlockDone, Finished
from sweeper.sweep import sweep

WORDS = ("executor=inline", "params.fast=range(5,25)", "params.slow=range(30,60)")


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 50)


def rows(root):
    return encode(Results(root).runs().drop_columns(["experiment_id"]).combine_chunks())


class Gate:
    """Holds a sweep at its first block until it is opened."""

    def __init__(self):
        self.reached, self.opened = threading.Event(), threading.Event()
        self.events = []

    def __call__(self, event):
        self.events.append(event)
        if isinstance(event, BlockDone):
            self.reached.set()
            assert self.opened.wait(60)


def test_its_rows_are_those_of_the_command_and_it_says_nothing(tmp_path, capfd):
    events = []
    running = start(*WORDS, f"store.root={tmp_path / 'handle'}", on_event=events.append)
    experiment = running.result()
    assert capfd.readouterr() == ("", "")
    sweep(*WORDS, f"store.root={tmp_path / 'call'}", output="none")
    assert capfd.readouterr() == ("", "")
    assert rows(tmp_path / "handle") == rows(tmp_path / "call")
    assert isinstance(events[-1], Finished)
    assert (running.done, running.id) == (True, experiment.id)
    assert running.snapshot.done == running.snapshot.total == experiment.counts["done"]


def test_a_cancelled_one_keeps_what_is_done_and_goes_on(tmp_path, small_blocks):
    gate = Gate()
    running = start(*WORDS, f"store.root={tmp_path}", on_event=gate)
    assert gate.reached.wait(60)
    assert not running.done
    with pytest.raises(TimeoutError):
        running.result(timeout=0.01)
    running.cancel()
    gate.opened.set()
    with pytest.raises(Interrupted, match=r"Stopped by cancel\(\)\. .* runs are kept in exp-"):
        running.result(60)
    assert sum(isinstance(event, BlockDone) for event in gate.events) == 1
    again = start(*WORDS, f"store.root={tmp_path}").result()
    assert again.id == running.id
    assert again.status == "done"


def test_bad_input_is_raised_by_the_result(tmp_path):
    running = start("params.fats=3,4", f"store.root={tmp_path}")
    with pytest.raises(ValueError, match="strategy sma has no such parameter"):
        running.result(60)
    assert running.id is None


def test_async_code_awaits_two_and_hears_their_events_in_its_loop(tmp_path):
    async def main():
        loop, events = asyncio.get_running_loop(), asyncio.Queue()
        first, second = (
            start(
                *WORDS,
                f"store.root={tmp_path / name}",
                on_event=lambda event: loop.call_soon_threadsafe(events.put_nowait, event),
            )
            for name in ("first", "second")
        )
        return await first, await second, events

    first, second, events = asyncio.run(main())
    assert first.status == second.status == "done"
    assert sum(isinstance(events.get_nowait(), Finished) for _ in range(events.qsize())) == 2


def test_a_cancelled_task_cancels_its_sweep(tmp_path, small_blocks):
    gate = Gate()

    async def main():
        running = start(*WORDS, f"store.root={tmp_path}", on_event=gate)

        async def wait():
            return await running

        task = asyncio.create_task(wait())
        await asyncio.to_thread(gate.reached.wait, 60)
        task.cancel()
        await asyncio.sleep(0)
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return running.done

    assert asyncio.run(main())
    assert [each.status for each in experiments.every(tmp_path)] == ["interrupted"]


PROGRAM = """
import sys, threading
from sweeper.handle import start
from sweeper.run.events import BlockDone
began = threading.Event()
start(*sys.argv[1:], on_event=lambda event: isinstance(event, BlockDone) and began.set())
assert began.wait(120)
"""


def test_the_end_of_a_program_stops_its_sweeps(tmp_path):
    words = ("search=random", "search.n=3000000", "params.fast=range(2,400)", "executor=inline")
    words += ("params.slow=range(401,9000)", "strategy.constraint=null", "data=synthetic")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, f"store.root={tmp_path}"],
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    (record,) = experiments.every(tmp_path)
    assert record.status == "interrupted"
    assert 0 < record.counts["done"] < record.counts["planned"]
