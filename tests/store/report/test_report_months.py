"""Returns by month and year, by hand."""

import numpy as np
import pandas as pd
import pytest

from store.report.monthly_returns import monthly


def test_months_by_hand():
    days = ["2019-12-30", "2019-12-31", "2020-01-02", "2020-01-31", "2020-03-02"]
    equity = np.array([100.0, 110.0, 99.0, 121.0, 60.5])
    found = monthly("best", "run 1", pd.DatetimeIndex(days, tz="UTC"), equity)
    assert found.years == (2019, 2020)
    assert found.months[0] == (*[None] * 11, pytest.approx(0.1))
    assert found.months[1][:4] == (pytest.approx(0.1), None, pytest.approx(-0.5), None)
    assert found.totals == (pytest.approx(0.1), pytest.approx(-0.45))


def test_months_of_a_year_make_the_year():
    rng = np.random.default_rng(3)
    times = pd.date_range("2001-02-05", "2006-08-08", freq="D", tz="UTC")
    equity = np.exp(np.cumsum(rng.normal(0, 0.01, times.size)))
    found = monthly("best", "", times, equity)
    for months, total in zip(found.months, found.totals, strict=True):
        known = [1 + one for one in months if one is not None]
        assert np.prod(known) == pytest.approx(1 + total, abs=1e-4)
    pandas = pd.Series(equity, times).resample("ME").last().pct_change().dropna()
    flat = [one for row in found.months for one in row if one is not None]
    assert flat[1:] == pytest.approx(pandas.tolist(), abs=1e-6)


def test_nothing_comes_after_a_liquidation():
    times = pd.DatetimeIndex(["2020-01-31", "2020-02-28", "2020-03-31"], tz="UTC")
    found = monthly("best", "", times, np.array([1.0, 0.0, 0.0]))
    assert found.months[0][:3] == (0.0, -1.0, None)
    assert found.totals == (-1.0,)
