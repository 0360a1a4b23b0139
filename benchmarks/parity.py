"""Parity: 3,600 configurations, the same figures as vectorbt and backtesting.py give.

`--record` writes what the peers answered to tests/peers, where `make test` compares with it.
"""

import csv
import gzip
import io
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.bars import write_bars
from benchmarks.peers.cases import CAPITAL, CASES, STOP_RULES, YEAR, Columns, draw
from benchmarks.peers.client import ROOT, Engine
from kernels import METRICS, evaluate
from kernels.series.bars import Series, prepare
from store.data import Dataset, DataSpec, load

RECORD = ROOT / "tests" / "peers"
TOLERANCE = 1e-9
"""Relative; counts must be equal."""
COUNTS = ("trades", "winning_trades", "losing_trades")


@dataclass(frozen=True)
class Agreement:
    """How a case compares.

    Attributes:
        beyond: configurations with a metric that differs by more than the tolerance.
        worst: largest relative difference.
        where: its metric.
    """

    configurations: int
    beyond: int
    worst: float
    where: str


def nasdaq() -> Dataset:
    """The bars that all engines are given."""
    return load(DataSpec(source="nasdaq"))[0]


def ours(
    series: Series, peer: str, case: str, configurations: Columns, engine: str = "events"
) -> Columns:
    """Our metrics, by one of our engines, under the settings that mean what the peer does."""
    shared = CASES[peer][case]
    values = {"commission": np.zeros(1), "slippage": np.zeros(1)} | configurations
    params = {name: values.pop(name) for name in ("fast", "slow")}
    settings = {
        "engine": engine,
        "direction": shared.direction,
        "fill": shared.fill,
        "initial_capital": CAPITAL[peer],
        "periods_per_year": YEAR,
    }
    return evaluate(series, "sma", params, settings | STOP_RULES[peer] | values)


def compare(got: Columns, want: Columns) -> Agreement:
    """Hold every metric of a peer, `want`, against ours; NaN equals NaN, inf equals inf."""
    differences = []
    for name, theirs in want.items():
        mine = got[name]
        same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.abs(mine - theirs) / np.abs(theirs)
        if name in COUNTS:
            relative = np.full(mine.size, np.inf)
        differences.append(np.where(same, 0.0, np.where(np.isfinite(relative), relative, np.inf)))
    table = np.array(differences)
    return Agreement(
        configurations=table.shape[1],
        beyond=int((table > TOLERANCE).any(axis=0).sum()),
        worst=float(table.max()),
        where=list(want)[int(table.max(axis=1).argmax())],
    )


def write_record(peer: str, rows: list[dict[str, Any]]) -> None:
    """Write what a peer answered: a row per configuration, floats in full."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    (RECORD / f"{peer}.csv.gz").write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def read_record(peer: str, case: str) -> tuple[Columns, Columns]:
    """Recorded configurations of a case, and the peer's metrics of them."""
    with gzip.open(RECORD / f"{peer}.csv.gz", "rt") as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == case]
    table = {
        name: np.array([float(row[name]) for row in rows])
        for name, first in rows[0].items()
        if name != "case" and first != ""
    }
    metrics = {name: table.pop(name) for name in METRICS if name in table}
    return table, metrics


@dataclass(frozen=True)
class Answers:
    """What a peer said: a row per configuration, its versions; and how many we do not share."""

    rows: list[dict[str, Any]]
    versions: dict[str, str]
    beyond: int


def ask(peer: str, path: Path, series: Series) -> Answers:
    """Ask a peer about all its cases, and compare, case by case on the terminal."""
    rows, beyond = [], 0
    with Engine(peer) as engine:
        engine.ask("load", path=str(path))
        for case in CASES[peer]:
            drawn = draw(peer, case)
            values = {name: column.tolist() for name, column in drawn.items()}
            answer = engine.ask("parity", case=case, configurations=values)["metrics"]
            theirs = {name: np.array(column) for name, column in answer.items()}
            found = compare(ours(series, peer, case, drawn), theirs)
            beyond += found.beyond
            report(peer, case, found)
            table = values | answer
            points = zip(*table.values(), strict=True)
            rows += [{"case": case} | dict(zip(table, point, strict=True)) for point in points]
        return Answers(rows, engine.ask("about")["versions"], beyond)


def report(peer: str, case: str, found: Agreement) -> None:
    """One line of the terminal."""
    print(
        f"{peer:12}{case:34}{found.configurations - found.beyond:4} of {found.configurations} "
        f"agree, largest difference {found.worst:.0e} ({found.where})",
        flush=True,
    )


def main(record: bool) -> int:
    """Ask all peers now, and compare; the number of configurations that disagree."""
    data = nasdaq()
    series = prepare(dict(data.frame))  # without times: the peers count bars, too
    with tempfile.TemporaryDirectory() as folder:
        path = write_bars(data.frame, Path(folder) / "nasdaq.npz")
        answers = {peer: ask(peer, path, series) for peer in CASES}
    if record:
        for peer, answer in answers.items():
            write_record(peer, answer.rows)
        about = {
            "made by": "python -m benchmarks.parity --record",
            "bars": {"symbol": data.symbol, "fingerprint": data.fingerprint},
            "versions": {peer: answer.versions for peer, answer in answers.items()},
        }
        (RECORD / "about.json").write_text(json.dumps(about, indent=2) + "\n")
    return sum(answer.beyond for answer in answers.values())


if __name__ == "__main__":
    sys.exit(main("--record" in sys.argv[1:]) > 0)
