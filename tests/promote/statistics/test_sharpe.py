"""Sharpe ratios and luck: the examples that the papers work, and what must hold for all."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promote.statistics import (
    Record,
    deflated_sharpe,
    expected_max_sharpe,
    gap_z,
    min_track_record,
    probabilistic_sharpe,
)

RATIO = st.floats(-1.0, 1.0)
SKEW = st.floats(-3.0, 3.0)
SPREAD = st.floats(0.1, 20.0)  # of the kurtosis above the least there can be


def test_the_hedge_fund_of_the_paper():
    """Bailey and Lopez de Prado (2012): 24 months at 0.458 a month; 0.982, and 0.913 with skew."""
    assert probabilistic_sharpe(0.458, 24, 0.0, 3.0) == pytest.approx(0.982, abs=5e-4)
    assert probabilistic_sharpe(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=5e-4)


@pytest.mark.parametrize(("per_year", "years"), [(252, 2.73), (52, 2.83), (12, 3.24)])
def test_the_track_records_of_the_paper(per_year, years):
    """The same: normal returns, annual Sharpe ratio 2 against 1, confidence 95 %."""
    annual = math.sqrt(per_year)
    periods = min_track_record(2 / annual, 0.0, 3.0, benchmark=1 / annual)
    assert periods / per_year == pytest.approx(years, abs=5e-3)


def test_the_strategy_of_the_deflated_sharpe_paper():
    """Bailey and Lopez de Prado (2014): annual 2.5 over 1,250 days, variance 1/2 across 100."""
    sharpe, variance = 2.5 / math.sqrt(250), 0.5 / 250
    assert expected_max_sharpe(100, variance) == pytest.approx(0.1132, abs=5e-5)
    fat = (sharpe, 1250, -3.0, 10.0)
    assert deflated_sharpe(*fat, 100, variance) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(*fat, 46, variance) == pytest.approx(0.9505, abs=5e-5)
    normal = (sharpe, 1250, 0.0, 3.0)
    assert deflated_sharpe(*normal, 88, variance) == pytest.approx(0.9505, abs=5e-5)


def test_by_hand():
    """1 + 0.25 * 2 / 4 = 1.125 is the variance at 0.5; sqrt(8 / 1.125) * 0.5 is 4/3."""
    expected = 0.5 * math.erfc(-4 / 3 / math.sqrt(2))
    assert probabilistic_sharpe(0.5, 9, 0.0, 3.0) == pytest.approx(expected, rel=1e-12)
    assert probabilistic_sharpe(0.25, 9, 1.0, 5.0, benchmark=0.25) == 0.5
    assert probabilistic_sharpe(-0.2, 5_000, 0.0, 3.0) > 0, "digits far below one half are kept"


@given(RATIO, SKEW, SPREAD, st.floats(0.51, 0.999), st.floats(-0.5, 0.5))
def test_a_track_record_is_where_the_confidence_is_reached(ratio, skew, spread, confidence, zero):
    kurtosis = 1 + skew**2 + spread
    periods = min_track_record(ratio, skew, kurtosis, zero, confidence)
    if ratio <= zero:
        assert periods == math.inf
    elif 2 <= periods < 1e12:
        reached = probabilistic_sharpe(ratio, periods, skew, kurtosis, zero)
        assert reached == pytest.approx(confidence, abs=1e-9)


@given(RATIO, SKEW, SPREAD, st.floats(1, 1e9), st.floats(1, 1e3), st.floats(1e-6, 0.1))
def test_more_configurations_never_help(ratio, skew, spread, tried, times, variance):
    record = (ratio, 500, skew, 1 + skew**2 + spread)
    few = deflated_sharpe(*record, tried, variance)
    assert 0 <= deflated_sharpe(*record, tried * times, variance) <= few <= 1
    assert deflated_sharpe(*record, tried, variance * times) <= few
    assert few <= deflated_sharpe(*record, 1, variance) == probabilistic_sharpe(*record)


def test_the_gap_by_hand():
    """Normal returns at 0 have a variance of 1 / (n - 1): 0.3 is 3 of sqrt(1/200 + 1/200)."""
    assert gap_z(Record(0.0, 201), Record(-0.3, 201)) == pytest.approx(
        0.3 / math.sqrt(1 / 200 + (1 + 0.045) / 200)
    )
    assert gap_z(Record(0.1, 1000), Record(0.1, 50)) == 0
    assert gap_z(Record(0.05, 1000), Record(0.15, 500)) < 0


@given(RATIO, RATIO, SKEW, SPREAD)
def test_fat_left_tails_widen_a_gap_error(before, after, skew, spread):
    kurtosis = 1 + skew**2 + spread
    thin = gap_z(Record(before, 300, skew, kurtosis), Record(after, 100, skew, kurtosis))
    fat = gap_z(Record(before, 300, skew, kurtosis + 5), Record(after, 100, skew, kurtosis + 5))
    assert abs(fat) <= abs(thin) * (1 + 1e-12)
    back = gap_z(Record(after, 100, skew, kurtosis), Record(before, 300, skew, kurtosis))
    assert back == pytest.approx(-thin)


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (probabilistic_sharpe, (NAN, 100, 0, 3), "sharpe: must be finite, got nan"),
        (probabilistic_sharpe, (0.1, 1, 0, 3), "n: must be 2 or more, got 1"),
        (probabilistic_sharpe, (0.1, NAN, 0, 3), "n: must be finite"),
        (probabilistic_sharpe, (0.1, 100, INF, 3), "skew: must be finite"),
        (probabilistic_sharpe, (0.1, 100, 0, NAN), "kurtosis: must be finite"),
        (probabilistic_sharpe, (0.1, 100, 0, 0), "kurtosis: must be 1 .* raw kurtosis"),
        (probabilistic_sharpe, (0.1, 100, -2, 4.9), r"1 \+ skew\^2 = 5 or more, got 4.9"),
        (probabilistic_sharpe, (1.0, 100, 2, 5), "has no variance to judge it by"),
        (probabilistic_sharpe, (0.1, 100, 0, 3, NAN), "benchmark: must be finite"),
        (min_track_record, (0.1, 0, 3, 0.0, 0.5), "confidence: must be above 0.5 and below 1"),
        (min_track_record, (0.1, 0, 3, 0.0, NAN), "confidence"),
        (min_track_record, (0.1, 0, 3, NAN), "benchmark"),
        (min_track_record, (NAN, 0, 3), "sharpe"),
        (deflated_sharpe, (0.1, 100, 0, 3, NAN, 0.01), "n_trials"),
        (deflated_sharpe, (0.1, 100, 0, 3, 10, NAN), "variance"),
        (deflated_sharpe, (NAN, 100, 0, 3, 10, 0.01), "sharpe"),
        (gap_z, (Record(NAN, 100), Record(0.1, 100)), "sharpe"),
        (gap_z, (Record(0.1, 100), Record(0.1, 1)), "n: must be 2"),
    ],
)
def test_what_is_no_number_is_no_probability(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
