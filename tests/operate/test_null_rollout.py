"""Null rollout, challengers, and gap tables of random records."""

from pathlib import Path

import numpy as np
import pytest

from operate.monitors.watch import watch
from operate.records.clock import now_of
from operate.records.desk import Place
from operate.rollout.gap import CAUSES, gap_rows
from operate.rollout.null_rollout import stopped_at
from promote.profiles.files import find
from tests.operate.live_records import faithful, take_in
from tests.operate.operated import PAST, promote_again

pytestmark = pytest.mark.slow


def test_both_errors_are_measured_on_the_profile(operated):
    told = operated.json("null-rollout", "fast", "--paths", "40")
    assert told["paths"] == 40
    assert told["false_rollback"]["1 year"] <= 0.2
    assert told["power"]["3 years"] >= told["power"]["1 year"] >= told["power"]["3 months"]
    assert told["power"]["3 years"] >= told["false_rollback"]["3 years"]


def test_a_path_is_stopped_by_the_line_or_the_loss():
    returns = np.array([[-0.01] * 6, [0.0] * 6, [0.0, 0.0, -0.3, 0.0, 0.0, 0.0]])
    found = stopped_at(returns, 0.001, 0.02, 0.2, 6)
    assert found.tolist() == [2.0, np.inf, 3.0]


def test_a_challenger_is_judged_on_the_same_bars(operated):
    promote_again(operated)
    operated.arrive(PAST + 60)
    told = operated.json("challenger", "start", "faster", "fast/v1", "fast/v2")
    assert told["status"] == "running"
    (duel,) = operated.json("challenger", "judge")
    assert (duel["bars"], duel["status"]) == (60, "running")
    assert duel["years"] > 0.1
    assert -1 <= duel["correlation"] <= 1
    done = operated.run("challenger", "start", "faster", "fast/v1", "fast/v2", code=2)
    assert "is there already" in done.stderr


@pytest.fixture
def traded(operated):
    operated.arrive(PAST + 150)
    operated.json("shadow", "fast")
    return operated


def test_gap_tables_of_random_records_add_up(traded):
    """Fills are dropped, moved, scaled and repriced at random: 25 statements, 40 looks each."""
    random = np.random.default_rng(0)
    fills = faithful(traded, PAST)
    take_in(traded, fills)
    place = Place(traded.desk, now_of(None))
    profile = find(Path("profiles"), "fast")
    seen = watch(place, profile)
    for _ in range(1_000):
        changed = scrambled(seen, random)
        rows, total = gap_rows(changed.live, changed.account, changed.promise)
        assert [row.cause for row in rows] == list(CAUSES)
        assert sum(row.amount for row in rows) == pytest.approx(total, abs=1e-9)


def scrambled(seen, random):
    """The same look with random amounts everywhere."""
    from dataclasses import replace

    live, matched = seen.live, seen.live.matched
    noise = lambda: float(random.normal(1, 0.3))  # noqa: E731
    pairs = [
        replace(each, quantity=abs(each.quantity * noise()), price=each.price * noise(),
                late=int(random.integers(3)))
        for each in matched.pairs
        if random.random() < 0.9
    ]  # fmt: skip
    pairs = pairs or matched.pairs
    profit = seen.account.profit + random.normal(0, 50, seen.account.profit.size)
    return replace(
        seen,
        live=replace(live, matched=replace(matched, pairs=pairs)),
        account=replace(seen.account, profit=profit),
    )
