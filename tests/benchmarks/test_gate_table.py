"""The rates in docs/gate.md: of every preset, made by the benchmark, and read as it writes them."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.gate import (
    BEFORE,
    EARLIER,
    MARKS,
    NAMES,
    PERFECT,
    RULES,
    SECOND,
    STANDARD,
    checks,
    perfect,
    second_reference,
    table,
)
from kernels import METRICS
from promote.candidates.judged_sample import Sample
from promote.gate import preset
from promote.gate.null_sweep import Tally
from promote.gate.verdict import Verdict
from tests.documents import DOCS


def marked(mark):
    """What stands between the page's comments of a mark."""
    return re.findall(
        rf"<!-- {mark}: begin -->\n(.*?)\n<!-- {mark}: end -->", DOCS["gate.md"], re.S
    )


def tally(promoted, rejected):
    found = Tally()
    for number in range(promoted + rejected):
        found.add([Verdict("spa", number < promoted, 0.5, 0.05, "", "why")])
    return found


def columns(*promoted):
    return [dict.fromkeys(NAMES, tally(count, 100 - count)) for count in promoted]


def test_a_line_per_rule_with_its_interval_and_targets():
    lines = table(columns(3, 74, 95))
    assert (
        lines[0]
        == "| promoted | luck, 100 sweeps | Sharpe 0.91, 100 sweeps | Sharpe 1.43, 100 sweeps |"
    )
    assert lines[2] == "| target | at most 3 % | at least 75 % | at least 95 % |"
    assert lines[3].startswith("| `standard` | 3.0 % (0.6 to 8.5) reached | 74.0 % (")
    assert ") missed | 95.0 % (" in lines[3]
    assert lines[-2].startswith(f"| {SECOND} | 3.0 % (0.6 to 8.5) | ")
    assert lines[-1].startswith(f"| {PERFECT} | 3.0 % (0.6 to 8.5) | ")
    assert len(lines) == 3 + len(NAMES)
    assert len({line.count("|") for line in lines}) == 1


def test_what_each_check_rejects():
    assert checks(columns(40, 100, 100))[2:] == [
        "| `spa` | 60.0 %, 60.0 % | 0.0 %, 0.0 % | 0.0 %, 0.0 % |"
    ]


def test_a_table_of_luck_only():
    lines = table(columns(3))
    assert lines[1:3] == ["|---|---|", "| target | at most 3 % |"]
    assert lines[3] == "| `standard` | 3.0 % (0.6 to 8.5) reached |"


@pytest.mark.parametrize("mark", MARKS.values())
def test_the_page_has_the_marks(mark):
    assert DOCS["gate.md"].count(f"<!-- {mark}: begin -->") == 1
    assert DOCS["gate.md"].count(f"<!-- {mark}: end -->") == 1


def test_the_page_has_one_year_of_luck():
    (text,) = marked("gate-one-year")
    assert re.match(r"\d+ configurations, 252 bars and the holdout after them, seed \d+\.", text)
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    assert tuple(row[0] for row in rows[2:]) == NAMES
    assert "reached" in rows[2][1]


def test_every_preset_is_measured():
    assert {rule.gate for rule in RULES} == set(preset.names())
    assert next(name for name in NAMES if BEFORE in name) == STANDARD + BEFORE


def test_the_page_has_the_rules_that_are_measured():
    (text,) = marked("gate")
    assert re.match(r"\d+ configurations, 2,520 bars and the holdout after them, seed \d+\.", text)
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    first = [row[0] for row in rows if row[0] != EARLIER]
    assert tuple(first[2 : 2 + len(NAMES)]) == NAMES
    rate = r"\d+\.\d % \(\d+\.\d to \d+\.\d\)( reached| missed)?(; broken \d+\.\d %)?"
    assert all(re.fullmatch(rate, cell) for row in rows[2 : 2 + len(NAMES)] for cell in row[1:])
    sizes = [int(cell.split(", ")[1].split()[0]) for cell in rows[0][1:]]
    assert sizes[0] >= 400
    assert min(sizes[1:]) >= 200
    asked = {name.strip("`") for name in first[3 + len(NAMES) :]}
    found = preset.load("standard")
    assert asked <= {*found.checks, *found.warnings}
    assert {"spa", "holdout"} <= asked


def test_the_page_keeps_what_it_promises_of_luck():
    (text,) = marked("gate")
    line = next(line for line in text.splitlines() if line.startswith(f"| {STANDARD} |"))
    assert "reached" in line.split(" | ")[1]


@pytest.mark.parametrize(("sharpe", "passed"), [(0.01, True), (0.0, False), (-0.5, False)])
def test_a_perfect_choice_is_judged_by_the_holdout_only(monkeypatch, sharpe, passed):
    looked = []

    def later(choice, log):
        looked.append(choice.candidate.place)
        return SimpleNamespace(holdout_sharpe=sharpe)

    monkeypatch.setattr("benchmarks.gate.Later", later)
    verdict = perfect(Sample(None, None, (0, 100)), 7)
    assert (verdict.check, verdict.passed, verdict.observed) == ("holdout", passed, sharpe)
    assert looked == [7]


@pytest.mark.parametrize(("gap", "passed"), [(0.9, True), (1.1, False)])
def test_the_second_reference_ranks_by_test(monkeypatch, gap, passed):
    def evaluate(candidates, series, span):
        values = [5.0, gap + 2.0] if span == (0, 75) else [1.0, 2.0]
        metrics = np.zeros((2, 1, len(METRICS)))
        metrics[:, 0, METRICS.index("sharpe")] = values
        assert span in ((0, 75), (75, 100))
        return SimpleNamespace(metrics=metrics)

    monkeypatch.setattr("benchmarks.gate.evaluate", evaluate)
    sample = Sample(None, None, (0, 100))
    monkeypatch.setattr(Sample, "series", None)
    verdict = second_reference(sample)
    assert verdict.observed == pytest.approx(gap)
    assert verdict.passed is passed
