"""Windows too short for figures per year."""

import datetime
import math

import pytest

from store.records.short_window import short_time, without_growth

SPANS = [
    (("2024-01-01", "2024-01-05"), "lasts 4 days only"),
    (("2024-01-01T09:30:00", "2024-01-01T16:00:00"), "lasts 6.5 hours only"),
    (("2024-01-01 00:00:00+00:00", "2024-01-30T23:00:00Z"), "lasts 30 days only"),
    (("2024-01-01", "2024-01-31"), ""),
    ((datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), "2024-01-08"), "lasts 7 days only"),
]


@pytest.mark.parametrize(("span", "said"), SPANS)
def test_a_window_below_thirty_days_is_called_too_short(span, said):
    told = short_time(*span)
    assert told.startswith(said)
    assert bool(told) == bool(said)


def test_growth_a_year_is_not_known_of_a_short_window():
    metrics = {"total_return": 0.3, "annual_return": 2.1e8, "sharpe": 8.5, "calmar": math.inf}
    shown = without_growth(metrics, "2024-01-01", "2024-01-05")
    assert shown == metrics | {"annual_return": None, "calmar": None}
    assert without_growth(metrics, "2024-01-01", "2024-01-31") == metrics
