"""The cycle week by week: luck proposes within its budget, a planted decay is found."""

import os
from contextlib import chdir
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from operate.cycle import cycle as cycles
from operate.records.clock import now_of
from operate.records.desk import Place
from promote.profiles.files import versions
from store.records import experiment as experiments
from store.registry import open_registry
from tests.operate.operated import PAST, Operated, around, bars, build, no_holidays

WEEKS = int(os.environ.get("SWEEPER_WEEKS", "6"))
"""50 of them show it in full: SWEEPER_WEEKS=50."""
OLD, NEW = (2, 5), (4, 7)
"""Lengths of the champion, and of its neighbour that goes on earning."""


def side(close, t, lengths):
    """Side that a rule of two moving averages takes after bar t-1."""
    fast, slow = (close[max(0, t - length) : t].mean() for length in lengths)
    return 1.0 if fast > slow else -1.0


def decaying(n, until, seed):
    """Bars on which both rules earn; from a bar on the champion loses where they differ."""
    random = np.random.default_rng(seed)
    close = np.full(n, 100.0)
    for t in range(1, n):
        old, new = side(close, t, OLD), side(close, t, NEW)
        drift = 0.4 * new if t < until else 1.2 * new * (old != new)
        close[t] = close[t - 1] * np.exp(0.01 * (drift + random.standard_normal()))
    return around(close, random)


def weeks_of(operated, weeks, days, stop=lambda cycle: False):
    """The cycles of so many weeks of five bars each; they end where `stop` says."""
    results = []
    for week in range(1, weeks + 1):
        n = PAST + 5 * week
        operated.arrive(n)
        now = operated.frame["time"][n - 1] + pd.Timedelta("1D")
        place = Place(operated.desk, now_of(now.isoformat()))
        results.append(cycles.run_cycle(place, "fast", {"days": days}))
        if stop(results[-1]):
            break
    return results, place


def assert_every_try_is_counted(results, place):
    """Budget, events and the store's experiments know of the very tries of the cycles."""
    tries = [each for each in results if each.experiment]
    proposals = [each.proposal for each in results if each.proposal]
    history = cycles.budget_history(place, "fast")
    assert history == [bool(each.proposal) for each in tries]
    kinds = [each.kind for each in open_registry("results").events("fast")]
    assert kinds.count("improvement started") == kinds.count("improvement ended") == len(tries)
    assert kinds.count("improvement proposal") == len(proposals)
    swept = {each.id for each in experiments.every(Path("results"))}
    assert {each.experiment for each in tries} < swept
    assert len(versions(Path("profiles"), "fast")) == 1, "nothing is deployed"
    return len(tries), len(proposals)


@pytest.fixture
def here(tmp_path):
    with chdir(tmp_path):
        yield


@pytest.mark.kill
def test_weeks_without_an_edge_propose_nothing_false(here):
    """The budget lets a tenth of all proposals be false: of one profile's year hardly any is."""
    frame = no_holidays(bars(strength=0.0, seed=12))
    build(frame)
    results, place = weeks_of(Operated(frame), WEEKS, 30)
    tries, proposals = assert_every_try_is_counted(results, place)
    assert (len(results), proposals) == (WEEKS, 0)
    assert tries < len(results), "most weeks find nothing beyond luck"


@pytest.mark.kill
def test_a_planted_decay_is_found_and_the_better_neighbour_is_proposed(here):
    frame = no_holidays(decaying(1_300, PAST + 30, seed=4))
    build(frame, ("params.fast=2", "params.slow=5,12"))
    results, place = weeks_of(Operated(frame), 30, 90, stop=lambda cycle: cycle.proposal)
    tries, proposals = assert_every_try_is_counted(results, place)
    assert (tries > 0, proposals) == (True, 1)
    last = results[-1]
    assert last.chance <= last.level
    assert any(each.starts for each in last.findings)
    assert "Nothing is deployed" in Path(last.proposal).read_text()
