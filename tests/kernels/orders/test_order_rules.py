"""Truth tables of the order engine, worked by hand: five or six bars, 1,000 of capital, no costs.

Unless a case says otherwise the code of bar 0 is +1, so that a market order buys at the open of bar
1, at 10. Prices that mirror about 10 are run for shorts, too.
"""

from typing import NamedTuple

import numpy as np
import pytest

from kernels.engine.position import REASONS
from kernels.engine.settings import Settings
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import prepare

SCRIPTED = load("tests.kernels.scripted")
LEVELLED = load("tests.kernels.levelled")
BASE = {"direction": "both", "commission": 0.0, "slippage": 0.0, "initial_capital": 1000.0}
FLAT = (10, 10, 10, 10)
ORDERS = {"max_bars": 50}
"""A setting that does nothing in so few bars, so that the order engine is the one that is asked."""


class Case(NamedTuple):
    settings: dict
    bars: list  # after bar 0, which is FLAT: (open, high, low, close)
    trades: list  # (entry bar, exit bar, entry price, exit price, reason)
    codes: tuple = ()  # after bar 0; HOLD unless given
    mirrors: bool = True
    first: int = 1  # the code of bar 0


def played(case, side=1, strategy=SCRIPTED, **columns):
    rows = np.array([FLAT, *case.bars], float)
    if side < 0:
        rows = 20 - rows[:, [0, 2, 1, 3]]
    names = ("open", "high", "low", "close")
    codes = [case.first, *case.codes, *[2] * (len(rows) - 1 - len(case.codes))]
    codes = [code if code == 2 else side * code for code in codes]
    bars = dict(zip(names, rows.T, strict=True)) | {"code": np.array(codes, float)} | columns
    times = np.datetime64("2024-01-01") + np.arange(len(rows))
    settings = Settings(**(BASE | ORDERS | case.settings))
    params = np.ones(len(strategy.fields))
    return trace(prepare(bars, times), strategy, params, settings, (0, len(rows)))


def told(traced):
    reasons = [REASONS[code] for code in traced.trades["exit_reason"]]
    names = ("entry_bar", "exit_bar", "entry_price", "exit_price")
    return [
        (*(trade[name] for name in names), why)
        for trade, why in zip(traced.trades, reasons, strict=True)
    ]


def same(got, expected, side=1):
    assert [(*t[:2], t[4]) for t in got] == [(*t[:2], t[4]) for t in expected]
    for own, want in zip(got, expected, strict=True):
        prices = want[2:4] if side > 0 else (20 - want[2], 20 - want[3])
        assert own[2:4] == pytest.approx(prices, rel=1e-12)


LIMIT = {"entry": "limit", "entry_distance": 0.1}
STOP = {"entry": "stop", "entry_distance": 0.1}
ATR = {"risk_unit": "atr", "atr_length": 1}
END = "end"
CASES = {
    "a stop is touched": Case({"stop_loss": 0.1}, [(10, 10, 9, 9.5)], [(1, 1, 10, 9, "stop_loss")]),
    "a bar stays above the stop": Case(
        {"stop_loss": 0.1}, [(10, 10, 9.01, 9.5)], [(1, 1, 10, 9.5, END)]
    ),
    "a gap through the stop": Case(
        {"stop_loss": 0.1}, [FLAT, (8, 9, 8, 9)], [(1, 2, 10, 8, "stop_loss")]
    ),
    "a gap beyond the target": Case(
        {"take_profit": 0.1, "stop_loss": 0.1},
        [FLAT, (12, 12, 8, 8)],
        [(1, 2, 10, 12, "take_profit")],
    ),
    "stop and target in one bar": Case(
        {"take_profit": 0.1, "stop_loss": 0.1},
        [FLAT, (10, 11, 9, 10)],
        [(1, 2, 10, 9, "stop_loss")],
    ),
    "the other reading of that bar": Case(
        {"take_profit": 0.1, "stop_loss": 0.1, "target_first": True},
        [FLAT, (10, 11, 9, 10)],
        [(1, 2, 10, 11, "take_profit")],
    ),
    "an ATR stop is touched": Case(
        ATR | {"stop_loss": 1},
        [(10, 11, 9, 10), (10, 10, 8, 9)],
        [(2, 2, 10, 8, "stop_loss")],
        codes=(1,),
        first=0,
    ),
    "an ATR target is frozen at the decision": Case(
        ATR | {"take_profit": 1},
        [(10, 11, 9, 10), (10, 11.9, 6, 10), (10, 12, 10, 12)],
        [(2, 3, 10, 12, "take_profit")],
        codes=(1,),
        first=0,
    ),
    "a limit is traded through": Case(LIMIT, [(10, 10, 8.9, 9.5)], [(1, 1, 9, 9.5, END)]),
    "a limit is only touched": Case(LIMIT, [(10, 10, 9, 9.5)], []),
    "a touch fills if told so": Case(
        LIMIT | {"limit_fill": "touch"}, [(10, 10, 9, 9.5)], [(1, 1, 9, 9.5, END)]
    ),
    "a bar opens beyond the limit": Case(LIMIT, [(8.5, 9, 8.5, 9)], [(1, 1, 8.5, 9, END)]),
    "a limit lapses": Case(LIMIT, [FLAT, (10, 10, 8, 9)], []),
    "a limit works for two bars": Case(
        LIMIT | {"entry_valid": 2}, [FLAT, (10, 10, 8, 8.5)], [(2, 2, 9, 8.5, END)]
    ),
    "the repeated code places no other limit": Case(LIMIT, [FLAT, (10, 10, 8, 9)], [], codes=(1,)),
    "a code takes the limit back": Case(
        LIMIT | {"entry_valid": 4}, [FLAT, (10, 10, 8, 9)], [], codes=(0,)
    ),
    "a limit on the last bar": Case(LIMIT, [], []),
    "a limit fills and is stopped in one bar": Case(
        LIMIT | {"stop_loss": 0.1}, [(10, 10, 8, 9)], [(1, 1, 9, 8.1, "stop_loss")], mirrors=False
    ),
    "no target in the bar of an entry inside it": Case(
        LIMIT | {"take_profit": 0.1},
        [(10, 10, 8.9, 9.5), (9.5, 10, 9.5, 10)],
        [(1, 2, 9, 9.9, "take_profit")],
        mirrors=False,
    ),
    "a target in the bar of an entry at its open": Case(
        LIMIT | {"take_profit": 0.1},
        [(8.5, 9.5, 8.5, 9)],
        [(1, 1, 8.5, 9.35, "take_profit")],
        mirrors=False,
    ),
    "a stop entry is touched": Case(STOP, [(10, 11, 10, 10.5)], [(1, 1, 11, 10.5, END)]),
    "a stop entry is not reached": Case(STOP, [(10, 10.9, 10, 10.5), (12, 12, 12, 12)], []),
    "a gap beyond a stop entry": Case(STOP, [(12, 12, 11, 11)], [(1, 1, 12, 11, END)]),
    "a limit in average ranges": Case(
        LIMIT | ATR | {"entry_distance": 0.5},
        [(10, 11, 9, 10), (10, 10, 8.9, 9)],
        [(2, 2, 9, 9, END)],
        codes=(1,),
        first=0,
    ),
    "break-even is armed by a close": Case(
        {"break_even": 0.1},
        [(10, 11, 10, 11), (11, 11, 10, 10.5)],
        [(1, 2, 10, 10, "break_even")],
    ),
    "break-even is not armed by a high": Case(
        {"break_even": 0.1}, [(10, 11, 10, 10.9), (10, 10, 9.9, 10)], [(1, 2, 10, 10, END)]
    ),
    "break-even gaps": Case(
        {"break_even": 0.1}, [(10, 11, 10, 11), (9, 9, 8, 8)], [(1, 2, 10, 9, "break_even")]
    ),
    "a trailing stop waits": Case(
        {"trail_after": 0.1, "trailing_stop": 0.1},
        [(10, 10.5, 9, 10), (10, 12, 10, 11), (11, 11, 10.7, 11)],
        [(1, 3, 10, 10.8, "trailing_stop")],
        mirrors=False,
    ),
    "an ATR trail": Case(
        ATR | {"trailing_stop": 1},
        [(10, 11, 9, 10), (10, 13, 10, 13), (13, 13, 10.9, 11)],
        [(2, 3, 10, 11, "trailing_stop")],
        codes=(1,),
        first=0,
    ),
    "out after bars": Case(
        {"max_bars": 2},
        [FLAT, FLAT, (12, 12, 12, 12), (13, 13, 13, 13)],
        [(1, 3, 10, 12, "max_bars")],
        codes=(1, 1, 1),
    ),
    "and in again when the code changes": Case(
        {"max_bars": 1},
        [FLAT, (11, 11, 11, 11), (12, 12, 12, 12), (13, 13, 13, 13)],
        [(1, 2, 10, 11, "max_bars"), (4, 4, 13, 13, END)],
        codes=(1, 0, 1),
    ),
    "a pause after an exit": Case(
        {"cooldown": 1},
        [FLAT, FLAT, (11, 11, 11, 11), (12, 12, 12, 12)],
        [(1, 2, 10, 10, "signal"), (4, 4, 12, 12, END)],
        codes=(0, 1),
    ),
    "half is left": Case(
        {"scale_out_at": 0.1}, [FLAT, (10, 11, 10, 11), (12, 12, 12, 12)], [(1, 3, 10, 11.5, END)]
    ),
    "a stop in the bar of the half": Case(
        {"scale_out_at": 0.1, "stop_loss": 0.1},
        [FLAT, (10, 11, 9, 9)],
        [(1, 2, 10, 9, "stop_loss")],
    ),
    "a unit is added": Case(
        {"pyramiding": 1, "add_at": 0.1, "size": "units", "size_value": 20},
        [FLAT, (10, 12, 10, 12)],
        [(1, 2, 10.5, 12, END)],
    ),
    "no unit in the bar of the entry": Case(
        {"pyramiding": 1, "add_at": 0.1, "size": "units", "size_value": 20},
        [(10, 12, 10, 10)],
        [(1, 1, 10, 10, END)],
    ),
    "units at a gap": Case(
        {"pyramiding": 2, "add_at": 0.1, "size": "units", "size_value": 20},
        [FLAT, (13, 13, 13, 13)],
        [(1, 2, 12, 13, END)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_long_position(case):
    same(told(played(CASES[case])), CASES[case].trades)


@pytest.mark.parametrize("case", [name for name, case in CASES.items() if case.mirrors])
def test_a_short_position_mirrors_it(case):
    same(told(played(CASES[case], side=-1)), CASES[case].trades, side=-1)


SIZES = {
    "a fraction": ({"size": "fraction", "size_value": 0.5}, 50),
    "cash": ({"size": "fixed", "size_value": 300}, 30),
    "more cash than there is": ({"size": "fixed", "size_value": 3000}, 100),
    "units": ({"size": "units", "size_value": 7}, 7),
    "more units than there is cash for": ({"size": "units", "size_value": 700}, 100),
    "risk by a stop": ({"size": "risk", "size_value": 0.02, "stop_loss": 0.1}, 20),
    "risk by a trailing stop": ({"size": "risk", "size_value": 0.02, "trailing_stop": 0.05}, 40),
    "whole lots": ({"lot": 30}, 90),
    "too little for the market": ({"min_notional": 2000}, None),
    "a lot too large": ({"lot": 300}, None),
    "leverage": ({"leverage": 2}, 200),
    "risk with leverage": (
        {"size": "risk", "size_value": 0.3, "stop_loss": 0.1, "leverage": 5},
        300,
    ),
    "a fixed fee": ({"commission_fixed": 10}, 99),
    "a least fee": ({"commission_minimum": 5}, 99.5),
    "a fee per share": ({"commission_per_share": 2.5}, 80),
    "a fee above all": ({"commission_fixed": 1000}, None),
}


@pytest.mark.parametrize("case", SIZES)
def test_sizes(case):
    settings, size = SIZES[case]
    traced = played(Case(settings, [FLAT], []))
    assert traced.trades["size"].tolist() == pytest.approx([] if size is None else [size])


def test_a_size_by_volatility_is_what_makes_it_the_target():
    """Returns of +-10 %: deviation sqrt(0.02) a bar, at 100 bars a year 1.414 a year."""
    bars = [(11, 11, 11, 11), (9.9, 9.9, 9.9, 9.9), (10, 10, 10, 10)]
    case = Case({"vol_target": 0.7, "vol_length": 2, "periods_per_year": 100}, bars, [])
    traced = played(case._replace(codes=(0, 1)))
    assert traced.trades["size"][0] == pytest.approx(1000 * 0.7 / np.sqrt(2) / 10)


def test_no_entry_before_volatility_or_range_is_known():
    for settings in ({"vol_target": 0.5}, {"risk_unit": "atr", "stop_loss": 1.0}):
        assert not len(played(Case(settings, [FLAT, FLAT], [])).trades)


def test_fees_of_a_round_trip():
    settings = {"size": "units", "size_value": 10, "commission": 0.01, "commission_minimum": 2}
    settings |= {"commission_per_share": 0.05, "commission_fixed": 0.5}
    traced = played(Case(settings, [FLAT, (30, 30, 30, 30)], [], codes=(0,)))
    # In: 10 * 10 * 1 % + 0.5 = 1.5, at least 2, + 0.5; out: 300 * 1 % + 0.5 + 0.5.
    assert traced.trades["pnl"][0] == pytest.approx(200 - 2.5 - 4.0)


def test_a_limit_entry_earns_the_makers_rebate_and_pays_no_slippage():
    settings = LIMIT | {"size": "units", "size_value": 10, "commission": 0.01, "slippage": 0.1}
    traced = played(Case(settings | {"maker_commission": -0.01}, [(10, 10, 8, 9)], []))
    assert traced.trades["entry_price"][0] == pytest.approx(9)
    assert traced.equity[-1] == pytest.approx(1000 + 0.9)


def test_a_short_pays_for_what_it_borrows():
    settings = {"borrow_rate": 0.252, "periods_per_year": 252}
    traced = played(Case(settings, [FLAT, FLAT], []), side=-1)
    assert traced.equity.tolist() == pytest.approx([1000, 999, 998])


def test_a_levered_long_pays_for_cash():
    settings = {"cash_rate": 0.252, "periods_per_year": 252, "leverage": 2}
    traced = played(Case(settings, [FLAT, FLAT], []))
    assert traced.equity.tolist() == pytest.approx([1000, 999, 999 - 1.001])


@pytest.mark.parametrize("side", [1, -1])
def test_longs_pay_shorts_the_funding_of_a_bar_they_come_into(side):
    funding = np.array([0.5, 0.5, 0.01, np.nan])
    settings = {"funding": "rate", "size": "units", "size_value": 10}
    traced = played(Case(settings, [FLAT, FLAT, FLAT], []), side, rate=funding)
    assert traced.equity.tolist() == pytest.approx([1000, 1000, 1000 - side, 1000 - side])


def test_a_margin_call_inside_the_bar():
    """500 at 10 with 4,000 borrowed; a tenth is left at 4,000 / (500 * 0.9)."""
    case = Case({"leverage": 5, "maintenance_margin": 0.1}, [FLAT, (10, 10, 8.5, 10)], [])
    traced = played(case)
    level = 4000 / 450
    same(told(traced), [(1, 2, 10, level, "liquidation")])
    assert traced.equity[-1] == pytest.approx(500 * level - 4000)
    assert traced.counts["liquidations"] == 1


def test_a_levered_long_is_ruined_at_the_low_not_only_at_the_close():
    traced = played(Case({"leverage": 5}, [FLAT, (10, 10, 7.5, 10), FLAT], []))
    same(told(traced), [(1, 2, 10, 8, "liquidation")])
    assert traced.equity.tolist() == [1000, 1000, 0, 0]


def test_through_and_touched_limits_are_both_counted():
    touched = played(Case(LIMIT, [(10, 10, 9, 10)], [])).counts
    through = played(Case(LIMIT, [(10, 10, 8, 10)], [])).counts
    assert (touched["limits_touched"], touched["limits_through"]) == (1, 0)
    assert (through["limits_touched"], through["limits_through"]) == (0, 1)


def test_bars_that_hold_stop_and_target_are_counted():
    case = CASES["stop and target in one bar"]
    assert played(case).counts["ambiguous_bars"] == 1
    assert played(CASES["a gap beyond the target"]).counts["ambiguous_bars"] == 0


def levels(n, **given):
    nothing = np.full(n, np.nan)
    return {name: np.array(given.get(name, nothing), float) for name in "stl"}


def test_prices_of_the_strategy_work_from_the_next_bar_on():
    bars = [(10, 10, 9, 10), (10, 10, 8, 9)]
    own = levels(3, s=[np.nan, 9, np.nan])
    same(told(played(Case({}, bars, []), 1, LEVELLED, **own)), [(1, 2, 10, 9, "stop_loss")])
    own = levels(3, s=[9, np.nan, np.nan])
    same(told(played(Case({}, bars, []), 1, LEVELLED, **own)), [(1, 1, 10, 9, "stop_loss")])


def test_a_limit_of_the_strategy_moves_while_it_works():
    bars = [(10, 10, 9.5, 10), (10, 10, 9.2, 9.5)]
    own = levels(3, l=[9, 9.3, np.nan])
    traced = played(Case({"entry_valid": 2}, bars, []), 1, LEVELLED, **own)
    same(told(traced), [(2, 2, 9.3, 9.5, END)])


def test_a_size_by_the_strategys_own_stop():
    own = levels(2, s=[8, np.nan])
    traced = played(Case({"size": "risk", "size_value": 0.1}, [FLAT], []), 1, LEVELLED, **own)
    assert traced.trades["size"][0] == pytest.approx(50)


def in_sessions(codes, settings, days):
    n = len(codes)
    bars = {name: np.arange(10.0, 10.0 + n) for name in ("open", "high", "low", "close")}
    times = np.datetime64("2024-01-01T10") + np.arange(n).astype("timedelta64[h]")
    series = prepare(bars | {"code": np.array(codes, float)}, times, days=days)
    return told(trace(series, SCRIPTED, np.ones(2), Settings(**(BASE | settings)), (0, n)))


def test_flat_at_the_close_of_each_session_and_no_entry_in_its_last_bar():
    """Three bars a session: in at bar 1, out at the close of bar 2, the +1 of bar 4 waits for 6."""
    got = in_sessions([1, 2, 2, 0, 1, 2, 2, 2], {"session_flat": True}, [0, 0, 0, 1, 1, 1, 2, 2])
    same(got, [(1, 2, 11, 12, "session"), (6, 7, 16, 17, "session")])


def test_sessions_of_daily_bars_are_refused():
    with pytest.raises(ValueError, match=r"session_flat: needs bars shorter than a session"):
        in_sessions([1, 2, 2], {"session_flat": True}, [0, 1, 2])
