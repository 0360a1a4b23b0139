"""What a candidate was chosen by: a plateau by its median, a peak by itself."""

import math

import numpy as np
import pytest

from promote.candidates.candidates import candidates
from promote.candidates.judged_sample import Sample, judged_span
from promote.candidates.selection import Needs, medians, select
from promote.gate.evidence import selection_effect as module
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.selection_effect import Choice
from store.records.comparable_groups import pools
from store.runs.reader import Shelf
from tests.promote.swept import verdicts

YEAR = math.sqrt(252)


@pytest.fixture(scope="module")
def sample(planted):
    (pool,) = pools(planted.experiment)
    shelf = Shelf(planted.root)
    return Sample(candidates(shelf, planted.experiment, pool), shelf, judged_span(pool))


def chosen(sample, by):
    """The candidate that is selected, as the gate sees its choice."""
    return Choice(Candidate(*select([sample], by)), by)


def around(sample, place):
    """Places of a neighbourhood on the grid of the fixture, one obvious line each."""
    near = ~sample.candidates.runs["baseline"].to_numpy(zero_copy_only=False)
    for name in ("params.fast", "params.slow"):
        values = sample.candidates.column(name)
        steps = np.unique(
            values[~sample.candidates.runs["baseline"].to_numpy(zero_copy_only=False)]
        )
        rank = np.searchsorted(steps, values)
        near = near & (abs(rank - rank[place]) <= 1)
    return np.flatnonzero(near)


def test_a_plateau_is_judged_by_its_median(sample):
    found = chosen(sample, "plateau")
    near = around(sample, found.candidate.place)
    median = np.median(sample.metric("sharpe")[near])
    assert found.chosen_among == near.size
    assert found.chosen_sharpe == pytest.approx(median / YEAR)
    assert found.chosen_sharpe == pytest.approx(np.nanmax(medians(sample, 0.0)) / YEAR)
    assert found.chosen_bars > sample.bars


def test_a_plateaus_luck_is_that_of_plateaus(sample):
    found, peak = chosen(sample, "plateau"), chosen(sample, "sharpe")
    compared = medians(sample, 0.0)
    compared = compared[~np.isnan(compared)] / YEAR
    assert found.chosen_variance == max(compared.var(ddof=1), 1 / (found.chosen_bars - 1))
    assert found.chosen_sums.shape == (64, 60), "without the baseline"
    assert peak.chosen_sums is sample.blocks.sums
    column = sample.blocks.sums[:, around(sample, 7)].mean(axis=1)
    places = np.flatnonzero(~np.isnan(medians(sample, 0.0)))
    held = found.chosen_sums[:, np.flatnonzero(places == 7)[0]]
    np.testing.assert_allclose(held, column, rtol=1e-12)


@pytest.mark.parametrize("by", ["sharpe", None])
def test_a_peak_or_what_was_named_is_judged_by_itself(sample, by):
    _, place = select([sample], "sharpe")
    found = Choice(Candidate(sample, place), by)
    sharpes = sample.metric("sharpe") / YEAR
    assert found.chosen_sharpe == pytest.approx(np.nanmax(sharpes))
    assert (found.chosen_among, found.chosen_bars) == (1, sample.bars)
    assert found.chosen_variance == pytest.approx(
        max(sharpes.var(ddof=1), 1 / (sample.bars - 1)), rel=1e-12
    )


def test_of_many_neighbourhoods_some_tell_how_alike_they_are(sample, monkeypatch):
    whole = chosen(sample, "plateau").chosen_sums
    monkeypatch.setattr(module, "MOST", 20)
    some = chosen(sample, "plateau").chosen_sums
    assert some.shape == (64, 20)
    columns = {column.tobytes() for column in whole.T.copy()}
    assert {column.tobytes() for column in some.T.copy()} <= columns


def test_who_trades_less_is_nobodys_neighbour(sample):
    trades = sample.metric("trades")
    floor = float(np.median(trades))
    place = select([sample], "plateau", Needs(floor))[1]
    found = Choice(Candidate(sample, place), "plateau", floor)
    near = around(sample, place)
    assert found.chosen_among == (trades[near] >= floor).sum() < near.size


def test_the_verdict_says_what_was_judged(planted, sample):
    limits = {"min_trades": None, "drawdown_ratio": None}
    judgement = planted.judged(log=None, limits=limits, allow_dirty=True)
    told = verdicts(judgement)["deflated_sharpe"].reason
    found = chosen(sample, "plateau")
    size, median = found.chosen_among, found.chosen_sharpe * YEAR
    assert told.startswith(f"its neighbourhood of {size} has a median of {median:.2f} a year; 61 ")
    assert "for which the benchmark of its formula is" in told
    peak = verdicts(planted.judged(log=None, select_by="sharpe", allow_dirty=True))
    assert peak["deflated_sharpe"].reason.startswith("61 were tried")


def test_what_nobody_trades_as_often_as_is_judged_among_all(planted):
    judgement = planted.judged(log=None, limits={"min_trades": 1e6}, allow_dirty=True)
    told = verdicts(judgement)
    assert not told["min_trades"].passed
    assert told["deflated_sharpe"].passed


# Too deep a fall


def test_what_fell_too_deep_is_not_put_forward_and_stays_a_neighbour(sample):
    ratio = sample.metric("max_drawdown") / sample.metric("volatility")
    first = select([sample], "plateau")[1]
    limit = float(ratio[first]) * (1 - 1e-9)
    _, place = select([sample], "plateau", Needs(drawdown_ratio=limit))
    assert place != first
    assert ratio[place] <= limit
    scores = np.where(ratio <= limit, medians(sample, 0.0), np.nan)
    assert np.nanmax(scores) == medians(sample, 0.0)[place], "medians are of all neighbours"


@pytest.mark.parametrize("by", ["plateau", "sharpe", "calmar"])
def test_where_all_fell_too_deep_the_best_is_put_forward(sample, by):
    assert select([sample], by, Needs(drawdown_ratio=1e-9)) == select([sample], by)
    trades = float(np.median(sample.metric("trades")))
    both = select([sample], by, Needs(trades, 1e-9))
    assert both == select([sample], by, Needs(trades)), "trades count for more"


def test_the_needs_are_limits_of_the_gate(planted):
    assert Needs.of({"min_trades": 9.0, "spa": 0.05}) == Needs(9.0)
    assert Needs.of({"drawdown_ratio": 2.0}) == Needs(0.0, 2.0)
    free = planted.judged(log=None, limits={"drawdown_ratio": None}, allow_dirty=True)
    metrics = free.evidence["metrics"]
    limit = metrics["max_drawdown"] / metrics["volatility"] * (1 - 1e-9)
    told = planted.judged(log=None, limits={"drawdown_ratio": limit}, allow_dirty=True)
    assert told.ref != free.ref
    assert verdicts(told)["drawdown_ratio"].passed
