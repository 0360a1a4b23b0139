"""Every indicator against its definition, against pandas, and against what the folder promises."""

import inspect
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from kernels import indicators
from tests import slow_indicators as slow


class Case(NamedTuple):
    """An indicator with lengths to try; `relative`: its unit is not that of the prices."""

    lengths: tuple
    relative: bool = False


CASES = {
    "sma": Case(((1,), (2,), (7,), (50,))),
    "rsi": Case(((1,), (2,), (14,)), relative=True),
}
LEVELS = {1e-4: 1e-8, 6e4: 0.01, 1e8: 0.01}  # price level: tick
EACH = [(name, lengths) for name, case in CASES.items() for lengths in case.lengths]


def walk(n, level=6e4, tick=0.01):
    """Prices that go up and down by whole ticks, about one time in four not at all."""
    steps = np.random.default_rng(7).integers(-2, 3, n)
    return np.round(level / tick + np.cumsum(steps)) * tick


def same(got, expected):
    """Bit for bit, NaN for NaN."""
    np.testing.assert_array_equal(got, expected)


def test_every_indicator_has_a_case():
    jitted = {n for n in indicators.__all__ if hasattr(getattr(indicators, n), "py_func")}
    assert jitted == set(CASES), "add the new indicator to CASES and to tests/slow_indicators.py"


@pytest.mark.parametrize("name", CASES)
def test_docstring_says_shape_and_nan(name):
    text = inspect.getdoc(getattr(indicators, name))
    assert "(n_bars,)" in text
    assert "NaN" in text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_against_definition(name, lengths, level):
    x = walk(400, level, LEVELS[level])
    got = getattr(indicators, name)(x, *lengths)
    expected = getattr(slow, name)(x, *lengths)
    unit = 1e-10 if CASES[name].relative else 8 * np.spacing(level)
    np.testing.assert_allclose(got, expected, rtol=0, atol=unit)
    assert np.isfinite(got).any()


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_gap_in_the_input(name, lengths):
    """Unknown values make exactly those results unknown that the definition makes unknown."""
    x = walk(400)
    x[[0, 1, 150, 152, 300]] = np.nan
    got = getattr(indicators, name)(x, *lengths)
    np.testing.assert_allclose(got, getattr(slow, name)(x, *lengths), rtol=1e-12, atol=1e-8)
    assert np.isfinite(got[-90:]).any()


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_jit_equals_python(name, lengths):
    x, function = walk(200), getattr(indicators, name)
    with np.errstate(all="ignore"):  # as compiled: error_model="numpy"
        expected = function.py_func(x, *lengths)
    same(function(x, *lengths), expected)


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_longer_series_keeps_its_beginning(name, lengths):
    x, function = walk(130), getattr(indicators, name)
    whole = function(x, *lengths)
    for n in range(1, x.size):
        same(function(x[:n], *lengths), whole[:n])


@pytest.mark.parametrize("name", CASES)
def test_impossible_length_is_unknown_everywhere(name):
    x, function = walk(60), getattr(indicators, name)
    others = CASES[name].lengths[0][1:]
    for length in (-(2**40), -1, 0, 61, 2**40):
        got = function(x, length, *others)
        assert got.shape == x.shape
        assert np.isnan(got).all()
    assert function(x[:0], 1, *others).size == 0


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if not case.relative])
def test_market_that_stands_still_gives_exact_ties(name):
    for price in (0.1, 60_000.07):
        for lengths in CASES[name].lengths:
            got = getattr(indicators, name)(np.full(300, price), *lengths)
            assert set(got[np.isfinite(got)]) == {price}


@pytest.mark.parametrize("name", ["sma"])
def test_no_digits_lost_after_a_million_bars(name):
    """From 1 to 1e8 and back: a window knows nothing of what was before it."""
    path = np.geomspace(1.0, 1e8, 500_000)
    x = np.concatenate([path, path[::-1]]) * (1 + 0.01 * np.sin(np.arange(1_000_000)))
    got = getattr(indicators, name)(x, 50)[-100:]
    expected = getattr(slow, name)(x[-149:], 50)[-100:]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("period", [1, 2, 14])
def test_sma_against_pandas(period):
    x = walk(3000)
    peer = pd.Series(x).rolling(period).mean()
    np.testing.assert_allclose(indicators.sma(x, period), peer, rtol=1e-12)


@pytest.mark.parametrize("period", [2, 14])
def test_rsi_against_pandas(period):
    x = walk(3000)
    change = pd.Series(x).diff()
    averages = []
    for part in (change.clip(lower=0), -change.clip(upper=0)):
        seed = part[1 : period + 1].mean()
        seeded = pd.concat([pd.Series([seed]), part[period + 1 :]])
        averages.append(seeded.ewm(alpha=1 / period, adjust=False).mean())
    up, down = averages
    peer = (100 - 100 / (1 + up / down)).to_numpy()
    np.testing.assert_allclose(indicators.rsi(x, period)[period:], peer, rtol=0, atol=1e-8)


def test_rsi_by_hand():
    """Changes +2 -1 +1 0 -3; period 2: U 1, 1, 1/2, 1/4 and D 1/2, 1/4, 1/8, 25/16."""
    got = indicators.rsi(np.array([10.0, 12, 11, 12, 12, 9]), 2)
    nan = np.nan
    np.testing.assert_allclose(got, [nan, nan, 200 / 3, 80, 80, 100 * 4 / 29], rtol=1e-14)


def test_rsi_at_its_ends():
    same(indicators.rsi(np.array([5.0, 5, 5, 5]), 2), [np.nan] * 4)
    same(indicators.rsi(np.array([5.0, 6, 6, 8]), 2), [np.nan, np.nan, 100, 100])
    same(indicators.rsi(np.array([5.0, 4, 4, 3]), 2), [np.nan, np.nan, 0, 0])
