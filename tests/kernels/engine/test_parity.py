"""The kernels against what vectorbt and backtesting.py answered, as recorded in tests/peers.

`make bench` asks them again; docs/benchmarks.md says how each peer is set to mean what we mean.
"""

import dataclasses
import json

import numpy as np
import pytest

from benchmarks.parity import RECORD, TOLERANCE, compare, nasdaq, ours, read_record
from benchmarks.peers.cases import CASES, CONFIGURATIONS, STOP_RULES
from benchmarks.peers.equity import Trades, of_equity, of_trades, turnover
from kernels.engine.metrics import METRICS
from kernels.engine.settings import CHOICES
from kernels.series.bars import prepare

EVERY = [(peer, case) for peer, cases in CASES.items() for case in cases]


@pytest.fixture(scope="module")
def series():
    data = nasdaq()
    recorded = json.loads((RECORD / "about.json").read_text())["bars"]
    assert data.fingerprint == recorded["fingerprint"], "other bars: python -m benchmarks.parity"
    return prepare(dict(data.frame))


@pytest.mark.parametrize("engine", CHOICES["engine"])
@pytest.mark.parametrize(("peer", "case"), EVERY, ids=lambda x: x.replace(", ", "-"))
def test_as_the_peer(series, peer, case, engine):
    configurations, theirs = read_record(peer, case)
    found = compare(ours(series, peer, case, configurations, engine), theirs)
    assert set(theirs) - set(METRICS) == set(), "the record has metrics that METRICS lacks"
    assert len(theirs) >= 20, "the record has lost metrics: python -m benchmarks.parity --record"
    assert found == dataclasses.replace(found, configurations=CONFIGURATIONS, beyond=0)


@pytest.mark.parametrize(
    ("peer", "case", "setting", "other"),
    [
        ("vectorbt", "both, stops, costs", "stop_order", "signal_first"),
        ("vectorbt", "both, stops, costs", "stops_from", "entry_bar"),
        ("vectorbt", "both, trailing stop, costs", "stops_from", "entry_bar"),
        ("backtesting", "both, stops, commission", "stop_order", "stop_first"),
        ("backtesting", "both, stops, commission", "stops_from", "next_bar"),
    ],
)
def test_the_record_can_tell_the_stop_rules_apart(series, monkeypatch, peer, case, setting, other):
    monkeypatch.setitem(STOP_RULES, peer, STOP_RULES[peer] | {setting: other})
    configurations, theirs = read_record(peer, case)
    assert compare(ours(series, peer, case, configurations), theirs).beyond > 0


def table(**changed):
    columns = {"sharpe": [1.0, np.nan, np.inf], "trades": [3.0, 0.0, 2.0]} | changed
    return {name: np.array(values) for name, values in columns.items()}


@pytest.mark.parametrize(
    ("changed", "beyond"),
    [
        ({}, 0),
        ({"sharpe": [1.0 + TOLERANCE / 2, np.nan, np.inf]}, 0),
        ({"sharpe": [1.0 + TOLERANCE * 2, np.nan, np.inf]}, 1),
        ({"sharpe": [1.0, 0.0, -np.inf]}, 2),
        ({"sharpe": [np.nan, np.nan, 1.0]}, 2),
        ({"trades": [3.0, 0.0, 2.0 + 1e-12]}, 1),
    ],
)
def test_a_difference_is_found(changed, beyond):
    assert compare(table(**changed), table()).beyond == beyond


def test_metrics_from_an_equity_curve_by_hand():
    """100 falls to 90 and rises to 99: returns 0, -0.1, 0.1; two periods a year."""
    got = of_equity(np.array([100.0, 90.0, 99.0]), 100.0, 2.0)
    want = {
        "total_return": -0.01,
        "annual_return": 0.99 ** (2 / 3) - 1,
        "volatility": 0.1 * 2**0.5,
        "sharpe": 0.0,
        "sortino": 0.0,
        "calmar": (0.99 ** (2 / 3) - 1) / 0.1,
        "max_drawdown": 0.1,
        "final_equity": 99.0,
        "skew": 0.0,
        "kurtosis": 1.5,
    }
    assert got == pytest.approx(want, abs=1e-12)


def test_metrics_from_trades_by_hand():
    """A long trade that wins 10 % less fees, then a short one, still open, that loses 10 %."""
    trades = Trades(
        side=np.array([1.0, -1.0]),
        size=np.array([9.0, 10.0]),
        entry=np.array([10.0, 10.0]),
        exit=np.array([11.0, 11.0]),
        entry_fee=np.array([1.0, 0.0]),
        pnl=np.array([7.0, -10.0]),
        closed=np.array([True, False]),
    )
    assert of_trades(trades) == pytest.approx(
        {
            "trades": 2.0,
            "winning_trades": 1.0,
            "losing_trades": 1.0,
            "win_rate": 0.5,
            "profit_factor": 0.7,
            "avg_win": 7 / 90,
            "avg_loss": -0.1,
            "expectancy": (7 / 90 - 0.1) / 2,
        }
    )
    assert turnover(trades, 100.0, 2.0) == pytest.approx((90 / 100 + 99 / 108 + 100 / 107) / 2)
