"""Which exit a bar makes: the open decides first, then the worse of what the range touches."""

import itertools

import numpy as np
import pytest

from tests import slow
from tests.kernels.engine.test_bar_engine import metric, play, trades

H = 2  # HOLD
STOPPED, TRAILED, WON, RUINED = "stop_loss", "trailing_stop", "take_profit", "liquidation"
# A long from 10 with its stop at 9 and its target at 12: (open, high, low, price, reason).
TRUTH = [
    (13, 14, 8, 13, WON),  # opens beyond the target: sold there, whatever the bar does then
    (12, 14, 8, 12, WON),  # opens on it
    (11, 14, 8, 9, STOPPED),  # both inside the bar: the worse
    (11, 12, 10, 12, WON),
    (11, 11.9, 9, 9, STOPPED),
    (11, 11.9, 9.1, None, None),
    (9, 14, 8, 9, STOPPED),  # opens on the stop
    (8, 14, 7, 8, STOPPED),  # opens beyond it, reaches the target later
]
STOPS = {STOPPED: {"stop_loss": 0.1}, TRAILED: {"trailing_stop": 0.1}}


def mirrored(price):
    return None if price is None else 20 - price


def exits(side, row, **settings):
    """Enter at bar 1, live through bar 2, and meet the row's bar 3."""
    opened, high, low, _, _ = row
    if side < 0:
        opened, high, low = mirrored(opened), mirrored(low), mirrored(high)
    r = play([side, H, H, H], [10, 10, 10, opened], [10, 10, 10, 10], [10, 10, 10, high],
             [10, 10, 10, low], take_profit=0.2, **settings)  # fmt: skip
    return trades(r)


@pytest.mark.parametrize("row", TRUTH)
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize("stop", STOPS)
def test_the_open_decides_first(row, side, stop):
    *_, price, reason = row
    reason = stop if reason == STOPPED else reason
    for order, watch, fill in itertools.product(
        ("signal_first", "stop_first"), ("entry_bar", "next_bar"), ("next_open", "same_close")
    ):
        got = exits(side, row, stop_order=order, stops_from=watch, fill=fill, **STOPS[stop])
        entry = 0 if fill == "same_close" else 1
        price_out = price if side > 0 else mirrored(price)
        if reason is None:
            assert got == [(entry, 3, side, 10, 10, "end")]
        else:
            assert got == [(entry, 3, side, 10, price_out, reason)]


@pytest.mark.parametrize("side", [1, -1])
def test_an_order_that_waits_for_the_open_comes_before_a_target_there_unless_stops_are_first(side):
    opened = 13 if side > 0 else 7
    for order, reason in (("signal_first", "signal"), ("stop_first", WON)):
        r = play([side, H, 0, H], [10, 10, 10, opened], take_profit=0.2, stop_order=order)
        assert trades(r) == [(1, 3, side, 10, opened, reason)]


@pytest.mark.parametrize("side", [1, -1])
def test_the_entry_bar_is_watched_from_its_open_or_not_at_all(side):
    high, low = (13, 9.5) if side > 0 else (10.5, 7)
    for watch, out in (
        ("entry_bar", (1, 12 if side > 0 else 8, WON)),
        ("next_bar", (2, 10, "end")),
    ):
        r = play([side, H, H], [10] * 3, high=[10, high, 10], low=[10, low, 10],
                 take_profit=0.2, stops_from=watch)  # fmt: skip
        assert trades(r) == [(1, out[0], side, 10, *out[1:])]


def test_a_short_is_ruined_inside_the_bar():
    """Sold 100 at 10: nothing is left at 20, and the bar comes back too late."""
    r = play([-1, H, H, 0, H], [10, 10, 10, 10, 9], [10, 10, 10, 9, 9], [10, 10, 25, 10, 9],
             [10, 10, 9, 9, 9])  # fmt: skip
    assert trades(r) == [(1, 2, -1, 10, 20, RUINED)]
    assert r.equity.tolist() == [1000, 1000, 0, 0, 0]
    assert r.trades["pnl"] == -1000
    assert metric(r, "total_return") == -1
    assert metric(r, "max_drawdown") == 1
    assert metric(r, "turnover") == 252 / 5  # liquidation is no fill


@pytest.mark.parametrize(
    ("settings", "out"),
    [
        ({}, (1, 20, RUINED)),
        ({"stops_from": "next_bar", "stop_loss": 0.1}, (1, 20, RUINED)),  # no stop stands yet
        ({"stop_loss": 0.5}, (1, 15, STOPPED)),  # nearer than ruin
        ({"stop_loss": 1.0, "direction": "short"}, (1, 20, RUINED)),  # as far as ruin
        ({"trailing_stop": 0.3}, (1, 13, TRAILED)),
        ({"fill": "same_close"}, (1, 20, RUINED)),
        ({"risk_fraction": 0.05, "stop_loss": 0.1}, (1, 11, STOPPED)),
        ({"take_profit": 0.2}, (1, 20, RUINED)),  # the low would have been the target
    ],
)
def test_a_stop_that_is_nearer_comes_before_ruin(settings, out):
    r = play([-1, H, H], [10] * 3, high=[10, 25, 10], low=[10, 8, 10], **settings)
    assert trades(r)[0][1:] == (out[0], -1, 10, *out[1:])


@pytest.mark.parametrize(("settings", "reason"), [({}, RUINED), ({"stop_loss": 0.1}, RUINED)])
def test_an_open_beyond_ruin_is_ruin_whatever_the_stop(settings, reason):
    r = play([-1, H, H, H], [10, 10, 25, 10], [10, 10, 25, 10], **settings)
    assert trades(r) == [(1, 2, -1, 10, 25, reason)]
    assert r.equity.tolist() == [1000, 1000, 0, 0]


@pytest.mark.parametrize("order", ["signal_first", "stop_first"])
def test_a_short_that_is_covered_at_the_open_is_not_ruined_by_that_bar(order):
    r = play([-1, 0, H], [10, 10, 12], high=[10, 10, 30], stop_order=order)
    assert trades(r) == [(1, 2, -1, 10, 12, "signal")]


def test_a_short_that_is_covered_at_the_close_is():
    r = play([-1, H, 0, H], [10] * 4, high=[10, 10, 20, 10], fill="same_close")
    assert trades(r) == [(0, 2, -1, 10, 20, RUINED)]


def test_a_short_sold_at_the_close_has_not_lived_through_that_bar():
    assert trades(play([-1, H], [10, 10], high=[30, 10], fill="same_close"))[0][-1] == "end"


def test_a_long_cannot_be_ruined():
    r = play([1, H, H], [10, 10, 1], high=[10, 1e6, 1], low=[10, 1e-6, 1])
    assert trades(r) == [(1, 2, 1, 10, 1, "end")]


@pytest.mark.parametrize("place", [2, 63, 64, 65, 127, 128, 191])
def test_ruin_is_seen_wherever_in_the_blocks_it_is(place):
    opened, high = np.full(192, 10.0), np.full(192, 10.0)
    high[place] = 20.0
    r = play([-1, *[H] * 191], opened, high=high)
    assert trades(r) == [(1, place, -1, 10, 20, RUINED)]


def test_the_reference_ruins_as_worked_by_hand():
    bars = [(10, 10, 10, 10), (10, 10, 10, 10), (10, 25, 9, 10), (10, 10, 9, 9)]
    settings = dict.fromkeys(("stop_loss", "take_profit", "trailing_stop", "risk_fraction"))
    settings |= {"fill": "next_open", "stop_order": "signal_first", "stops_from": "entry_bar"}
    settings |= {"arm": False, "direction": "both", "initial_capital": 1000.0}
    settings |= {"commission": 0.0, "slippage": 0.0}
    equity, broker = slow.Replay(bars, [-1, H, H, H], settings).play()
    assert equity == [1000, 1000, 0, 0]
    assert [(t["exit_bar"], t["exit_price"], t["exit_reason"]) for t in broker.trades] == [
        (2, 20, "liquidation")
    ]
