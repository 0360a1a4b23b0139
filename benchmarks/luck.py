"""The luck line against fresh histories: does the printed interval hold what 200 others show?

    python -m benchmarks.luck [NAME ...] [--histories N] [--write]

Five sweeps in stores of their own. Each is then evaluated whole on histories with other seeds than
those of its luck line. Two minutes on a core; `--write` puts the table into docs/statistics.md.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.peers.client import ROOT
from benchmarks.report.part import Part
from benchmarks.report.table import replace_marked
from kernels.jit.array_types import Floats
from store.analysis.expected_max_sharpe import effective_bars, noise_sharpe
from store.luck.histories import Histories
from store.luck.record import Luck
from store.luck.sentences import number
from store.query.stored_luck import competing
from store.records.experiment import Experiment
from sweeper.evaluate import luck_line as luck_module
from sweeper.sweep import sweep

FRESH = 1_000
"""Number of the first fresh history: those of the luck line are numbered from 0."""
EXPERIMENTS = {
    "sma": ("strategy=sma", "params.fast=range(5,60)", "params.slow=range(20,260,2)"),
    "rsi": ("strategy=rsi",),
    "donchian": ("strategy=donchian",),
    "two symbols": ("strategy=sma", "data=nasdaq,sp500", "params.fast=range(5,60,2)",
                    "params.slow=range(20,260,5)"),
    "walk-forward": ("strategy=sma", "split=walk_forward", "params.fast=range(5,60,5)",
                     "params.slow=range(20,260,10)"),
    "sma, 20,000": ("strategy=sma", "params.fast=range(2,100)", "params.slow=range(3,260)"),
}  # fmt: skip
HEADINGS = (
    "experiment", "configurations", "luck line", "interval", "half-width", "spread",
    "fresh mean", "fresh spread", "held", "formula for independent tries",
    "seconds, of the sweep's",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """An experiment, its luck line, and the best of fresh histories.

    Attributes:
        experiment: its record.
        luck: its line.
        fresh: (histories,) best of all configurations on each.
        seconds: processor time of the luck line.
        whole: wall-clock time of the sweep, the luck line included.
    """

    experiment: Experiment
    luck: Luck
    fresh: Floats
    seconds: float
    whole: float

    @property
    def held(self) -> bool:
        """Whether the printed interval holds the mean of the fresh histories."""
        low, high = self.luck.interval
        return bool(low <= self.fresh.mean() <= high)


def measured(words: Sequence[str], histories: int) -> Measured:
    """Sweep in a store of its own, then evaluate everything on fresh histories."""
    taken: list[float] = []
    measure: Any = vars(luck_module)["measure"]

    def timed(*given, **named):  # type: ignore[no-untyped-def]
        began = time.process_time()
        found = measure(*given, **named)
        taken.append(time.process_time() - began)
        return found

    vars(luck_module)["measure"] = timed
    try:
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                experiment = sweep(*words, "executor=inline", f"store.root={folder}/results")
            whole = time.perf_counter() - began
            sources, contestants = competing(f"{folder}/results", experiment)
    finally:
        vars(luck_module)["measure"] = measure
    luck = Luck.of(experiment)
    assert luck is not None, "NASDAQ has bars enough"
    drawn = Histories(sources)
    fresh = []
    for place in range(FRESH, FRESH + histories):
        series = drawn.draw(place)
        fresh.append(max(np.nanmax(one.scores(series[one.series])) for one in contestants))
    return Measured(experiment, luck, np.array(fresh), taken[0], whole)


def row(name: str, found: Measured) -> tuple[str, ...]:
    """The cells of an experiment, under `HEADINGS`."""
    luck, fresh = found.luck, found.fresh
    low, high = luck.interval
    return (
        name,
        f"{luck.configurations:,}",
        number(luck.mean),
        f"{number(low)} to {number(high)}",
        f"{100 * (high - luck.mean) / luck.mean:.0f} %",
        number(luck.sd),
        number(float(fresh.mean())),
        number(float(fresh.std(ddof=1))),
        "yes" if found.held else "no",
        number(formula(found.experiment, luck.configurations)),
        f"{found.seconds:.1f} of {found.whole:.1f}",
    )


def formula(experiment: Experiment, configurations: int) -> float:
    """The figure for as many independent tries, which nothing else prints any more."""
    group = experiment.groups[0]
    return noise_sharpe(configurations, effective_bars(group.train_spans), 252.0)


def table(names: Sequence[str], histories: int) -> Part:
    """All experiments, one after the other."""
    chosen: Mapping[str, Sequence[str]] = {name: EXPERIMENTS[name] for name in names}
    rows = [row(name, measured(words, histories)) for name, words in chosen.items()]
    about = (
        f"The luck line, three standard errors about it, and the mean of the best on {histories} "
        "fresh histories, all configurations on each; annual Sharpe ratios."
    )
    return Part(about, HEADINGS, rows)


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.luck", description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(EXPERIMENTS))
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    for name in given.names:
        if name not in EXPERIMENTS:
            parser.error(f"no experiment {name!r}; there are {', '.join(EXPERIMENTS)}")
    part = table(given.names or list(EXPERIMENTS), given.histories)
    Console(width=200).print(part.table())
    if given.write:
        replace_marked(ROOT / "docs" / "statistics.md", "luck-line", part.markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
