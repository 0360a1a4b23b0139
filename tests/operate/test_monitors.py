"""Monitors: a faithful account passes, every planted fault is named by its cause."""

import numpy as np
import pandas as pd
import pytest

from tests.operate.live_records import faithful, moved, shadow_of, take_in
from tests.operate.operated import PAST

LAST = PAST + 200


@pytest.fixture
def traded(operated):
    """The store after 200 fresh bars."""
    operated.arrive(LAST)
    operated.json("shadow", "fast")
    return operated


def verdicts(operated, fills, code=0):
    take_in(operated, fills, "--until", f"{operated.frame['time'][LAST - 1]:%Y-%m-%d}T21:00Z")
    return operated.json("monitors", "fast", code=code)


def test_a_faithful_account_passes(traded):
    told = verdicts(traded, faithful(traded, PAST))
    assert told["fidelity"]["verdict"] == told["costs"]["verdict"] == "pass"
    assert told["loss_budget"]["verdict"] == "pass"
    assert told["shortfall"]["verdict"] == told["decay"]["verdict"] == "inconclusive"
    assert all(0 <= row["false_alarm"] <= 0.05 for row in told.values())
    assert told["fidelity"]["n"] > 20


def test_the_same_statement_twice_changes_nothing(traded):
    fills = faithful(traded, PAST)
    assert take_in(traded, fills)["new"] == len(fills)
    assert take_in(traded, fills)["new"] == 0
    assert take_in(traded, pd.concat([fills, fills.iloc[:1]]))["new"] == 1


def test_nothing_taken_in_is_inconclusive(traded):
    told = traded.json("monitors", "fast")
    assert {row["verdict"] for row in told.values()} == {"inconclusive"}


MIDDLE = 8


@pytest.mark.parametrize(
    ("cause", "plant"),
    [
        ("late", lambda fills: moved(fills, MIDDLE, 1)),
        ("missing", lambda fills: fills.drop(index=[MIDDLE, MIDDLE + 1])),
        ("outage", lambda fills: fills.drop(index=range(MIDDLE, MIDDLE + 12))),
        (
            "size",
            lambda fills: fills.assign(
                quantity=fills["quantity"] * np.where(fills.index // 2 == MIDDLE // 2, 1.5, 1)
            ),
        ),
        ("price", lambda fills: fills.assign(price=fills["price"] * (1 + (fills.index == MIDDLE)))),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(traded, cause, plant):
    told = verdicts(traded, plant(faithful(traded, PAST)), code=3)["fidelity"]
    assert told["verdict"] == "fail"
    assert cause in told["causes"]


def quiet_bar(operated):
    """A fresh bar on which the shadow has no fill, nor on those next to it."""
    _, table, trades = shadow_of(operated)
    filled = set(table.index.get_indexer(pd.DatetimeIndex(trades["entry_time"])))
    filled |= set(table.index.get_indexer(pd.DatetimeIndex(trades["exit_time"])))
    return next(
        bar for bar in range(PAST + 40, LAST - 5) if not filled & set(range(bar - 5, bar + 2))
    )


def test_an_extra_trade_is_named(traded):
    fills = faithful(traded, PAST)
    _, table, _ = shadow_of(traded)
    bar = quiet_bar(traded)
    time = (table.index[bar] + pd.Timedelta("15h")).isoformat()
    own = {"time": time, "side": "buy", "quantity": 3.0, "price": table["close"].iloc[bar]}
    extra = fills.iloc[[0]].assign(**own, order_id="extra")
    told = verdicts(traded, pd.concat([fills, extra]), code=3)["fidelity"]
    assert told["causes"] == {"extra": 1}


def test_five_basis_points_dearer_fail_costs_by_their_prices(traded):
    told = verdicts(traded, faithful(traded, PAST, dearer=0.0005), code=3)
    assert told["fidelity"]["verdict"] == "pass"
    assert told["costs"]["verdict"] == "fail"
    assert told["costs"]["price_excess"] == pytest.approx(0.0005)
    assert told["costs"]["fee_excess"] == pytest.approx(0.0, abs=1e-12)


def test_fees_above_the_profiles_fail_costs_by_their_fees(traded):
    told = verdicts(traded, faithful(traded, PAST, fee=0.0010), code=3)["costs"]
    assert (told["verdict"], round(told["fee_excess"], 9)) == ("fail", 0.0005)


def test_an_equity_curve_alone_feeds_two_monitors(traded):
    kept = traded.frame["time"][PAST:LAST]
    equity = pd.DataFrame({"time": kept + pd.Timedelta("21h"), "equity": 1000.0})
    take_in(traded, equity, form="equity")
    told = traded.json("monitors", "fast")
    assert told["fidelity"]["verdict"] == told["costs"]["verdict"] == "inconclusive"
    assert "equity curve" in told["fidelity"]["reason"]
    assert told["shortfall"]["n"] == told["loss_budget"]["n"] == LAST - PAST - 1
