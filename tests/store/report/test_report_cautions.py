"""Warnings: each where it belongs, with its numbers, and nowhere else."""

import dataclasses

import numpy as np
import pytest

from store.analysis.best_plateau import Peak
from store.analysis.sharpe_error import Z, gap_error
from store.records.experiment import Experiment
from store.report.overfitting_warnings import cautions
from store.report.view_model import Entry
from tests.store.reported import TRAIN_TEST, family, grid

NAN = float("nan")
METRICS = {"sharpe": 0.9, "trades": 40.0}
EXPERIMENT = Experiment(
    id="exp-20260102-030405-ab12",
    name="demo",
    status="done",
    created="2026",
    counts={"planned": 9, "done": 9, "failed": 0},
    data={"NASDAQ": {"source": "nasdaq", "quality": {"score": 1.0}}},
)
AXES = grid(fast=(5, 10, 20), slow=(50, 100, 200))
GOOD = np.array([0.1, 0.2, 0.1, 0.2, 0.9, 0.6, 0.1, 0.5, 0.5])


def entry(role=None, **metrics):
    return Entry(role, 5, "sma", "NASDAQ", "long", "dev", {}, METRICS | metrics)


def peak(**changes):
    facts = {
        "family": "sma · NASDAQ · long",
        "run": 5,
        "params": {"fast": 10.0},
        "median": 0.5,
        "own": 0.6,
        "size": 9,
        "best": 0.9,
        "best_median": 0.5,
        "best_score": 0.55,
    }
    return Peak(**(facts | changes))


FAMILY = family(AXES, GOOD)


def told(experiment=EXPERIMENT, families=(FAMILY,), entries=(), peaks=(), **changes):
    entries = entries or (entry(), entry("hold", sharpe=0.3))
    experiment = dataclasses.replace(experiment, **changes)
    found = cautions(experiment, families, entries, peaks or (peak(),), "sharpe", "results")
    return {one.title: one.text for one in found}


def test_a_decent_sweep_is_left_alone():
    assert told() == {}


def test_what_is_wrong_with_the_sweep_itself():
    assert list(told(status="interrupted")) == ["The sweep is interrupted"]
    failed = told(counts={"planned": 9, "done": 7, "failed": 2})
    assert failed == {
        "2 of 9 runs failed": "They are in no figure here: `python -m store errors "
        "exp-20260102-030405-ab12` says why."
    }
    poor = {"X": {"source": "synthetic", "quality": {"score": 0.9}}}
    assert list(told(data=poor)) == ["The bars of X are made up", "The bars of X have flaws"]


def test_holding_that_did_better_is_said():
    found = told(entries=(entry(), entry("hold", sharpe=0.9)))
    assert list(found) == ["Holding did better"]


def test_few_trades_are_counted_over_all_train_windows():
    assert "made 29;" in told(entries=(entry(trades=29.0),))["Too few trades"]
    windows = [{"role": f"train_{k}", "start": 0, "stop": 4025} for k in range(3)]
    folds = (family(AXES, GOOD, windows=windows),)
    assert told(families=folds, entries=(entry(trades=10.0),)) == {}
    assert "made 27;" in told(families=folds, entries=(entry(trades=9.0),))["Too few trades"]


@pytest.mark.parametrize("score", [0.49, NAN])
def test_a_needle_is_told_from_a_plateau(score):
    found = told(peaks=(peak(best_score=score, best_median=-0.1),))
    assert list(found) == ["A needle, not a plateau"]
    assert "of 0.90, the median of its neighbourhood is −0.10" in str(found)  # noqa: RUF001
    assert told(peaks=(peak(family="another", best_score=score),)) == {}


def test_a_best_at_the_edge_of_what_was_tried():
    edge = GOOD.copy()
    edge[8] = 1.0
    found = told(families=(family(AXES, edge),))
    assert found == {
        "The best lies at the edge": "fast 20 is the highest tried here and slow 200 is the "
        "highest tried here: what lies beyond was not. Extend fast above 20 and slow above 200."
    }
    two = family(grid(fast=(5, 10), stop=(NAN, 0.1)), [0, 1, 2, 0.5])
    assert told(families=(two,)) == {}


def test_a_fall_in_test_beyond_chance():
    families = (family(AXES, GOOD, GOOD, windows=TRAIN_TEST),)
    limit = 0.9 - Z * gap_error([(0, 1000)], [(1000, 1500)], 252)
    assert told(families=families, entries=(entry(test_sharpe=limit + 0.01),)) == {}
    found = told(families=families, entries=(entry(test_sharpe=limit - 0.05),))
    assert list(found) == ["The best does not hold up in test"]
    assert "1.7 standard errors" in str(found)


def test_runs_that_are_alike():
    close = family(AXES, GOOD / 4)  # a standard error is 0.25
    found = told(families=(close,), entries=(entry(),))
    assert list(found) == ["All runs are alike"]
    assert "from 0.03 to 0.19, less apart than the standard error of one of them, 0.25" in str(
        found
    )
    alone = family({}, [0.5])
    assert told(families=(alone,)) == {}


def test_runs_that_are_alike_by_another_metric():
    entries = (entry(calmar=2.0),)
    for spread, alike in ((0.01, True), (0.2, False)):
        families = (family(AXES, 2 + spread * GOOD),)
        found = cautions(EXPERIMENT, families, entries, (), "calmar", "results")
        assert [one.title for one in found] == ["All runs are alike"] * alike


def test_a_look_ahead_that_was_allowed():
    assert list(told(families=(family(AXES, GOOD, look_ahead=True),))) == [
        "It was allowed to look ahead"
    ]


def test_without_a_run_only_the_sweep_is_judged():
    found = cautions(
        dataclasses.replace(EXPERIMENT, status="failed"), (), (), (), "sharpe", "results"
    )
    assert [one.title for one in found] == ["The sweep is failed"]
