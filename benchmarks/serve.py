"""The server: backtests a second with many in flight, pages of a million runs.

    python -m benchmarks.serve                 # requests only
    python -m benchmarks.serve --runs 1000000  # also pages over an experiment of so many runs
    python -m benchmarks.serve --write         # into docs/benchmarks.md, too

Server and client are processes of this machine and share its cores, over loopback.
"""

import argparse
import asyncio
import itertools
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from benchmarks.report.machine import describe
from benchmarks.report.part import Part
from benchmarks.report.table import replace_marked

ROOT = Path(__file__).resolve().parents[1]
IN_FLIGHT = 50
REQUESTS = 10_000
Row = tuple[str, ...]


class Client:
    """One kept connection, as cheap as can be."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    async def open(self) -> None:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)

    async def send(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of an answer."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", answer)
        assert length is not None, answer
        return int(answer[9:12]), await self._reader.readexactly(int(length[1]))


@contextmanager
def served(root: Path) -> Iterator[tuple[int, str]]:
    """Port and token of a server over a store."""
    tokens = root.parent / "tokens"
    command = [sys.executable, "-m", "serve", "--port", "0", "--root", str(root)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "--token-file", str(tokens)], stdout=subprocess.PIPE, text=True,
        cwd=ROOT, env=environment,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        port = re.search(r":(\d+)/login", process.stdout.readline())
        assert port is not None
        try:
            yield int(port[1]), json.loads(tokens.read_text())["run"]
        finally:
            process.terminate()


async def flight(port: int, token: str, requests: int) -> tuple[list[float], float]:
    """Seconds of each POST /backtest with IN_FLIGHT at a time, and of all together."""
    bodies = itertools.cycle(
        json.dumps({"strategy": "sma", "params": {"fast": fast, "slow": slow}}).encode()
        for fast in range(5, 60)
        for slow in range(60, 260)
    )
    taken: list[float] = []

    async def one() -> None:
        client = Client(port, token)
        await client.open()
        while len(taken) < requests:
            began = time.perf_counter()
            status, _ = await client.send("POST", "/backtest", next(bodies))
            taken.append(time.perf_counter() - began)
            assert status == 200

    warm = Client(port, token)
    await warm.open()
    await warm.send("POST", "/backtest", next(bodies))
    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(IN_FLIGHT)))
    return taken, time.perf_counter() - began


def requests_table() -> Iterator[Row]:
    """POST /backtest and /batch-backtest."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "results") as (port, token):
        taken, whole = asyncio.run(flight(port, token, REQUESTS))
        quantiles = statistics.quantiles(taken, n=100)
        yield ("POST /backtest, 50 in flight", f"{1e3 * quantiles[49]:.1f} ms",
               f"{1e3 * quantiles[98]:.1f} ms", f"{len(taken) / whole:,.0f} a second")  # fmt: skip
        configs = [
            {"strategy": "sma", "params": {"fast": 5 + k % 100, "slow": 110 + k // 100}}
            for k in range(10_000)
        ]
        body = json.dumps({"configs": configs}).encode()

        async def batch() -> float:
            client = Client(port, token)
            client._token = token
            await client.open()
            client._reader._limit = 1 << 26  # type: ignore[attr-defined]
            began = time.perf_counter()
            status, _ = await client.send("POST", "/batch-backtest", body)
            assert status == 200
            return time.perf_counter() - began

        seconds = sorted(asyncio.run(batch()) for _ in range(5))
        yield ("POST /batch-backtest, 10,000", f"{1e3 * seconds[2]:,.0f} ms",
               f"{1e3 * seconds[-1]:,.0f} ms", f"{10_000 / seconds[2]:,.0f} a second")  # fmt: skip


def pages_table(runs: int) -> Iterator[Row]:
    """Pages over an experiment of so many runs."""
    side = math.isqrt(runs)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "results"
        words = [
            f"params.fast=range(2,{2 + side})",
            f"params.slow=range({2 + side},{2 + 2 * side})",
        ]
        command = [
            sys.executable,
            "-m",
            "sweeper",
            "-m",
            *words,
            f"store.root={root}",
            "output=none",
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        with served(root) as (port, token):
            yield from asyncio.run(visits(port, token))


async def visits(port: int, token: str) -> list[Row]:
    """Time and size of each page: the first visit, and the median of five more."""
    client = Client(port, token)
    await client.open()
    rows = []
    for name, path in (
        ("first page of an experiment", "/view/experiments/latest"),
        ("the same sorted by return", "/view/experiments/latest?sort=total_return"),
        ("heat map of another metric", "/view/experiments/latest?metric=max_drawdown"),
        ("a click: run and equity", "/view/experiments/latest?cell=10,10"),
        ("page of runs as JSON", "/experiments/latest/runs?limit=50"),
        ("filtered", "/experiments/latest/runs?filter=fast%20%3C%20100%20and%20sharpe%20%3E%200.3"),
    ):
        taken, size = [], 0
        for _ in range(6):
            began = time.perf_counter()
            status, body = await client.send("GET", path)
            taken.append(time.perf_counter() - began)
            assert status == 200, body[:300]
            size = len(body)
        again = statistics.median(taken[1:])
        row: Row = (name, f"{1e3 * taken[0]:,.0f} ms", f"{1e3 * again:,.0f} ms",
                    f"{size / 1024:,.0f} KB")  # fmt: skip
        rows.append(row)
    return rows


def main(arguments: Sequence[str]) -> None:
    """Print the tables, and write them if that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serve", description=__doc__)
    parser.add_argument("--runs", type=int, default=0, help="also pages of so many runs")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    parts = [("serve-requests", ("request", "median", "p99 or worst", "rate"), requests_table())]
    if given.runs:
        parts.append(("serve-pages", (f"of {given.runs:,} runs", "first", "again", "size"),
                      pages_table(given.runs)))  # fmt: skip
    for mark, headings, rows in parts:
        part = Part(f"{describe()}.", headings, list(rows))
        Console().print(part.table())
        if given.write:
            replace_marked(ROOT / "docs" / "benchmarks.md", mark, part.markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
