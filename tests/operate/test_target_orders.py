"""Targets of profiles with orders, sizes and costs, against the plain reference of the orders."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from kernels.portfolio.settings import settings_from
from kernels.registry import load
from kernels.series.bars import PRICES, prepare
from promote.profiles.files import find
from tests.kernels.orders.test_strategies_as_traded import decided
from tests.operate.operated import PAST, Operated, bars, build, no_holidays
from tests.slow_orders import Desk

CASES = {
    "units added": {
        "size": {"kind": "fraction", "value": 0.3, "leverage": 2.0},
        "risk": {"pyramiding": 3, "add_at": 0.005, "stop_loss": 0.03},
    },
    "a part that is left": {
        "size": {"kind": "fraction", "value": 0.5},
        "risk": {"scale_out_at": 0.005, "scale_out_part": 0.4, "stop_loss": 0.03},
    },
    "a volatility that is wanted": {"size": {"vol_target": 0.1, "vol_length": 10}},
}


@pytest.mark.parametrize("case", CASES)
def test_the_weight_is_what_is_held(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    build(**CASES[case])
    operated = Operated(no_holidays(bars()))
    weights = set()
    for n in range(PAST, PAST + 40, 4):
        operated.arrive(n)
        target = operated.json("shadow", "fast")["target"]
        desk = reference(operated, n)
        price = operated.frame["close"].iloc[n - 1]
        weight = desk.shares * price / desk.worth(price)
        assert target["weight"] == pytest.approx(weight, rel=1e-9)
        weights.add(round(weight, 6))
        stop = desk.nearest_stop() if desk.trade else None
        if stop:
            bought = [(abs(q), p) for q, p in desk.trade["fills"] if q * desk.trade["side"] > 0]
            average = sum(q * p for q, p in bought) / sum(q for q, _ in bought)
            distance = abs(stop[0] / average - 1)
            assert target["stop_loss_fraction"] == pytest.approx(distance, rel=1e-9)
    assert len(weights) > 3


def reference(operated, n):
    """The desk after the first n bars, and one more at which the last close stands still."""
    profile = find(operated.desk.profiles, "fast")
    frame = operated.frame.iloc[:n].reset_index(drop=True)
    last = dict.fromkeys(PRICES, frame["close"].iloc[-1]) | {"volume": 1.0}
    frame = pd.concat([frame[[*PRICES, "volume"]], pd.DataFrame([last])], ignore_index=True)
    series, strategy = prepare(frame), load("sma")
    params = np.array([[profile.params[name] for name in strategy.fields]], float)
    codes, _ = decided(series, strategy, params)
    settings = dataclasses.asdict(settings_from(profile.settings))
    if settings["direction"] == "long":
        codes = [max(code, 0) for code in codes]
    prices = list(zip(*(frame[name].tolist() for name in PRICES), strict=True))
    desk = Desk(prices, codes, settings, periods=settings["periods_per_year"])
    for i in range(profile.window["start"], n + 1):
        desk.bar(i)
    return desk
