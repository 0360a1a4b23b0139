"""Bars in a year, from times alone; the right figures are counted with pandas or by hand."""

import numpy as np
import pandas as pd
import pytest

from kernels.series.periods import bars_a_year


def of(index):
    return bars_a_year(pd.DatetimeIndex(index).as_unit("ns").asi8)


def by_elapsed_time(index):
    years = (index[-1] - index[0]).total_seconds() / 86_400 / 365.25
    return len(index) / (years * (1 + 1 / len(index)))


@pytest.mark.parametrize(
    ("index", "bars"),
    [
        (pd.date_range("2021-01-01", periods=8_760, freq="h"), 8_760),
        (pd.date_range("2021-01-01", periods=60, freq="min"), 525_600),
        (pd.date_range("2021-01-01", periods=900, freq="D"), 365),
        (pd.bdate_range("2021-01-01", periods=100), 252),
        (pd.date_range("2015-01-05", periods=300, freq="7D"), 365 / 7),
        (pd.date_range("2000-01-01", periods=240, freq="MS"), 12),
        (pd.date_range("2000-01-31", periods=40, freq="QE"), 4),
        (pd.date_range("2020-01-01", periods=200, freq="3D"), 365 / 3),
    ],
)
def test_regular_bars_give_the_usual_figure(index, bars):
    assert of(index) == pytest.approx(bars, rel=1e-12)


def test_sessions_of_an_exchange_are_counted_by_the_day():
    days = pd.bdate_range("2024-03-04", periods=5)
    minutes = [
        day + pd.Timedelta(14.5, "h") + pd.Timedelta(m, "min") for day in days for m in range(390)
    ]
    assert of(minutes) == 252 * 390


def test_holes_and_sunday_candles_are_counted_by_elapsed_time():
    days = pd.date_range("2020-01-01", "2022-12-31", freq="D")
    kept = days[np.sort(np.random.default_rng(0).choice(len(days), 660, replace=False))]
    assert of(kept) == pytest.approx(by_elapsed_time(kept), rel=1e-3)
    six = days[days.day_of_week != 5]
    assert of(six) == pytest.approx(365.25 * 6 / 7, rel=3e-3)


def test_currency_hours_of_a_quarter_are_a_whole_number_of_weeks():
    hours = pd.date_range("2022-01-02 22:00", "2022-04-01 21:00", freq="h")
    week = (hours.day_of_week * 24 + hours.hour).to_numpy()
    open_hours = hours[(week < 4 * 24 + 22) | (week >= 6 * 24 + 22)]
    assert of(open_hours) == pytest.approx(120 * 365.25 / 7, rel=3e-3)


def test_a_single_bar_has_no_times_to_count():
    assert of(["2020-01-01"]) == 252
