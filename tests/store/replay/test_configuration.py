"""Configurations: what the kernels run, and what it hashes to."""

import hashlib
import json
import struct
from dataclasses import asdict

import numpy as np
import pytest

from kernels import KERNEL_VERSION, Settings
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from store.replay.configuration import Configurations, HashedBars, one_of

NAMES = ("params.slow", "risk.stop_loss", "costs.commission", "params.fast")
SHARED = {"direction": "both", "periods_per_year": 252.0}
BARS = HashedBars("NASDAQ", "1d", "f" * 64, "2000-01-03", "2001-12-31")


@pytest.fixture
def two():
    numbers = np.array([[30.0, np.nan, 0.001, 5.0], [40.0, 0.1, 0.002, 6.0]])
    return Configurations(load("sma"), NAMES, numbers, SHARED)


def test_parameters_stand_in_the_order_of_the_strategy(two):
    assert two.params.tolist() == [[5.0, 30.0], [6.0, 40.0]]


def test_many_have_settings_of_arrays(two):
    settings = two.settings
    assert settings.commission.tolist() == [0.001, 0.002]
    np.testing.assert_equal(settings.stop_loss, [np.nan, 0.1])
    assert settings.direction == "both"
    assert asdict(two.common_settings) == asdict(Settings(**SHARED))


def test_one_has_settings_of_numbers_and_what_is_off_is_none():
    numbers = {"params.fast": 5, "params.slow": 30, "risk.stop_loss": None, "costs.slippage": 0.01}
    alone = one_of(load("sma"), numbers, SHARED)
    assert asdict(alone.settings) == asdict(Settings(**SHARED, stop_loss=None, slippage=0.01))
    assert alone.params.tolist() == [[5.0, 30.0]]


def test_a_panel_has_costs_and_no_stops():
    shared = {"cadence": "month", "side": "long"}
    numbers = {"risk.stop_loss": None, "costs.commission": 0.003}
    settings = one_of(load("momentum_rank"), numbers, shared).settings
    assert asdict(settings) == asdict(PanelSettings(**shared, commission=0.003))


def test_a_hash_is_that_of_the_canonical_form(two):
    strategy = load("sma")
    head = {
        "strategy": "sma",
        "source": strategy.source_hash,
        "settings": SHARED,
        "symbol": "NASDAQ",
        "timeframe": "1d",
        "data": "f" * 64,
        "window": ["2000-01-03", "2001-12-31"],
        "kernel": KERNEL_VERSION,
    }
    text = json.dumps(head, sort_keys=True, separators=(",", ":"))
    text += "\n" + json.dumps(sorted(NAMES)) + "\n"
    values = struct.pack("<4d", 0.002, 6.0, 40.0, 0.1)
    want = hashlib.sha256(text.encode() + values).digest()
    assert two.hashes(BARS)[1].tobytes() == want


def test_the_ledger_counts_a_configuration_once_on_all_bars(two):
    assert (two.hashes(BARS) != two.hashes(BARS._replace(symbol="SPY"))).any(axis=1).all()
    other = Configurations(load("sma"), NAMES, two.numbers, {**SHARED, "direction": "long"})
    assert (two.tried_hashes() != other.tried_hashes()).any(axis=1).all()
    assert np.array_equal(two.params_hashes(), other.params_hashes())
