"""Progress: what is counted, and what is shown on and off a terminal."""

import io
import math
from dataclasses import dataclass

import pytest
from rich.console import Console

from sweeper.terminal.progress import Progress


@dataclass(frozen=True)
class Block:
    runs: int
    best_metric: float = math.nan
    best_label: str = ""
    failed: int = 0
    pruned: int = 0
    number: int = 0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def plain() -> Console:
    return Console(file=io.StringIO(), force_terminal=False, width=60)


def shown(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_plain_lines_come_every_five_seconds_and_at_the_end(clock: Clock) -> None:
    console = plain()
    with Progress(console, 1_000_000, 0, "sharpe", clock=clock) as progress:
        for best in (0.5, math.nan, 1.25, 1.0):
            clock.now += 2.0
            progress.update(Block(100_000, best, f"fast={best}"))
    lines = shown(console).splitlines()
    assert lines == [
        "300,000/1,000,000 runs (30 %), 0:14 left, 50,000 runs/s, best sharpe 1.25 (fast=1.25)",
        "400,000/1,000,000 runs (40 %), 0:12 left, 50,000 runs/s, best sharpe 1.25 (fast=1.25)",
    ]


def test_a_last_line_that_is_there_already_is_not_said_again(clock: Clock) -> None:
    console = plain()
    with Progress(console, 5, 0, "sharpe", clock=clock) as progress:
        clock.now += 8.0
        progress.update(Block(5))
    assert shown(console) == "5/5 runs (100 %), 0:00 left, 0.62 runs/s\n"


def test_the_best_is_the_smallest_when_asked(clock: Clock) -> None:
    progress = Progress(plain(), 30, 0, "max_drawdown", "min", clock)
    for best in (0.3, 0.1, math.nan, 0.2):
        progress.update(Block(1, best, f"d={best}"))
    assert (progress.tally.snapshot.best, progress.tally.snapshot.best_label) == (0.1, "d=0.1")


def test_an_infinite_value_is_the_best_only_while_nothing_else_is_known(clock: Clock) -> None:
    progress = Progress(plain(), 40, 0, "profit_factor", "max", clock)
    seen = []
    for best in (math.nan, math.inf, 1.5, math.inf):
        progress.update(Block(1, best, f"{best}"))
        seen.append(progress.tally.snapshot.best_label)
    assert seen[1:] == ["inf", "1.5", "1.5"]


def test_failures_are_counted_and_only_shown_when_there_are_some(clock: Clock) -> None:
    console = plain()
    with Progress(console, 4_001, 0, "sharpe", clock=clock) as progress:
        progress.update(Block(5))
        clock.now += 5.0
        progress.update(Block(2_795, failed=1_200))
    (last,) = shown(console).splitlines()
    assert last == "4,000/4,001 runs (99 %), 0:00 left, 800 runs/s, 1,200 failed"


def test_nothing_done_and_nothing_to_do_divide_by_nothing(clock: Clock) -> None:
    for total in (0, 10):
        console = plain()
        with Progress(console, total, 0, "sharpe", clock=clock):
            pass
        assert shown(console).startswith(f"0/{total} runs (")
        assert "? left, 0 runs/s" in shown(console)


def test_runs_found_in_the_store_count_as_done_but_not_in_the_rate(clock: Clock) -> None:
    console = plain()
    with Progress(console, 1_000, 600, "sharpe", clock=clock) as progress:
        clock.now += 2.0
        progress.update(Block(100))
    assert shown(console) == "700/1,000 runs (70 %), 0:06 left, 50 runs/s\n"


def test_hours_left(clock: Clock) -> None:
    console = plain()
    with Progress(console, 7_325, 0, "sharpe", clock=clock) as progress:
        clock.now += 1.0
        progress.update(Block(1))
    assert "2:02:04 left" in shown(console)


def test_a_terminal_gets_one_bar_with_all_of_it(clock: Clock) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=160)
    with Progress(console, 200, 0, "sharpe", clock=clock) as progress:
        clock.now += 2.0
        progress.update(Block(147, 1.5, "fast=[7] slow=40", failed=3))
    text = "150/200 runs (75 %), 0:01 left, 75 runs/s, best sharpe 1.5 (fast=[7] slow=40), 3 failed"
    assert text in shown(console)
    assert "runs (0 %)" not in shown(console).splitlines()[-2]  # the bar is drawn over itself


def test_an_interrupt_passes_through_and_leaves_the_last_line(clock: Clock) -> None:
    console = plain()
    stopped = Progress(console, 10, 0, "sharpe", clock=clock)

    def sweep() -> None:
        with stopped as progress:
            progress.update(Block(4))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep()
    assert shown(console).startswith("4/10 runs (40 %)")
