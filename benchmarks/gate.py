"""The gate: how often it promotes luck, and how often an edge of known size.

    python -m benchmarks.gate [ten] [one] [--nulls N] [--edges N] [--seed SEED] [--write]

Over ten years with both, over one year with luck only; or one of the two.

One sweep of moving averages is repeated on bars without skill, drawn from the NASDAQ index, and on
bars with a wandering drift planted in them, each time with its selection, its statistics and its
holdout (`promote/gate/null_sweep.py`). All rules judge the same sweeps. `--write` puts the tables
into docs/gate.md. A few minutes on one core.
"""

import os
from collections.abc import Mapping, Sequence

from benchmarks.peers.client import ONE_THREAD, ROOT

if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # before NumPy is imported, which starts a thread per core

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.report.table import replace_marked
from kernels import METRICS
from promote.candidates.judged_sample import Sample, evaluate
from promote.candidates.redrawn_sweeps import expected_sharpes, planted, redrawn
from promote.gate import checks as gate
from promote.gate import preset
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.options import Question
from promote.gate.evidence.out_of_sample import Later
from promote.gate.null_sweep import Subject, Tally, Unrecorded, judged, measurable, subject
from promote.gate.verdict import Verdict
from store.resampling.null_bars import Edge

SWEEP = (
    "strategy=sma",
    "strategy.direction=long,both",
    "params.fast=range(2,62,3)",
    "params.slow=range(10,260,12)",
    "data=nasdaq",
    "executor=inline",
)
START = {"ten": "2006-06-27", "one": "2017-09-29"}
"""Years that are judged: 2,520 and 252 bars, and a quarter as many for the holdout."""
MARKS = {"ten": "gate", "one": "gate-one-year"}
"""Of the tables in docs/gate.md."""
PERSISTENCE = 50.0
"""Bars that a planted trend lasts."""
SHARPES = (0.91, 1.43)
HEADS = ("luck", *(f"Sharpe {sharpe:g}" for sharpe in SHARPES))
DRAWS = 400
"""For the size of what is planted: an error of 0.02."""
TARGETS = (0.03, 0.75, 0.95)
"""Of a preset that is to be used: of the nulls at most, of the edges at least."""
TRAIN = 0.75
"""Share of the judged window before the test window of the second reference."""
GAP = 1.0
"""Its limit: Sharpe ratio on train less that on test."""


class Rule(NamedTuple):
    """A way to choose and to judge."""

    name: str
    gate: str
    question: Question = Question()
    changed: Mapping[str, float | None] = {}

    @property
    def looks(self) -> bool:
        """Whether it looks at the holdout."""
        return "holdout" in preset.load(self.gate).checks


STANDARD = "`standard`"
BEFORE = ", before it looks at the holdout"
PERFECT = "a perfect choice, judged by the holdout only"
SECOND = "best Sharpe ratio on test, gap to train <= 1.0"
RULES = (
    Rule(STANDARD, "standard"),
    Rule("`standard`, `--select-by sharpe`", "standard", Question(select_by="sharpe")),
    Rule("`strict`", "strict"),
    Rule("`s0`, against the defaults", "s0", Question("sharpe", baseline="defaults")),
    Rule("`s1`", "s1", Question(select_by="sharpe")),
    Rule("`s1`, `--set max_drawdown=off`", "s1", Question("sharpe"), {"max_drawdown": None}),
)
NAMES = (
    *(name for rule in RULES for name in (rule.name, rule.name + BEFORE)[: 1 + rule.looks]),
    SECOND,
    PERFECT,
)


def swept(root: Path, start: str) -> Subject:
    """The sweep that is repeated, in a store of its own."""
    own = (f"data.start={start}", f"store.root={root}")
    command = [sys.executable, "-m", "sweeper", "-m", *SWEEP, *own]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return subject(root, "latest")


def second_reference(sample: Sample) -> Verdict:
    """The rule that ranks by the test window, and asks for a small gap only."""
    start, stop = sample.span
    cut = start + round(TRAIN * (stop - start))
    train, test = (
        evaluate(sample.candidates, sample.series, span).metrics[:, 0, METRICS.index("sharpe")]
        for span in ((start, cut), (cut, stop))
    )
    best = int(np.nanargmax(test))
    gap = float(train[best] - test[best])
    return Verdict("test_gap", gap <= GAP, gap, GAP, "a year", SECOND)


def perfect(sample: Sample, place: int) -> Verdict:
    """What the holdout says of the configuration that is the best in truth: no gate does better."""
    later = Later(Candidate(sample, place), Unrecorded())
    limit = preset.load("standard").checks["holdout"]
    return gate.load("holdout").ask(lambda name: getattr(later, name), limit)


def measure(original: Subject, edge: Edge | None, replicas: int, seed: int) -> dict[str, Tally]:
    """What every rule says of the same sweeps."""
    presets = [measurable(preset.load(rule.gate).change(rule.changed)) for rule in RULES]
    tallies = {name: Tally() for name in NAMES}
    best = int(expected_sharpes(original.samples, edge, seed, DRAWS).mean(axis=0).argmax())
    for number in range(replicas):
        samples = redrawn(original.samples, (seed, 0, number), edge)
        for rule, limits in zip(RULES, presets, strict=True):
            found = judged(original, samples, limits, rule.question)
            tallies[rule.name].add(found)
            if rule.looks:
                before = (v for v in found if not v.check.startswith("holdout"))
                tallies[rule.name + BEFORE].add(before)
        tallies[SECOND].add([second_reference(samples[0])])
        tallies[PERFECT].add([perfect(samples[0], best)])
        if (number + 1) % 50 == 0:
            print(f"{number + 1} of {replicas}: {tallies[STANDARD].promoted}", flush=True)
    return tallies


def table(columns: Sequence[Mapping[str, Tally]]) -> list[str]:
    """Rates with their intervals: a line per rule, a column for luck and, if there, each edge."""
    sizes = [f"{column[STANDARD].replicas} sweeps" for column in columns]
    lines = [
        _row("promoted", *map(", ".join, zip(HEADS, sizes, strict=False))),
        "|---" * (1 + len(columns)) + "|",
    ]
    aims = [f"at {'least' if k else 'most'} {100 * aim:g} %" for k, aim in enumerate(TARGETS)]
    lines.append(_row("target", *aims[: len(columns)]))
    for name in NAMES:
        aimed = name.startswith(STANDARD)
        cells = (_rate(column[name], k if aimed else None) for k, column in enumerate(columns))
        lines.append(_row(name, *cells))
    return lines


def checks(columns: Sequence[Mapping[str, Tally]]) -> list[str]:
    """What each check of the standard gate has rejected, and what no other has."""
    tallies = [column[STANDARD] for column in columns]
    heads = HEADS[: len(columns)]
    lines = [
        _row("`standard` rejects, and only this check", *heads),
        "|---" * (1 + len(columns)) + "|",
    ]
    names = sorted(set().union(*(one.rejected for one in tallies)))
    for name in names:
        cells = (_shares(one, name) for one in tallies)
        lines.append(_row(f"`{name}`", *cells))
    return lines


def _shares(tally: Tally, name: str) -> str:
    found, alone = (100 * one[name] / tally.replicas for one in (tally.rejected, tally.alone))
    return f"{found:.1f} %, {alone:.1f} %"


def _rate(tally: Tally, place: int | None) -> str:
    """A rate with its interval; whether it reaches the target of a column, if it has one."""
    rate, low, high = (100 * share for share in tally.rate)
    told = f"{rate:.1f} % ({low:.1f} to {high:.1f})"
    if place is None:
        return told
    aim = 100 * TARGETS[place]
    return f"{told} {'reached' if (rate >= aim if place else rate <= aim) else 'missed'}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("parts", nargs="*", help="ten, one; both unless given")
    parser.add_argument("--nulls", type=int, default=400)
    parser.add_argument("--edges", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    for part in given.parts or START:
        if part not in START:
            parser.error(f"no part {part!r}; there are {', '.join(START)}")
        lines = measured(part, given.nulls, given.edges, given.seed)
        print("\n".join(lines))
        if given.write:
            replace_marked(ROOT / "docs" / "gate.md", MARKS[part], lines)


def measured(part: str, nulls: int, edges: int, seed: int) -> list[str]:
    """The tables of one part, with what they are of."""
    with tempfile.TemporaryDirectory() as folder:
        original = swept(Path(folder) / "results", START[part])
        columns = [measure(original, None, nulls, seed)]
        for number, sharpe in enumerate(SHARPES if part == "ten" else (), start=1):
            edge = planted(original.samples, sharpe, PERSISTENCE, seed, DRAWS)
            columns.append(measure(original, edge, edges, seed + number))
        about = (
            f"{original.configurations} configurations, {original.samples[0].bars:,} bars and the "
            f"holdout after them, seed {seed}."
        )
    shares = ["", *checks(columns)] if part == "ten" else []
    return [about, "", *table(columns), *shares]


if __name__ == "__main__":
    main(sys.argv[1:])
