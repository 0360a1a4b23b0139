"""The gate: how often it promotes luck, and how often an edge of known size.

    python -m benchmarks.gate [PART ...] [--nulls N] [--edges N] [--seed SEED] [--write] [--keep F]

Parts: `ten` and `three` years of moving averages, `donchian` (breakouts) and `bollinger` (bands
against the trend, on a price that reverts), each with luck, edges, and the same edges *broken*:
gone from the holdout's first bar on. `one` year with luck only. `panels`: a ranking of a universe
of 20 symbols by momentum, its edge a drift of its own in each symbol. All of them unless given.

One sweep is repeated on bars without skill, drawn from the NASDAQ index, and on bars with an edge
planted in them, each time with its selection, its statistics and its holdout
(`promote/gate/null_sweep.py`). All rules judge the same sweeps. `--write` puts the tables into
docs/gate.md. What each sweep came to is kept in the folder of `--keep` (.cache/gate): ended at any
instant and given again, also with more sweeps, the command goes on where it was. On one core 100
sweeps of moving averages over ten years take about half a minute.
"""

import os
from collections.abc import Mapping, Sequence

from benchmarks.peers.client import ONE_THREAD, ROOT

if __name__ == "__main__":
    os.environ.update(ONE_THREAD)  # before NumPy is imported, which starts a thread per core

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.report.journal import Journal, digest
from benchmarks.report.table import replace_marked
from benchmarks.sweeps.gate_parts import MARKS, PARTS, Part
from kernels import METRICS
from promote.candidates.judged_sample import Sample, evaluate
from promote.candidates.redrawn_sweeps import expected_sharpes, planted, redrawn
from promote.candidates.significance import examples
from promote.gate import preset
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.options import Question
from promote.gate.evidence.out_of_sample import Later
from promote.gate.evidence.selection_effect import Choice
from promote.gate.judge import passes, selected, verdicts
from promote.gate.null_sweep import (
    Outcome,
    Subject,
    Tally,
    Unrecorded,
    judged,
    measurable,
    outcome,
    subject,
)
from promote.gate.preset import Preset
from promote.gate.verdict import Verdict
from promote.statistics import dependence, spa_blocks
from store.resampling.null_bars import Edge

PERSISTENCE = 50.0
"""Bars that a planted trend lasts."""
SHARPES = PARTS["ten"].sharpes
DRAWS = 400
"""For the size of what is planted: an error of 0.02."""
TARGETS = (0.03, 0.75, 0.95)
"""Rates that a usable preset keeps to: of the nulls at most, of the edges at least."""
TRAIN = 0.75
"""Share of the judged window before the test window of the second reference."""
GONE = " broken"
"""Ending of the name of a column whose edge ends with the judged bars."""
CODE = [
    *(path for name in ("kernels", "promote") for path in (ROOT / name).rglob("*.py")),
    *(ROOT / "conf" / "gate").glob("*.yaml"),
    *(ROOT / "store" / "resampling").glob("*.py"),
    ROOT / "benchmarks" / "sweeps" / "gate_parts.py",
    Path(__file__),
]
"""On which the outcomes depend."""
GAP = 1.0
"""Limit of the gap: Sharpe ratio on train less that on test."""


class Rule(NamedTuple):
    """A way to choose and to judge."""

    name: str
    gate: str
    question: Question = Question()
    changed: Mapping[str, float | None] = {}

    @property
    def looks(self) -> bool:
        """True when it looks at the holdout."""
        return "holdout" in preset.load(self.gate).checks


STANDARD = "`standard`"
BEFORE = ", before it looks at the holdout"
SPENT = ("holdout", "holdout_gap", "holdout_uses", "evidence", "promotion_budget")
"""Checks that look at it."""
PERFECT = "a perfect choice, judged by the holdout only"
EARLIER = "three vetoes at 5 %, and a holdout above 0: `standard` before `evidence`"
NEW = ("spa", "holdout", "evidence", "activity", "cost_stress")
"""Checks that it lacked, or had in another form."""
EARLIER_LIMITS = {
    **preset.load("standard").checks,
    "spa": 0.05,
    "deflated_sharpe": 0.95,
    "overfit_loss": 0.2,
}
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


def swept(root: Path, part: Part) -> Subject:
    """The sweep that is repeated, in a store of its own."""
    own = (f"data.start={part.start}", "executor=inline", f"store.root={root}")
    command = [sys.executable, "-m", "sweeper", "-m", *part.sweep, *part.data, *own]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return subject(root, "latest")


def earlier(original: Subject, samples: Sequence[Sample]) -> list[Verdict]:
    """The rule that `evidence` has replaced: each test by itself, then the sign of the holdout."""
    limits = {name: EARLIER_LIMITS[name] for name in EARLIER_LIMITS if name not in NEW}
    preset_ = measurable(Preset("earlier", limits))
    log = Unrecorded()
    selection = selected(
        original.results, original.experiment, samples, preset_, Question(), log, original.counted
    )
    answers = list(verdicts(preset_, selection, Question()))
    blocks = selection.candidate.sample.blocks
    places = examples(blocks, np.arange(blocks.sums.shape[1]))
    p = spa_blocks(*blocks, dependence(selection.candidate.sample.returns(places))).p_consistent
    answers.append(
        Verdict("spa", p <= EARLIER_LIMITS["spa"], p, EARLIER_LIMITS["spa"], "", EARLIER)
    )
    if passes(answers):
        ratio = selection.later.holdout_sharpe
        answers.append(Verdict("holdout", ratio > 0, ratio, 0.0, "a year", EARLIER))
    return answers


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
    """Verdict of the holdout on the best configuration in truth: no gate does better."""
    later = Later(Choice(Candidate(sample, place), None), Unrecorded())
    try:
        ratio = later.holdout_sharpe
    except ValueError:  # it does not trade there
        ratio = math.nan
    return Verdict("holdout", ratio > 0, ratio, 0.0, "a year", PERFECT)


class Column(NamedTuple):
    """Sweeps of one kind.

    Attributes:
        name: of its lines in the journal.
        edge: what is planted; None: luck.
        seed: of its bars.
        broken: whether the edge ends with the judged bars.
    """

    name: str
    edge: Edge | None
    seed: int
    broken: bool = False


def measure(original: Subject, column: Column, replicas: int, journal: Journal) -> dict[str, Tally]:
    """Outcomes of every rule on the same sweeps."""
    presets = [measurable(preset.load(rule.gate).change(rule.changed)) for rule in RULES]
    tallies = {name: Tally() for name in (*NAMES, EARLIER)}

    def highest() -> int:
        expected = expected_sharpes(original.samples, column.edge, column.seed, DRAWS)
        return int(expected.mean(axis=0).argmax())

    best = journal.of(f"{column.name.removesuffix(GONE)} best", highest)
    for number in range(replicas):

        def replica(number: int = number) -> dict[str, Outcome]:
            own = (column.seed, 0, number)
            samples = redrawn(original.samples, own, column.edge, broken=column.broken)
            return outcomes(original, samples, presets, best)

        for name, counted in journal.of(f"{column.name} {number}", replica).items():
            tallies[name].count(Outcome(*counted))
        if (number + 1) % 50 == 0:
            promoted = tallies[STANDARD].promoted
            print(f"{column.name}, {number + 1} of {replicas}: {promoted}", flush=True)
    return tallies


def outcomes(
    original: Subject, samples: Sequence[Sample], presets: Sequence[Preset], best: int
) -> dict[str, Outcome]:
    """Outcome of every rule on one replica; `best` is the place of the best in truth."""
    by_rule: dict[str, Outcome] = {}
    for rule, limits in zip(RULES, presets, strict=True):
        verdicts_ = judged(original, samples, limits, rule.question)
        by_rule[rule.name] = outcome(verdicts_)
        if rule.looks:
            before = (v for v in verdicts_ if v.check not in SPENT)
            by_rule[rule.name + BEFORE] = outcome(before)
    by_rule[EARLIER] = outcome(earlier(original, samples))
    by_rule[SECOND] = outcome([second_reference(samples[0])])
    by_rule[PERFECT] = outcome([perfect(samples[0], best)])
    return by_rule


def table(
    columns: Sequence[Mapping[str, Tally]],
    broken: Sequence[Mapping[str, Tally]] = (),
    sharpes: Sequence[float] = SHARPES,
) -> list[str]:
    """Rates with their intervals: a line per rule, a column for luck and, if there, each edge.

    Args:
        columns: luck, then the edges.
        broken: of each edge, the same sweeps without it in the holdout; none: not measured.
        sharpes: of the edges.
    """
    heads = ("luck", *(f"Sharpe {sharpe:g}" for sharpe in sharpes))
    sizes = [f"{column[STANDARD].replicas} sweeps" for column in columns]
    lines = [
        _row("promoted", *map(", ".join, zip(heads, sizes, strict=False))),
        "|---" * (1 + len(columns)) + "|",
    ]
    aims = [f"at {'least' if k else 'most'} {100 * aim:g} %" for k, aim in enumerate(TARGETS)]
    lines.append(_row("target", *aims[: len(columns)]))
    for name in (*NAMES, *(EARLIER for _ in range(EARLIER in columns[0]))):
        aimed = name.startswith(STANDARD) and not name.endswith(BEFORE)
        cells = [_rate(column[name], k if aimed else None) for k, column in enumerate(columns)]
        for k, column in enumerate(broken, start=1):
            cells[k] += f"; broken {100 * column[name].rate.rate:.1f} %"
        lines.append(_row(name, *cells))
    return lines


def checks(columns: Sequence[Mapping[str, Tally]], sharpes: Sequence[float] = SHARPES) -> list[str]:
    """Rejections of each check of the standard gate, and those of no other."""
    tallies = [column[STANDARD] for column in columns]
    heads = ("luck", *(f"Sharpe {sharpe:g}" for sharpe in sharpes))[: len(columns)]
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
    rejected, alone = (100 * one[name] / tally.replicas for one in (tally.rejected, tally.alone))
    return f"{rejected:.1f} %, {alone:.1f} %"


def _rate(tally: Tally, place: int | None) -> str:
    """A rate with its interval; whether it reaches the target of a column, if it has one."""
    rate, low, high = (100 * share for share in tally.rate)
    interval = f"{rate:.1f} % ({low:.1f} to {high:.1f})"
    if place is None:
        return interval
    aim = 100 * TARGETS[place]
    return f"{interval} {'reached' if (rate >= aim if place else rate <= aim) else 'missed'}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; all unless given")
    parser.add_argument("--nulls", type=int, default=400)
    parser.add_argument("--edges", type=int, default=500)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", type=Path, default=ROOT / ".cache" / "gate")
    given = parser.parse_args(arguments)
    for part in given.parts or PARTS:
        if part not in PARTS:
            parser.error(f"no part {part!r}; there are {', '.join(PARTS)}")
        kept = given.keep / f"{part}-{given.seed}-{digest(CODE)}.jsonl"
        lines = measured(part, given.nulls, given.edges, given.seed, Journal(kept))
        print("\n".join(lines))
        if given.write:
            replace_marked(ROOT / "docs" / "gate.md", MARKS[part], lines)


def measured(name: str, nulls: int, edges: int, seed: int, journal: Journal) -> list[str]:
    """The tables of one part, with what they are of."""
    part = PARTS[name]
    with tempfile.TemporaryDirectory() as folder:
        original = swept(Path(folder) / "results", part)
        columns, broken = [measure(original, Column("luck", None, seed), nulls, journal)], []
        for number, sharpe in enumerate(part.sharpes, start=1):
            edge = _edge(original, part, sharpe, seed, journal)
            alive = Column(f"{sharpe:g}", edge, seed + number)
            columns.append(measure(original, alive, edges, journal))
            gone = Column(alive.name + GONE, edge, seed + number, broken=True)
            broken.append(measure(original, gone, edges, journal))
        about = (
            f"{original.configurations} configurations, {original.samples[0].bars:,} bars and the "
            f"holdout after them, seed {seed}."
        )
    shares = ["", *checks(columns, part.sharpes)] if part.sharpes else []
    return [about, "", *table(columns, broken, part.sharpes), *shares]


def _edge(original: Subject, part: Part, sharpe: float, seed: int, journal: Journal) -> Edge:
    """The edge of a column, whose size takes some thousand sweeps to find."""

    def sized() -> Edge:
        samples, half_life = original.samples, part.half_life
        return planted(samples, sharpe, PERSISTENCE, seed, DRAWS, half_life=half_life)

    return Edge(*journal.of(f"{sharpe:g} edge", sized))


if __name__ == "__main__":
    main(sys.argv[1:])
