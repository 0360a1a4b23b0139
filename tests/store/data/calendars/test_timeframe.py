"""Timeframes: one spelling each, and which bar a day is in."""

import numpy as np
import pytest

from store.data.calendars.timeframe import MONTH, length_text, slot_numbers, slot_starts, timeframe

DAY = 86_400


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        *(("60min", "1h"), ("60m", "1h"), ("1H", "1h"), ("24h", "1d"), ("1440m", "1d")),
        *(("1D", "1d"), ("daily", "1d"), ("1Day", "1d"), ("7d", "1w"), ("14d", "2w")),
        *(("1W", "1w"), ("1mo", "1mo"), ("1month", "1mo"), ("1q", "3mo"), ("1y", "12mo")),
        *(("90m", "90m"), ("3d", "3d"), ("5T", "5m"), ("none", "irregular"), (" 15m", "15m")),
    ],
)
def test_spellings_of_a_timeframe_are_one(written, spelt):
    assert timeframe(written) == spelt


def test_a_letter_for_two_units_is_refused():
    with pytest.raises(ValueError, match=r"1M may be minutes or months; write 1m or 1mo"):
        timeframe("1M")


def test_months_and_days_are_numbered_and_found_again():
    days = np.array(["2020-01-31", "2020-02-01", "2020-03-31"], "datetime64[D]").astype(np.int64)
    months = slot_numbers(days, MONTH)
    assert np.diff(months).tolist() == [1, 1]
    assert slot_starts(months, MONTH)[1] == np.datetime64("2020-02-01", "ns").astype(np.int64)
    quarters = slot_numbers(days, 3 * MONTH)
    assert np.diff(quarters).tolist() == [0, 0]
    monday = slot_starts(slot_numbers(days, 7 * DAY), 7 * DAY)[0]
    assert monday == np.datetime64("2020-01-27", "ns").astype(np.int64)
    assert slot_numbers(np.array([0, 2, 3]), 3 * DAY).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7_200, "2h"), (90, "90s"), (28 * DAY, "1mo"), (31 * DAY, "1mo"), (7 * DAY, "1w")],
)
def test_a_length_is_named(seconds, text):
    assert length_text(seconds) == text
