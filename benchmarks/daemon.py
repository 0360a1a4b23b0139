"""The daemon over a hundred profiles on minute bars: processor time of a tick, and memory.

    python -m benchmarks.daemon --write    # into docs/benchmarks.md

A tick a minute, as `python -m operate daemon --every 60` makes them. Bars arrive by `store ingest`,
whose time is not the daemon's; of 60 ticks one finds a hundred shadows due, the others nothing.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import chdir, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from operate.records.clock import now_of
from operate.records.desk import Place
from operate.tasks import queue
from operate.tasks.queue import Task
from operate.tasks.run_due import run_due
from promote.config import Conf
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.gate.preset import Preset
from promote.promotion.apply import apply
from promote.promotion.approval import approve
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from promote.report import canary
from store.cli.app import app as store_app
from store.registry import open_registry
from sweeper.sweep import sweep

PROFILES, PAST, SYMBOL, PERSON = 100, 5_000, "MINUTES", "ann@example.org"
HOUR = 60
MARK = "<!-- daemon -->"
DESK = Desk(Path("results"), Conf(Path("profiles")))


def minutes(n: int) -> pd.DataFrame:
    """Bars of a random walk, one a minute."""
    random = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(0.0005 * random.standard_normal(n)))
    opened = np.r_[100.0, close[:-1]]
    edges = {"high": np.maximum(opened, close) * 1.0002, "low": np.minimum(opened, close) * 0.9998}
    times = pd.date_range("2024-03-04", periods=n, freq="1min", tz="UTC")
    return pd.DataFrame({"time": times, "open": opened, **edges, "close": close, "volume": 1.0})


def arrive(frame: pd.DataFrame) -> None:
    """More bars are kept."""
    path = Path("arrived") / f"{SYMBOL}.parquet"
    path.parent.mkdir(exist_ok=True)
    frame.to_parquet(path)
    words = ["ingest", "parquet", str(path), "-t", "1m", "--calendar", "24/7", "--root", "results"]
    done = CliRunner().invoke(store_app, words)
    if done.exit_code:
        raise SystemExit(done.output)


def stops_over_bytes(returns: bytes, bars: int, measured: Any = canary.stops_over) -> object:
    """The limits of a report, by what a cache can look up."""
    return measured(np.frombuffer(returns), bars)


def promote() -> None:
    """A hundred approved profiles of one run."""
    with redirect_stdout(StringIO()):
        sweep(
            *("params.fast=5", "params.slow=20,60", "data=stored", f"data.symbols=[{SYMBOL}]"),
            *("data.path=results", "data.timeframe=1m", "store.root=results", "executor=inline"),
        )
    log = open_registry(Path("results"))
    easy, question = Preset("easy", {"verify": 0.0}), Question(allow_dirty=True)
    judged = judge(Path("results"), "latest/best", easy, question, log)
    same = cache(stops_over_bytes)  # a bootstrap of two seconds, the same for each
    with patch.object(canary, "stops_over", lambda returns, bars: same(returns.tobytes(), bars)):
        for number in range(PROFILES):
            apply(DESK, judged, Wish(profile=f"p{number}", by=PERSON, reason="a benchmark"))
            approve(DESK, f"p{number}", PERSON)


def resident() -> float:
    """Memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def tick(at: pd.Timestamp) -> tuple[float, int]:
    """Processor seconds of a tick, and the tasks that ran."""
    begun = time.process_time()
    ran = run_due(Place(DESK, now_of(at.isoformat())))
    failed = [each.sentence for each in ran if not each.ok]
    if failed:
        raise SystemExit(failed[0])
    return time.process_time() - begun, len(ran)


def measure(hours: int, ticks: int) -> list[str]:
    """Rows of the table: hours with shadows, then ticks of a queue of messages."""
    bars = minutes(PAST + hours * HOUR)
    arrive(bars.iloc[:PAST])
    promote()
    begun = bars["time"][PAST - 1] + pd.Timedelta("1min")
    for number in range(PROFILES):
        queue.add(Place(DESK, now_of(begun.isoformat())),
                  Task(f"p{number}", "shadow", f"p{number}", "after_close"))  # fmt: skip
    spent, idle, memory = 0.0, [], []
    tick(begun)  # imports and the first shadow of each
    for hour in range(1, hours + 1):
        arrive(bars.iloc[: PAST + hour * HOUR])
        for minute in range(1, HOUR + 1):
            seconds, ran = tick(begun + pd.Timedelta((hour - 1) * HOUR + minute, "min"))
            spent += seconds
            idle += [] if ran else [seconds]
        memory.append(resident())
    share = spent / (hours * 3600)
    rows = [
        f"| tick with nothing due | {np.median(idle) * 1e3:.1f} ms |",
        f"| hour with 100 shadows of {PAST:,} bars and more | {spent / hours:.1f} s: "
        f"{share:.1%} of a core |",
        f"| memory after each of {hours} such hours | "
        + ", ".join(f"{each:.0f}" for each in memory)
        + " MB |",
    ]
    return [*rows, *messages(begun + pd.Timedelta(hours + 1, "h"), ticks)]


def messages(begun: pd.Timestamp, ticks: int) -> list[str]:
    """Row of many ticks: a hundred tasks each hour that read the registry and write to it."""
    for task in queue.all_tasks(Place(DESK, now_of(begun.isoformat()))):
        queue.switch(Place(DESK, now_of(begun.isoformat())), task.name, False, PERSON)
    for number in range(PROFILES):
        queue.add(Place(DESK, now_of(begun.isoformat())),
                  Task(f"m{number}", "notify", f"p{number}", "hourly"))  # fmt: skip
    memory, ran = [], 0
    for number in range(ticks):
        ran += tick(begun + pd.Timedelta(number, "min"))[1]
        if number in (ticks // 10, ticks // 2, ticks - 1):
            memory.append(f"{resident():.0f}")
    return [f"| memory after a tenth, half and all of {ticks:,} ticks, {ran:,} tasks run | "
            f"{', '.join(memory)} MB |"]  # fmt: skip


def main(words: Sequence[str] | None = None) -> None:
    """Print the table; with --write put it into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="also into docs/benchmarks.md")
    parser.add_argument("--hours", type=int, default=3, help="hours with shadows")
    parser.add_argument("--ticks", type=int, default=10_000, help="ticks of the queue alone")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        rows = ["| daemon over 100 profiles | |", "|---|---|", *measure(asked.hours, asked.ticks)]
    print("\n".join(rows))
    if asked.write:
        page = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
        before, _, after = page.read_text().partition(MARK)
        rest = after.partition(MARK)[2]
        page.write_text(f"{before}{MARK}\n" + "\n".join(rows) + f"\n{MARK}{rest}")


if __name__ == "__main__":
    main()
