"""Rules of the order settings, and that what is off changes no bit."""

import dataclasses

import numpy as np
import pytest

from kernels import METRICS, Settings, evaluate
from kernels.engine.order_settings import DEFAULTS, Orders, OrderSettings
from kernels.evaluate import evaluate_runs
from kernels.registry import load
from kernels.series.bars import prepare
from store.files.order_keys import IDLE, KEY_OF, NUMBERS, WORDS, field_of
from tests.kernels.market import any_settings, walk

SCRIPTED = load("tests.kernels.scripted")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"risk_unit": "points"}, r"risk_unit: need one of fraction, atr, got 'points'"),
        ({"entry": "limt"}, r"entry: need one of .*; did you mean limit\?"),
        ({"size": "half"}, r"size: need one of all_in"),
        ({"size": "fixed"}, r"size_value: size fixed needs a value"),
        ({"size_value": 3}, r"size_value: is of a size; set size"),
        ({"size": "risk", "size_value": 2, "stop_loss": 0.1}, r"risk_fraction: need a fraction"),
        ({"size": "fixed", "size_value": 9, "risk_fraction": 0.1, "stop_loss": 0.1}, "drop one"),
        ({"max_bars": 2.5}, r"max_bars: need a whole number >= 1, got 2.5"),
        ({"cooldown": 0}, r"cooldown: need a whole number >= 1, got 0"),
        ({"vol_length": 1}, r"vol_length: need a whole number >= 2, got 1"),
        ({"break_even": -1}, r"break_even: need a number > 0"),
        ({"scale_out_part": 1, "scale_out_at": 1}, r"scale_out_part: need a fraction in \(0, 1\)"),
        ({"pyramiding": 2}, r"pyramiding: needs add_at"),
        ({"add_at": 0.1}, r"add_at: needs pyramiding"),
        ({"maker_commission": -1}, r"maker_commission: need a fraction in \(-1, 1\)"),
        ({"commission_fixed": -1}, r"commission_fixed: need a number >= 0"),
        ({"session_flat": "yes"}, r"session_flat: need true or false, got 'yes'"),
        ({"funding": " "}, r"funding: need the name of a feature column"),
        ({"max_bars": [1, 0]}, r"max_bars: .*\(configuration 1\)"),
    ],
)
def test_bad_values_are_named(given, message):
    with pytest.raises(ValueError, match=message):
        Settings.of(given).check()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"entry": "limit"}, r"entry_distance: entry limit needs one"),
        ({"size": "risk", "size_value": 0.1, "lot": 1.0}, r"size: risk needs a stop_loss"),
        ({"funding": "rate"}, r"funding: the bars have no column 'rate'"),
    ],
)
def test_what_a_setting_works_with_is_asked_for(given, message):
    with pytest.raises(ValueError, match=message):
        evaluate(walk(50), SCRIPTED, {}, given)


def test_distances_in_average_ranges_may_be_above_one():
    Settings(stop_loss=3.0, trailing_stop=4.0, risk_unit="atr").check()


def test_what_is_off_equals_what_is_absent_to_the_bit():
    random = np.random.default_rng(3)
    off = {part.name: None for part in dataclasses.fields(OrderSettings)}
    off |= {"funding": None} | WORDS
    for seed in range(20):
        plain, series = any_settings(random), prepare(walk(200, seed))
        a, b = (
            evaluate_runs(series, SCRIPTED, np.ones((1, 2)), settings, [(0, 200), (50, 150)])
            for settings in (plain, dataclasses.replace(plain, **off))
        )
        for name in ("metrics", "block_sum", "block_sumsq"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_a_configuration_that_is_off_is_not_touched_by_one_that_is_on():
    bars = walk(300, 5)
    plain = evaluate(bars, SCRIPTED, {}, {"stop_loss": 0.02})
    mixed = evaluate(bars, SCRIPTED, {}, {"stop_loss": 0.02, "max_bars": [3, np.nan, 2]})
    for name in METRICS:
        np.testing.assert_array_equal(mixed[name][1], plain[name][0], err_msg=name)
    assert mixed["trades"][0] == plain["trades"][0]
    assert mixed["exposure"][2] < plain["exposure"][0]


def test_size_by_risk_is_the_short_form_to_the_bit():
    bars, stop = walk(300, 6), {"stop_loss": 0.03}
    short = evaluate(bars, SCRIPTED, {}, stop | {"risk_fraction": 0.01})
    long = evaluate(bars, SCRIPTED, {}, stop | {"size": "risk", "size_value": [0.01, 0.02]})
    for name in METRICS:
        np.testing.assert_array_equal(long[name][0], short[name][0], err_msg=name)


def test_scaling_prices_and_capital_changes_no_fraction():
    settings = {"risk_unit": "atr", "stop_loss": 2.0, "break_even": 1.0, "max_bars": 9}
    settings |= {"direction": "both", "entry": "limit", "entry_distance": 0.3, "entry_valid": 3}
    bars = walk(400, 7)
    large = {name: x if name == "code" else 1000 * x for name, x in bars.items()}
    a = evaluate(bars, SCRIPTED, {}, settings)
    b = evaluate(large, SCRIPTED, {}, settings | {"initial_capital": 1e7})
    assert a["trades"][0] > 10
    for name in ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "turnover"):
        np.testing.assert_allclose(a[name], b[name], rtol=1e-9, err_msg=name)


def test_the_keys_of_the_config_are_those_of_the_kernels():
    fields = {part.name for part in dataclasses.fields(Settings)}
    assert {field_of(key) for key in NUMBERS} <= fields
    assert {field_of(key) for key in IDLE} == set(Orders._fields)
    assert set(WORDS) <= fields
    assert set(KEY_OF) - {"fill"} >= set(Orders._fields)
    for key, value in IDLE.items():
        assert DEFAULTS.get(field_of(key), np.nan) == pytest.approx(value, nan_ok=True), key
    for name, value in WORDS.items():
        assert getattr(Settings(), name) == value
