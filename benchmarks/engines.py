"""Engines: one backtest on one core, against vectorbt and backtesting.py, in interleaved rounds.

`python -m benchmarks.engines [--write] [--rounds N] [WORD ...]`: rows whose name holds every word;
`--write` puts the table of all rows into docs/benchmarks.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.peers.bars import write_bars
from benchmarks.peers.client import ROOT, Engine
from benchmarks.report.machine import describe
from benchmarks.report.table import Measured, Result, markdown, replace_table, verdict
from store.data import DataSpec, load

ENGINES = ("sweeper", "vectorbt", "vectorbt-rust", "backtesting")
CELLS = {
    "sweeper": (10_000_000, 80_000_000, 640_000_000),
    "vectorbt": (250_000, 1_000_000, 4_000_000),
    "vectorbt-rust": (250_000, 1_000_000, 4_000_000),
    "backtesting": (20_000,),
}
"""Bars times configurations of a batch: the sizes that are tried, of which each engine's best is
taken. backtesting.py runs one configuration after the other, so that its size does not matter."""
AT_LEAST = 0.3
"""CPU seconds per engine and round, unless one batch takes longer."""
COSTS = {"commission": 0.0005, "slippage": 0.0002}

NASDAQ = DataSpec(source="nasdaq")
SP500 = DataSpec(source="sp500")
MINUTES = DataSpec(source="synthetic", timeframe="15m", options={"kind": "regime", "bars": 35_040})
LONG = DataSpec(source="synthetic", timeframe="15m", options={"kind": "regime", "bars": 350_400})


@dataclass(frozen=True)
class Row:
    """What is timed, and how many times faster than the peers it is meant to be."""

    name: str
    bars: DataSpec
    strategy: str
    direction: str = "long"
    stops: dict[str, float] = field(default_factory=dict)
    target_vectorbt: float = 100.0
    target_backtesting: float | None = None


STOPS = {"stop_loss": 0.05, "take_profit": 0.1}
ROWS = (
    Row("nasdaq, sma, long", NASDAQ, "sma", "long", {}, 200, 8_000),
    Row("nasdaq, sma, long/short", NASDAQ, "sma", "both", {}, 150),
    Row("nasdaq, sma, stops", NASDAQ, "sma", "long", STOPS, 175),
    Row("nasdaq, rsi", NASDAQ, "rsi", "long", {}, 130),
    Row("nasdaq, ema", NASDAQ, "ema"),
    Row("nasdaq, macd", NASDAQ, "macd"),
    Row("nasdaq, bollinger", NASDAQ, "bollinger"),
    Row("nasdaq, momentum", NASDAQ, "momentum"),
    Row("nasdaq, donchian", NASDAQ, "donchian"),
    Row("sp500, sma, long", SP500, "sma", "long", {}, 200),
    Row("35,040 bars, sma, long", MINUTES, "sma", "long", {}, 150),
    Row("350,400 bars, sma, long", LONG, "sma", "long", {}, 150),
)


class Runner:
    """One engine at one row: which batch suits it best, and what its rounds took."""

    def __init__(self, engine: Engine, path: Path, row: Row) -> None:
        self.name = engine.name
        self._engine = engine
        self._scenario = {
            "strategy": row.strategy,
            "direction": row.direction,
            "stops": row.stops,
            **COSTS,
        }
        self._bars = int(engine.ask("load", path=str(path))["bars"])
        self._size, self.megabytes = self._best_size()
        self.seconds: list[float] = []

    def round(self) -> None:
        """Take the CPU seconds of one backtest once more."""
        self.seconds.append(self._per_backtest(self._size)[0])

    def measured(self) -> Measured:
        """What the rounds have shown."""
        return Measured(self._bars, tuple(self.seconds), self.megabytes)

    def _best_size(self) -> tuple[int, float]:
        """The fastest of the sizes, smallest first, and the peak memory when it had run."""
        sizes = sorted({max(1, cells // self._bars) for cells in CELLS[self.name]})
        if len(sizes) == 1:
            return sizes[0], float(self._engine.ask("about")["megabytes"])
        self._batch(sizes[0])  # compiles
        first = [self._per_backtest(size) for size in sizes]
        again = [self._per_backtest(size)[0] for size in sizes]
        best = min(range(len(sizes)), key=lambda k: min(first[k][0], again[k]))
        return sizes[best], first[best][1]

    def _per_backtest(self, size: int) -> tuple[float, float]:
        """(CPU seconds of one backtest, peak megabytes), from as many batches as it takes."""
        seconds = backtests = 0.0
        while seconds < AT_LEAST:
            reply = self._batch(size)
            seconds += reply["seconds"]
            backtests += reply["backtests"]
        return seconds / backtests, reply["megabytes"]

    def _batch(self, size: int) -> dict[str, float]:
        return self._engine.ask("time", scenario=self._scenario, size=size)


def measure(row: Row, path: Path, rounds: int) -> dict[str, Measured]:
    """Time one row: every engine in a new process, in turns."""
    with ExitStack() as stack:
        runners = [Runner(stack.enter_context(Engine(name)), path, row) for name in ENGINES]
        for _ in range(rounds):
            for runner in runners:
                runner.round()
        return {runner.name: runner.measured() for runner in runners}


def versions() -> str:
    """Of the engines, in one line."""
    found: dict[str, str] = {}
    for name in ("sweeper", "vectorbt", "backtesting"):
        with Engine(name) as engine:
            found |= engine.ask("about")["versions"] | found
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def main(arguments: Sequence[str]) -> None:
    """Measure the rows that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    rows = [row for row in ROWS if all(word in row.name for word in given.words)]
    if given.write and given.words:
        parser.error("--write takes the table of all rows: leave the words out")
    about = f"{describe()}; {versions()}; {given.rounds} rounds"
    print(about)
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for row in rows:
            path = write_bars(load(row.bars)[0].frame, Path(folder) / "bars.npz")
            found = measure(row, path, given.rounds)
            result = Result(row.name, found, row.target_vectorbt, row.target_backtesting)
            print(verdict(result), flush=True)
            lines.append(markdown(result))
    if given.write:
        replace_table(ROOT / "docs" / "benchmarks.md", "engines", about, lines)


if __name__ == "__main__":
    main(sys.argv[1:])
