"""Every indicator against its definition, against pandas, and against what the folder promises."""

import inspect
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from kernels import indicators
from tests import slow_indicators as slow


class Case(NamedTuple):
    """An indicator with lengths to try.

    `unit` is "price", or "pure" where the price level must not matter; `still` is its value in a
    market that does not move, as a multiple of the price.
    """

    lengths: tuple
    unit: str
    still: float


CASES = {
    "sma": Case(((1,), (2,), (7,), (50,)), "price", 1),
    "ema": Case(((1,), (2,), (26,)), "price", 1),
    "ema_gap": Case(((2, 3), (12, 9), (9, 12)), "price", 0),
    "wma": Case(((1,), (2,), (7,), (50,)), "price", 1),
    "hma": Case(((1,), (3,), (16,)), "price", 1),
    "highest": Case(((1,), (2,), (7,), (50,)), "price", 1),
    "lowest": Case(((1,), (2,), (7,), (50,)), "price", 1),
    "column": Case(((),), "price", 1),
    "rsi": Case(((1,), (2,), (14,)), "pure", np.nan),
    "zscore": Case(((2,), (7,), (50,)), "pure", np.nan),
    "change": Case(((1,), (7,), (50,)), "pure", 0),
}
LEVELS = {1e-4: 1e-8, 6e4: 0.01, 1e8: 0.01}  # price level: tick
EACH = [(name, lengths) for name, case in CASES.items() for lengths in case.lengths]


def walk(n, level=6e4, tick=0.01):
    """Prices that go up and down by whole ticks, about one time in four not at all."""
    steps = np.random.default_rng(7).integers(-2, 3, n)
    return locked(np.round(level / tick + np.cumsum(steps)) * tick)


def locked(x):
    """Read-only, as the driver hands series over: an indicator that writes to its input fails."""
    x.flags.writeable = False
    return x


def same(got, expected):
    """Bit for bit, NaN for NaN."""
    np.testing.assert_array_equal(got, expected)


def test_every_indicator_has_a_case():
    assert set(indicators.__all__) == set(CASES), (
        "add the new indicator to CASES and to tests/slow_indicators.py"
    )


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
    unit = 1e-10 if CASES[name].unit == "pure" else 8 * np.spacing(level)
    np.testing.assert_allclose(got, expected, rtol=0, atol=unit)
    assert np.isfinite(got).any()


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_gap_in_the_input(name, lengths):
    """Unknown values make exactly those results unknown that the definition makes unknown."""
    x = walk(400).copy()
    x[[0, 1, 150, 152, 300]] = np.nan
    got = getattr(indicators, name)(locked(x), *lengths)
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


@pytest.mark.parametrize("name", [n for n in CASES if n != "column"])
@pytest.mark.parametrize("length", [-(2**40), -1, 0, 61, 2**40])
def test_impossible_length_is_unknown_everywhere(name, length):
    x, function, lengths = walk(60), getattr(indicators, name), CASES[name].lengths[0]
    for place in range(len(lengths)):
        got = function(x, *lengths[:place], length, *lengths[place + 1 :])
        assert got.shape == x.shape
        assert np.isnan(got).all()


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_no_bars_no_values(name, lengths):
    assert getattr(indicators, name)(locked(np.empty(0)), *lengths).size == 0


@pytest.mark.parametrize(("name", "lengths"), EACH)
def test_market_that_stands_still_gives_exact_ties(name, lengths):
    for price in (0.1, 60_000.07):
        got = getattr(indicators, name)(locked(np.full(300, price)), *lengths)
        warm = np.isfinite(got).argmax()  # 0 where nothing ever is: all must be NaN then
        assert warm < 100
        same(got[warm:], np.full(300 - warm, CASES[name].still * price))


@pytest.mark.parametrize("name", ["sma", "ema", "wma", "hma", "zscore", "rsi", "highest", "lowest"])
def test_no_digits_lost_after_a_million_bars(name):
    """From 1e8 down to 1e-4: nothing is left of what was long before."""
    x = np.geomspace(1e8, 1e-4, 1_000_000) * (1 + 0.01 * np.sin(np.arange(1_000_000)))
    got = getattr(indicators, name)(locked(x), 20)[-50:]
    expected = getattr(slow, name)(x[-1000:], 20)[-50:]
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


PEERS = {
    "sma": lambda s, n: s.rolling(n).mean(),
    "wma": lambda s, n: s.rolling(n).apply(
        np.average, raw=True, kwargs={"weights": range(1, n + 1)}
    ),
    "zscore": lambda s, n: (s - s.rolling(n).mean()) / s.rolling(n).std(ddof=0),
    "highest": lambda s, n: s.rolling(n).max(),
    "lowest": lambda s, n: s.rolling(n).min(),
    "change": lambda s, n: s.pct_change(n, fill_method=None),
    "ema": lambda s, n: seeded(s, n).ewm(span=n, adjust=False).mean(),
}


def seeded(series, n):
    """The series with its first n values known as their mean, at the n-th."""
    return pd.concat(
        [series[: n - 1] * np.nan, series[:n].mean() + 0 * series[n - 1 : n], series[n:]]
    )


@pytest.mark.parametrize("period", [2, 14])
@pytest.mark.parametrize("name", PEERS)
def test_against_pandas(name, period):
    # With a drift: in a window that stands still pandas would divide noise by noise.
    x = locked(walk(1000, level=100.0) + 0.001 * np.arange(1000))
    peer = PEERS[name](pd.Series(x), period)
    np.testing.assert_allclose(getattr(indicators, name)(x, period), peer, rtol=1e-10, atol=1e-7)


@pytest.mark.parametrize("period", [2, 14])
def test_rsi_against_pandas(period):
    x = walk(3000)
    change = pd.Series(x).diff()
    averages = [
        seeded(part[1:], period).ewm(alpha=1 / period, adjust=False).mean()
        for part in (change.clip(lower=0), -change.clip(upper=0))
    ]
    up, down = averages
    peer = (100 - 100 / (1 + up / down)).to_numpy()
    np.testing.assert_allclose(indicators.rsi(x, period)[1:], peer, rtol=0, atol=1e-8)


def test_averages_by_hand():
    x = locked(np.array([10.0, 11, 12, 11, 9]))
    nan = np.nan
    same(indicators.sma(x, 2), [nan, 10.5, 11.5, 11.5, 10])
    same(indicators.ema(x, 3), [nan, nan, 11, 11, 10])
    np.testing.assert_allclose(indicators.ema_gap(x, 3, 2), [nan, nan, nan, 0, -1 / 3], rtol=1e-14)
    same(indicators.wma(x, 3), [nan, nan, 68 / 6, 68 / 6, 61 / 6])
    same(indicators.hma(x, 3), 2 * x - indicators.wma(x, 3))


def test_distances_by_hand():
    x = locked(np.array([10.0, 10, 12, 12, 8]))
    nan = np.nan
    same(indicators.zscore(x, 4), [nan, nan, nan, 1, -2.5 / np.sqrt(2.75)])
    same(indicators.change(x, 2), [nan, nan, 12 / 10 - 1, 12 / 10 - 1, 8 / 12 - 1])
    same(indicators.highest(x, 3), [nan, nan, 12, 12, 12])
    same(indicators.lowest(x, 3), [nan, nan, 10, 10, 8])


def test_rsi_by_hand():
    """Changes +2 -1 +1 0 -3; period 2: U 1, 1, 1/2, 1/4 and D 1/2, 1/4, 1/8, 25/16."""
    got = indicators.rsi(locked(np.array([10.0, 12, 11, 12, 12, 9])), 2)
    nan = np.nan
    np.testing.assert_allclose(got, [nan, nan, 200 / 3, 80, 80, 100 * 4 / 29], rtol=1e-14)


def test_rsi_at_its_ends():
    same(indicators.rsi(locked(np.array([5.0, 5, 5, 5])), 2), [np.nan] * 4)
    same(indicators.rsi(locked(np.array([5.0, 6, 6, 8])), 2), [np.nan, np.nan, 100, 100])
    same(indicators.rsi(locked(np.array([5.0, 4, 4, 3])), 2), [np.nan, np.nan, 0, 0])
