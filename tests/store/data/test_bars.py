"""Rules, quality and fingerprint of bars; the shapes of time and number that are understood."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.data.bars import check_bars, check_rules, fingerprint
from store.data.calendars.calendar import periods_per_year, seconds
from store.data.calendars.coverage import coverage
from store.data.normalise import shape
from store.data.rounding import repair
from store.errors import BadBars, StoreError

ROOT = Path(__file__).parents[3]
DAYS = ["2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"]


def bars(times=DAYS, **columns):
    """Four good daily bars, or columns of our choice."""
    count = len(times)
    good = {
        "open": 10.0 + np.arange(count),
        "high": 12.0 + np.arange(count),
        "low": 9.0 + np.arange(count),
        "close": 11.0 + np.arange(count),
        "volume": np.full(count, 100.0),
    }
    return shape(pd.DataFrame({"time": times} | good | columns), "X")


def ns(*times):
    return pd.to_datetime(list(times), utc=True).as_unit("ns").asi8


def column(**changes):
    """A column of good values with some replaced: column(high={2: nan})."""
    ((name, cells),) = changes.items()
    frame = bars()
    frame[name] = [cells.get(i, value) for i, value in enumerate(frame[name])]
    return frame


NAN, INF = float("nan"), float("inf")
BROKEN = {
    "nan_open": (column(open={2: NAN}), r"row 3 \(2020-01-08\): open must be finite.*open=nan"),
    "inf_high": (column(high={1: INF}), r"row 2 \(2020-01-07\): high must be finite.*high=inf"),
    "zero_low": (
        column(low={0: 0.0}),
        r"row 1 \(2020-01-06\): low must be .* above zero.*low=0\.0",
    ),
    "negative_close": (
        column(close={3: -1.0}),
        r"row 4 .*close must be .* above zero.*close=-1\.0",
    ),
    "low_above_open": (column(low={1: 11.5}), r"row 2 .*low is above open, got low=11\.5, open=11"),
    "low_above_close": (column(close={1: 9.5}), r"row 2 .*low is above close, got .*close=9\.5"),
    "low_above_high": (column(high={1: 9.9}), r"row 2 .*low is above high, got .*high=9\.9"),
    "open_above_high": (column(open={2: 15.0}), r"row 3 .*open is above high, got open=15"),
    "close_above_high": (column(close={2: 15.0}), r"row 3 .*close is above high, got close=15"),
    "nan_volume": (column(volume={2: NAN}), r"row 3 .*volume must be finite.*volume=nan"),
    "negative_volume": (column(volume={2: -5.0}), r"row 3 .*not negative, got volume=-5"),
    "infinite_volume": (column(volume={2: INF}), r"row 3 .*volume must be finite.*volume=inf"),
    "infinite_feature": (bars(vix=[1, INF, 3, 4]), r"row 2 .*feature vix must not be infinite"),
    "same_time": (
        bars([*DAYS[:3], DAYS[2]]),
        r"row 4 \(2020-01-08\): has the time of the row before",
    ),
    "unsorted": (bars([DAYS[1], DAYS[0], *DAYS[2:]]), r"row 2 .*is earlier than the row before"),
    "one_bar": (bars(DAYS[:1]), r"too little history, got 1 bars; need at least 2"),
    "no_bar": (bars([]), r"too little history, got 0 bars"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_its_row_and_value(name):
    frame, message = BROKEN[name]
    with pytest.raises(BadBars, match=f"^some.csv: {message}") as refused:
        check_rules(frame, "some.csv")
    assert isinstance(refused.value, StoreError | ValueError)
    assert "\n" not in str(refused.value)
    assert "; " in str(refused.value), "says what to change"


def test_more_rows_of_the_same_fault_are_counted():
    with pytest.raises(BadBars, match=r"row 2 .*got open=nan \(and 1 more rows\)"):
        check_rules(column(open={1: NAN, 3: NAN}), "X")


def test_good_bars_and_empty_features_pass():
    quality = check_bars(bars(vix=[np.nan, 1, 2, 3]), "X", "1d", "XNYS")
    assert (quality.score, quality.gaps, quality.repairs) == (1.0, 0, ())


def test_gaps_and_zero_volume_lower_the_score():
    times = ["2020-01-02", "2020-01-03", "2020-01-07", "2020-01-08"]  # Monday the 6th is missing
    quality = check_bars(bars(times, volume=[1, 0, 1, 1]), "X", "1d", "XNYS")
    assert (quality.gaps, quality.zero_volume, quality.calendar) == (1, 1, "XNYS")
    assert quality.score == pytest.approx((1 - 1 / 5) * (1 - 1 / 4 / 4))


def test_the_same_gap_is_wider_on_a_market_that_never_closes():
    times = ["2020-01-02", "2020-01-03", "2020-01-07", "2020-01-08"]
    assert check_bars(bars(times), "X", "1d", "24/7").gaps == 3


def test_hopeless_bars_are_refused():
    times = ["2020-01-02", "2020-01-03", "2020-02-20", "2020-02-21"]
    with pytest.raises(
        BadBars, match=r"X: quality 0\.\d\d is below 0\.5: 31 of 35 bars are missing"
    ):
        check_bars(bars(times), "X", "1d", "XNYS")


def test_bars_of_a_shorter_timeframe_are_refused():
    times = [f"2020-01-06T10:{minute:02}:00" for minute in (0, 15, 30, 45)]
    with pytest.raises(BadBars, match=r"X: bars are 15m apart, data.timeframe says 1h"):
        check_bars(bars(times), "X", "1h", "24/7")


def test_bars_of_a_longer_timeframe_are_refused():
    with pytest.raises(BadBars, match=r"most bars are 1d apart\).*set data.timeframe"):
        check_bars(bars(), "X", "1h", "24/7")


def test_rounding_is_repaired_and_listed():
    frame = bars(high=[12, 13, 14, 15], close=[11, 13 * (1 + 5e-10), 13, 14])
    frame.loc[frame.index[2], "low"] = 12.0 * (1 + 5e-10)
    mended, repairs = repair(frame)
    check_rules(mended, "X")
    assert mended["high"].iloc[1] == frame["close"].iloc[1]
    assert mended["low"].iloc[2] == frame["open"].iloc[2]
    assert repairs[0] == f"row 2 (2020-01-07): high 13.0 set to {13 * (1 + 5e-10)!r}"
    assert repairs[1].startswith("row 3 (2020-01-08): low 12.000000006")
    quality = check_bars(mended, "X", repairs=repairs)
    assert (quality.repaired, quality.repairs, quality.score) == (2, repairs, 0.5)


def test_more_than_rounding_is_not_repaired():
    frame = bars(high=[12, 13, 14, 15], close=[11, 13 * (1 + 1.3e-7), 13, 14])
    assert repair(frame) == (frame, ())
    with pytest.raises(BadBars, match="close is above high"):
        check_rules(frame, "X")


@pytest.mark.parametrize(
    ("times", "message"),
    [
        (["2020-01-06", "soon"], r"row 2: time soon cannot be read"),
        (["01/02/2020", "01/03/2020"], r"row 1: time 01/02/2020 cannot be read: day or month"),
        (["2020-01-06", None], r"row 2: time \S+ cannot be read"),
        (["1066-10-14", "1066-10-15"], r"row 1: time 1066-10-14 cannot be read"),
        (["2020-01-06T00:00:00Z", "2020-01-06T12:00:00"], r"row 2: mixed time zones"),
        (
            ["2020-01-06T00:00:00+01:00", "2020-01-06T12:00:00-05:00"],
            r"row 2: mixed time zones.*in UTC",
        ),
        ([1_577_836_800, np.nan], r"row 2: time nan cannot be read"),
        ([True, False], r"the time column holds true/false"),
    ],
)
def test_times_that_cannot_be_read(times, message):
    with pytest.raises(BadBars, match=f"^X: {message}"):
        bars(times)


@pytest.mark.parametrize(
    "times",
    [
        ["2020-01-06", "2020-01-07"],
        ["20200106", "20200107"],
        [20200106, 20200107],
        ["2020-01-06T00:00:00Z", "2020-01-07 00:00:00Z"],
        ["2020-01-06T01:00:00+01:00", "2020-01-07T01:00:00+01:00"],
        [1_578_268_800, 1_578_355_200],
        [1_578_268_800.0, 1_578_355_200.0],
        [1_578_268_800_000, 1_578_355_200_000],
        [1_578_268_800_000_000, 1_578_355_200_000_000],
        [1_578_268_800_000_000_000, 1_578_355_200_000_000_000],
        pd.to_datetime(["2020-01-06", "2020-01-07"]),
        pd.to_datetime(["2020-01-05 19:00", "2020-01-06 19:00"]).tz_localize("America/New_York"),
        [pd.Timestamp("2020-01-06").date(), pd.Timestamp("2020-01-07").date()],
    ],
)
def test_times_that_are_understood(times):
    assert bars(times).index.asi8.tolist() == ns("2020-01-06", "2020-01-07").tolist()


def test_an_index_of_times_serves_as_well_and_case_does_not_matter():
    plain = bars()
    loud = plain.rename(columns=str.upper).set_axis(plain.index.tz_localize(None))
    pd.testing.assert_frame_equal(shape(loud, "X"), plain)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (bars().drop(columns="low").reset_index(), "column low is missing, got open, high"),
        (bars().reset_index(drop=True), "no time column among open, high"),
        (bars().reset_index().assign(date=DAYS), r"2 time columns \(time, date\)"),
        (bars().assign(OPEN=1.0), "column open is there twice"),
        (
            bars().assign(high=["12", "13", "1,400.5", "15"]),
            r"row 3 \(2020-01-08\): high is not a number, got '1,400.5'",
        ),
        (
            bars().assign(score=["1", "x", "2", "3"]),
            r"row 2 .*score is not a number, got 'x'.*drop",
        ),
    ],
)
def test_tables_that_are_no_bars(table, message):
    with pytest.raises(BadBars, match=f"^X: {message}"):
        shape(table, "X")


def test_an_adjusted_close_is_ignored_unless_asked_for():
    table = bars().assign(**{"Adj Close": [5.5, 6.0, 6.5, 7.0]})
    pd.testing.assert_frame_equal(shape(table, "X"), bars())
    scaled = shape(table, "X", adjusted=True)
    assert scaled["open"].tolist() == [5.0, 5.5, 6.0, 6.5]
    assert scaled["volume"].tolist() == [100.0] * 4
    with pytest.raises(BadBars, match=r"X: data.adjusted needs one column .* got none"):
        shape(bars(), "X", adjusted=True)


# Timeframes and calendars


@pytest.mark.parametrize(
    ("text", "length"),
    [
        *(("30s", 30), ("15m", 900), ("1d", 86_400), ("1D", 86_400), ("1w", 604_800)),
        *(("2d", 172_800), ("2w", 1_209_600), ("1mo", 2_629_800), ("1y", 31_557_600)),
        ("irregular", 0),
    ],
)
def test_timeframes(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize(
    "text", ["", "d", "0m", "25h", "3y", "1.5h", "-1d", "1x", "1 000m", "1MS", "h1"]
)
def test_timeframes_that_are_none(text):
    with pytest.raises(ValueError, match=r"data.timeframe: need"):
        seconds(text)


def test_periods_per_year():
    first, last = pd.Timestamp("1999-01-04", tz="UTC"), pd.Timestamp("2018-12-31", tz="UTC")
    assert periods_per_year("24/7", "1h", first, last) == 365 * 24
    assert periods_per_year("24/7", "15m", first, last) == 365 * 24 * 4
    assert periods_per_year("XNYS", "1w", first, last) == 365 / 7
    assert periods_per_year("XNYS", "1d", first, last) == 5_031 / 20
    # 2010 had 252 sessions, one of them (26 November) of 3.5 hours; 6.5 hours make 7 bars of 1h.
    year = pd.Timestamp("2010-01-04", tz="UTC")
    assert periods_per_year("XNYS", "1h", year, year) == 251 * 7 + 4
    assert periods_per_year("XNYS", "30m", year, year) == 251 * 13 + 7


@pytest.mark.parametrize("start", ["14:30", "14:00", "15:30"])  # start, whole hour, end of a bar
def test_intraday_bars_of_a_session_however_they_are_stamped(start):
    """New York is open from 14:30 to 21:00 UTC in winter: seven bars of an hour."""
    times = np.concatenate(
        [ns(f"{day}T{start}") + np.arange(7) * 3_600_000_000_000 for day in DAYS[:2]]
    )
    full = coverage(times, "XNYS", "1h")
    assert (full.expected, full.missing, full.outside) == (14, 0, 0)
    assert coverage(np.delete(times, [3, 9]), "XNYS", "1h").missing == 2


def test_a_lunch_break_is_no_gap():
    morning, afternoon = ns("2024-01-09T00:00"), ns("2024-01-09T03:30")
    half_hour = 1_800_000_000_000
    times = np.concatenate(
        [morning + np.arange(5) * half_hour, afternoon + np.arange(5) * half_hour]
    )
    assert coverage(times, "XTKS", "30m").missing == 0


def test_a_session_is_found_at_any_hour_of_its_stamp():
    for hour in ("00:00", "05:00", "21:00"):  # UTC midnight, New York midnight, New York close
        times = ns(*(f"{day}T{hour}" for day in DAYS))
        found = coverage(times, "XNYS", "1d")
        assert (found.expected, found.missing, found.outside) == (4, 0, 0)


def test_bars_on_a_closed_day_are_outside():
    times = ns("2020-01-03", "2020-01-04", "2020-01-05", "2020-01-06")
    assert coverage(times, "XNYS", "1d").outside == 2


def test_weeks():
    weekly = ns("2020-01-06", "2020-01-13", "2020-01-27", "2020-02-03")
    assert coverage(weekly, "XNYS", "1w").missing == 1
    assert coverage(weekly, "24/7", "1w").missing == 1


# Fingerprint

PINNED = "79f97ca79993abc336bac945e4d1aba511250dd2c0f83b7841016331e97224eb"


def test_fingerprint_is_pinned():
    """The same in any process, on any machine, for good: stored experiments refer to it."""
    assert fingerprint(bars()) == PINNED
    table = bars().reset_index().astype(str).to_dict("list")
    program = (
        "import pandas as pd\nfrom store.data.normalise import shape\n"
        "from store.data.bars import fingerprint\n"
        f"print(fingerprint(shape(pd.DataFrame({table}), 'X')))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert other.stdout.strip() == PINNED


def test_fingerprint_does_not_see_types_or_order():
    frame = bars(vix=[np.nan, 1, 2, 3])
    same = [
        frame[frame.columns[::-1]],
        frame.astype({"volume": "int64"}),
        frame.astype({"volume": "int32", "open": "float32", "vix": "Float64"}),
        frame.set_axis(frame.index.as_unit("s")),
        frame.set_axis(frame.index.tz_convert("Asia/Tokyo")),
        frame.set_axis(frame.index.tz_localize(None)),
    ]
    assert {fingerprint(each) for each in same} == {fingerprint(frame)}
    zero = bars(volume=[0.0] * 4)
    assert fingerprint(zero) == fingerprint(zero.assign(volume=-0.0))


@given(
    row=st.integers(0, 3),
    name=st.sampled_from(["open", "high", "low", "close", "volume", "vix"]),
    value=st.floats(width=64),
)
def test_fingerprint_sees_every_value(row, name, value):
    frame = bars(vix=[np.nan, 1, 2, 3])
    changed = frame.copy()
    changed.iloc[row, changed.columns.get_loc(name)] = value
    old, new = frame[name].iloc[row], value
    same = old == new or (np.isnan(old) and np.isnan(new))
    assert (fingerprint(changed) == fingerprint(frame)) == same


@given(row=st.integers(0, 3), nanoseconds=st.integers(-(10**15), 10**15).filter(bool))
def test_fingerprint_sees_every_time(row, nanoseconds):
    frame = bars()
    times = frame.index.asi8.copy()
    times[row] += nanoseconds
    moved = frame.set_axis(pd.DatetimeIndex(times, tz="UTC"))
    assert fingerprint(moved) != fingerprint(frame)


@given(name=st.text(min_size=1).filter(lambda name: name != "vix" and name.isprintable()))
def test_fingerprint_sees_names(name):
    frame = bars(vix=[1, 2, 3, 4])
    assert fingerprint(frame.rename(columns={"vix": name})) != fingerprint(frame)


def test_the_last_bit_of_single_precision_is_clamped():
    """A close kept exactly above a high that was kept in 32 bits, as vendors' files have it."""
    exact = bars(high=[12.1, 13.3, 14.7, 15.9], close=[12.1, 13.3, 14.7, 15.9])
    single = exact.assign(high=exact["high"].astype("float32").astype("float64"))
    off = (single["high"] < single["close"]).to_numpy()
    assert off.any()
    mended, repairs = repair(single)
    check_rules(mended, "X")
    assert len(repairs) == off.sum()
    assert mended["high"].tolist() == single["high"].where(~off, exact["close"]).tolist()


def cents(seed=1, decimals=2):
    """300 closes of four decimals, with highs and lows that were rounded."""
    rng = np.random.default_rng(seed)
    close = np.round(80 + rng.standard_normal(300).cumsum() / 4, 4)
    open_ = np.round(close + rng.standard_normal(300) / 10, 4)
    high = np.round(np.maximum(open_, close), decimals)
    low = np.round(np.minimum(open_, close), decimals)
    times = pd.date_range("2020-01-01", periods=300).astype(str)
    return bars(times, open=open_, high=high, low=low, close=close)


def test_highs_and_lows_of_fewer_decimals_than_the_closes_are_clamped():
    """Of numbers rounded to cents half lie below what they were: by half a cent at most."""
    frame = cents()
    body = frame[["open", "close"]]
    high, low = (frame["high"] < body.max(axis=1)), (frame["low"] > body.min(axis=1))
    assert min(high.sum(), low.sum()) > 100
    mended, repairs = repair(frame)
    check_rules(mended, "X")
    assert len(repairs) == high.sum() + low.sum()
    assert mended["high"].tolist() == frame["high"].where(~high, body.max(axis=1)).tolist()
    assert mended["low"].tolist() == frame["low"].where(~low, body.min(axis=1)).tolist()
    assert mended[["open", "close"]].equals(body)


def test_more_than_half_a_unit_of_the_last_decimal_is_no_rounding():
    frame, _ = repair(cents())
    frame["high"], frame["low"] = np.ceil(frame["high"] * 100) / 100, np.floor(frame["low"])
    row = frame.index[7]
    frame.loc[row, "high"] = round(float(frame.loc[row, ["open", "close"]].max()) - 0.006, 2)
    with pytest.raises(BadBars, match=r"row 8 \(2020-01-08\): (open|close) is above high"):
        check_rules(repair(frame)[0], "X")


def test_whole_numbers_are_no_rounding_beyond_a_thousandth_of_the_price():
    frame = cents(decimals=0)
    with pytest.raises(BadBars, match="is above"):
        check_rules(repair(frame)[0], "X")


def test_a_single_odd_price_among_cents_is_not_called_rounding():
    frame, _ = repair(cents().round(2))
    frame.loc[frame.index[7], "close"] = float(frame["high"].iloc[7]) + 0.004
    with pytest.raises(BadBars, match=r"close is above high"):
        check_rules(repair(frame)[0], "X")


def test_a_bar_that_is_wrong_beyond_rounding_is_named_with_the_prices_of_the_file():
    """The close 101.012 rounds to the high, the open 101.466 does not."""
    frame, _ = repair(cents())
    frame.loc[frame.index[7], ["open", "high", "low", "close"]] = [101.466, 101.01, 70.0, 101.012]
    with pytest.raises(BadBars, match=r"open is above high, got open=101.466, high=101.01;"):
        check_rules(repair(frame)[0], "X")
