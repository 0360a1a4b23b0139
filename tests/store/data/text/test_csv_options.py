"""What a file's content leaves open: the refusal names the option, and the option mends it."""

import re

import pandas as pd
import pytest

from store.data import DataSpec, load
from store.data.text.csv_options import CsvOptions, parse_pairs
from store.errors import BadBars

ROWS = [
    ("2020-01-06", 10, 12.5, 9.25, 11, 1100),
    ("2020-01-07", 11, 13.5, 10.25, 12, 1200),
    ("2020-01-08", 12, 14.5, 11.25, 13, 1300),
    ("2020-01-09", 13, 15.5, 12.25, 14, 1400),
]
WHOLE = [(t, o, int(h), int(low), c, v) for t, o, h, low, c, v in ROWS]
HEAD = "time,open,high,low,close,volume"


def text(rows=ROWS, head=HEAD, form="{0},{1},{2},{3},{4},{5}", date="%Y-%m-%d"):
    dated = [(pd.Timestamp(row[0]).strftime(date), *row[1:]) for row in rows]
    return "\n".join([*([head] if head else []), *(form.format(*row) for row in dated)]) + "\n"


def read(file, content, options=None, **keys):
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    keys = {"calendar": "XNYS"} | keys
    return load(DataSpec("csv", str(file), options={"csv": options or {}}, **keys))


def times_100(rows):
    """Prices in thousands with three decimals: 10.125 is written 10,125."""
    return [(t, *(f'"{value:.0f},125"' for value in row), v) for t, *row, v in rows]


FLAT = [(t, o, o, o, o, 1) for t, o, *_ in ROWS]
SWAPPED = [(t, c, h, low, o, v) for t, o, h, low, c, v in ROWS]
STAMPS = [int(pd.Timestamp(row[0]).timestamp()) for row in ROWS]
SESSIONS = [day for day in pd.bdate_range("2020-02-03", "2020-03-27") if str(day)[5:10] != "02-17"]
HOURS = [day + pd.Timedelta(9.5 + hour, "h") for day in SESSIONS for hour in range(7)]
"""Hours of New York's exchange, over the change of its clock; without Presidents' Day."""

OPEN = {
    "day or month, slashes": (text(date="%d/%m/%Y"), "date_format", "%d/%m/%Y"),
    "month or day, dashes": (text(date="%m-%d-%Y"), "date_format", "%m-%d-%Y"),
    "day or month, two digits of a year": (text(date="%d/%m/%y"), "date_format", "%d/%m/%y"),
    "the year first, in two digits": (text(date="%y-%m-%d"), "date_format", "%y-%m-%d"),
    "day or month with a time of day": (
        text(date="%d/%m/%Y 00:00"),
        "date_format",
        "%d/%m/%Y %H:%M",
    ),
    "day or month in a column of its own": (
        text(head=f"date,{HEAD}", date="%d/%m/%Y,00:00:00"),
        "date_format",
        "%d/%m/%Y",
    ),
    "a form of dates that is not known": (text(date="%Y_%m_%d"), "date_format", "%Y_%m_%d"),
    "a comma in volumes alone": (
        text(WHOLE, form='{0},{1},{2},{3},{4},"{5:,}"'),
        "thousands",
        "comma",
    ),
    "a comma before three decimals": (text(times_100(ROWS)), "decimal", "comma"),
    "a separator that is not known": (text().replace(",", "~"), "separator", "~"),
    "no header, flat bars": (text(FLAT, head=""), "header", HEAD.split(",")),
    "no header, the close before the open": (
        text(SWAPPED, head=""),
        "header",
        ["time", "close", "high", "low", "open", "volume"],
    ),
    "no header, eight columns": (
        text(head="", form="{0},1,{1},{2},{3},{4},{5},7"),
        "header",
        ["time", "id", "open", "high", "low", "close", "volume", "n"],
    ),
    "a column twice": (
        text(head="time,open,high,low,close,volume,close", form="{0},{1},{2},{3},{4},{5},1"),
        "header",
        ["time", "open", "high", "low", "close", "volume", "other"],
    ),
    "closes alone": (text(head="time,close", form="{0},{4}"), "closes_only", True),
    "two closes": (
        text(head="time,open,high,low,last,settle,volume", form="{0},{1},{2},{3},{4},1,{5}"),
        "columns",
        {"close": "last"},
    ),
    "two volumes": (
        text(head="time,open,high,low,close,vol,v", form="{0},{1},{2},{3},{4},{5},1"),
        "columns",
        {"volume": "vol"},
    ),
    "two times": (
        "date,timestamp,open,high,low,close,volume\n"
        + "".join(
            f"{row[0]},{stamp},{','.join(map(str, row[1:]))}\n"
            for row, stamp in zip(ROWS, STAMPS, strict=True)
        ),
        "columns",
        {"time": "timestamp"},
    ),
    "prices by names that are not known": (
        text(head="time,begin,top,bottom,end,volume"),
        "columns",
        {"open": "begin", "high": "top", "low": "bottom", "close": "end"},
    ),
    "a time by a name that is not known": (
        text(head=HEAD.replace("time", "k"), date="%Y%m%d"),
        "columns",
        {"time": "k"},
    ),
    "another encoding": (text(head=f"{HEAD}é").encode("latin-1"), "encoding", "latin-1"),
}


def long_text():
    """Two symbols, their bars of a day one after the other."""
    rows = [f"{name},{line}" for line in text().splitlines()[1:] for name in ("AAA", "BBB")]
    return "\n".join([f"contract,{HEAD}", *rows]) + "\n"


OPEN["several symbols, by a name that is not known"] = (long_text(), "symbol", "contract")


def test_there_are_twenty():
    assert len(OPEN) >= 20


@pytest.mark.parametrize("name", OPEN)
def test_the_refusal_names_the_option_and_the_option_mends_the_file(tmp_path, name):
    content, option, value = OPEN[name]
    file = tmp_path / "OPEN.csv"
    with pytest.raises(BadBars) as refused:
        read(file, content)
    message = str(refused.value)
    assert f"data.csv.{option}" in message
    assert "\n" not in message
    data = read(file, content, {option: value})[0]
    assert len(data.frame) == 4
    assert data.frame["open"].astype(int).tolist() == (
        [11, 12, 13, 14] if name == "closes alone" else [10, 11, 12, 13]
    )
    assert data.frame.index.strftime("%Y-%m-%d").tolist() == [row[0] for row in ROWS]


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    content = text(
        times_100(ROWS),
        head="time,open,high,low,last,settle,volume",
        form="{0},{1},{2},{3},{4},1,{5}",
        date="%d/%m/%Y",
    )
    with pytest.raises(BadBars) as refused:
        read(tmp_path / "ALL.csv", content)
    for option in ("columns.close", "decimal=comma", "thousands=comma", "date_format"):
        assert f"data.csv.{option}" in str(refused.value)
    given = {"columns": {"close": "last"}, "decimal": "comma", "date_format": "%d/%m/%Y"}
    (data,) = read(tmp_path / "ALL.csv", content, given)
    assert data.frame["close"].tolist() == [11.125, 12.125, 13.125, 14.125]


def test_local_times_are_read_in_the_zone_that_is_given(tmp_path):
    rows = [(str(time), 10, 12, 9, 11, 1) for time in HOURS]
    content = text(rows, date="%Y-%m-%d %H:%M:%S")
    keys = {"timeframe": "1h"}
    (data,) = read(tmp_path / "NY.csv", content, {"timezone": "America/New_York"}, **keys)
    assert str(data.frame.index[0]) == "2020-02-03 14:30:00+00:00"
    assert str(data.frame.index[-1]) == "2020-03-27 19:30:00+00:00"
    with pytest.raises(BadBars, match=r"data\.csv\.timezone=America/New_York"):
        read(tmp_path / "NY.csv", content, **keys)


def test_the_hour_that_comes_twice_in_autumn(tmp_path):
    """02:00 in Berlin on 29 October 2023, first in summer time, then in winter time."""
    hours = pd.date_range("2023-10-28 22:00", periods=8, freq="h", tz="UTC")
    local = hours.tz_convert("Europe/Berlin").tz_localize(None)
    rows = [(str(time), 10, 12, 9, 11, 1) for time in local]
    keys = {"timeframe": "1h", "calendar": "24/7"}
    for each in (rows, rows[::-1]):
        content = text(each, date="%Y-%m-%d %H:%M:%S")
        (data,) = read(tmp_path / "B.csv", content, {"timezone": "Europe/Berlin"}, **keys)
        assert data.frame.index.tolist() == hours.tolist()
    spring = [("2024-03-31 01:00", *rows[0][1:]), ("2024-03-31 02:00", *rows[0][1:])]
    content = text(spring, date="%Y-%m-%d %H:%M:%S")
    with pytest.raises(BadBars, match=r"2024-03-31 02:00:00 does not exist in Europe/Berlin"):
        read(tmp_path / "B.csv", content, {"timezone": "Europe/Berlin"}, **keys)


def test_times_with_a_zone_need_none(tmp_path):
    content = text(date="%Y-%m-%dT00:00:00Z")
    with pytest.raises(BadBars, match=r"say their zone themselves; leave data\.csv\.timezone out"):
        read(tmp_path / "Z.csv", content, {"timezone": "Europe/Berlin"})


def test_a_unit_and_an_order_may_be_said(tmp_path):
    content = text().splitlines()
    rows = [
        f"{stamp},{line.partition(',')[2]}" for stamp, line in zip(STAMPS, content[1:], strict=True)
    ]
    (data,) = read(tmp_path / "S.csv", "\n".join([HEAD, *rows[::-1]]), {"time_unit": "s"})
    assert data.frame["open"].tolist() == [10, 11, 12, 13]
    with pytest.raises(BadBars, match="is earlier than the row before"):
        read(tmp_path / "S.csv", "\n".join([HEAD, *rows[::-1]]), {"newest_first": False})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seperator": ";"}, r"data\.csv\.seperator: no such option; did you mean separator\?"),
        ({"separator": ";;"}, r"data\.csv\.separator: need one sign or its word .* got ';;'"),
        ({"decimal": "semicolon"}, r"data\.csv\.decimal: need point or comma, got 'semicolon'"),
        ({"header": "time"}, r"data\.csv\.header: need the names of all columns"),
        ({"columns": "close"}, r"data\.csv\.columns: need ROLE: NAME pairs"),
        ({"date_format": "day first"}, r"data\.csv\.date_format: need a format such as %d"),
        ({"time_unit": "h"}, r"data\.csv\.time_unit: need one of s, ms, us, ns, got 'h'"),
        ({"timezone": "New York"}, r"data\.csv\.timezone: need a zone such as America/New_York"),
        ({"timezone": "../etc"}, r"data\.csv\.timezone: need a zone"),
        ({"newest_first": "perhaps"}, r"data\.csv\.newest_first: need true or false"),
        ({"encoding": "klingon"}, r"data\.csv\.encoding: need an encoding such as utf-8"),
        ({"skip": -1}, r"data\.csv\.skip: need a number of lines, got -1"),
        ({"closes_only": 3}, r"data\.csv\.closes_only: need true or false, got 3"),
        ("comma", r"data\.csv: need options such as separator and decimal, got 'comma'"),
    ],
)
def test_options_are_checked(given, message):
    with pytest.raises(ValueError, match=f"^{message}") as refused:
        CsvOptions.of(given)
    assert "\n" not in str(refused.value)


def test_a_column_that_is_not_there_is_said(tmp_path):
    with pytest.raises(BadBars, match=r"data\.csv\.columns\.close: no column 'Lst'; did you mean"):
        read(tmp_path / "A.csv", text(), {"columns": {"close": "Lst"}})


def test_pairs_of_a_command_line():
    assert parse_pairs(["decimal=comma", "columns.close=Last", "header=time,open"]) == {
        "decimal": "comma",
        "columns": {"close": "Last"},
        "header": ["time", "open"],
    }
    with pytest.raises(ValueError, match="--csv: need NAME=VALUE such as decimal=comma, got 'x'"):
        parse_pairs(["x"])


def test_a_record_of_the_data_reads_the_same_bars_again(tmp_path):
    content = text(date="%d/%m/%Y")
    (data,) = read(tmp_path / "A.csv", content, {"date_format": "%d/%m/%Y"})
    (again,) = load(DataSpec.from_config(data.record()["spec"]))
    assert again.fingerprint == data.fingerprint
    assert re.fullmatch(r"\w+", again.symbol)
