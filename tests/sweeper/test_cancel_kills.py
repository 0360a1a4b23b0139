"""Sweeps cancelled at random instants: they stop, leave no worker, and go on to the same rows."""

import os
import random
import threading
import time

import pytest

from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.config.error_text import Interrupted
from sweeper.handle import start
from tests.sweeper.processes import descendants

INSTANTS = 5
"""For each of four seeds: twenty in all."""
GRID = ("params.fast=range(5,35)", "params.slow=range(40,100)")
WORDS = ("data=nasdaq", "strategy=sma", *GRID)


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 20)


def rows(root):
    """Rows of the newest experiment, whoever ran them."""
    table = Results(root).runs("latest").sort_by("run")
    return encode(table.drop_columns(["experiment_id"]).combine_chunks())


def was_stopped(seconds, root, executor):
    """True when a sweep that is cancelled so long after its start had not ended by itself."""
    threads, processes = set(threading.enumerate()), set(descendants(os.getpid()))
    running = start(*WORDS, executor, f"store.root={root}")
    time.sleep(seconds)
    running.cancel()
    try:
        running.result(120)
        stopped = False
    except Interrupted:
        stopped = True
    for thread in set(threading.enumerate()) - threads:
        thread.join(60)
        assert not thread.is_alive(), f"{thread.name} is left"
    assert set(descendants(os.getpid())) <= processes, "a worker is left"
    return stopped


@pytest.mark.kill
@pytest.mark.parametrize(
    ("seed", "where"), [(0, "inline"), (1, "inline"), (2, "local"), (3, "local")]
)
def test_random_instants_leave_nothing_and_go_on_to_the_same_rows(
    tmp_path, small_blocks, seed, where
):
    executor = f"executor={where}"
    start(*WORDS, "executor=inline", f"store.root={tmp_path / 'whole'}").result()  # compiles
    begun = time.monotonic()
    start(*WORDS, executor, f"store.root={tmp_path / 'timed'}").result()
    lasting, chance, stopped = time.monotonic() - begun, random.Random(seed), 0
    for number in range(INSTANTS):
        root = tmp_path / str(number)
        stopped += was_stopped(chance.uniform(0, lasting), root, executor)
        assert start(*WORDS, executor, f"store.root={root}").result().status == "done"
        assert len(list(experiments.every(root))) == 1, "it went on with the same experiment"
        assert rows(root) == rows(tmp_path / "whole")
    assert stopped > 0
