"""Files nobody should be given: each is refused with file, row and reason, or read right."""

import gzip
import os
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.data import DataSpec, load
from store.errors import StoreError

HEAD = "time,open,high,low,close,volume\n"
ROWS = [
    "2020-01-06,10,12,9,11,100\n",
    "2020-01-07,11,13,10,12,110\n",
    "2020-01-08,12,14,11,13,120\n",
    "2020-01-09,13,15,12,14,130\n",
]
GOOD = HEAD + "".join(ROWS)
CLOSES = [11, 12, 13, 14]
TIMES = ["2020-01-06", "2020-01-07", "2020-01-08", "2020-01-09"]
DAYS = pd.DatetimeIndex(TIMES)
EPOCH = [int(day.timestamp()) for day in DAYS]


def edit(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


def timed(*times):
    """The good rows with other times."""
    rows = (f"{time},{row.partition(',')[2]}" for time, row in zip(times, ROWS, strict=True))
    return HEAD + "".join(rows)


def frame(**columns):
    table = {"time": DAYS, "open": [10.0, 11, 12, 13], "high": [12.0, 13, 14, 15]}
    table |= {"low": [9.0, 10, 11, 12], "close": [11.0, 12, 13, 14], "volume": [1.0, 2, 3, 4]}
    return pd.DataFrame(table | columns)


def table(**columns):
    """The bytes of a Parquet file with some columns replaced."""
    good = pa.Table.from_pandas(frame(), preserve_index=False)
    for name, values in columns.items():
        good = good.set_column(good.column_names.index(name), name, pa.array(values))
    sink = pa.BufferOutputStream()
    pq.write_table(good, sink)
    return bytes(sink.getvalue())


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]


RIGHT = None
"""In place of a message: the file is read, and its closes are CLOSES at TIMES."""

TEXT = {
    "nothing at all": ("", "is empty; write a header and bars into it"),
    "only a blank line": ("\n", "is empty"),
    "only a header": (HEAD, "too little history, got 0 bars"),
    "one bar": (HEAD + ROWS[0], "too little history, got 1 bars"),
    "an empty cell": (edit("11,13,10", "11,,10"), r"row 2 \(2020-01-07\): high .* got high=nan"),
    "NaN": (edit("11,13,10", "NaN,13,10"), r"row 2 \(2020-01-07\): open must be finite"),
    "infinity": (edit("11,13,10", "11,inf,10"), r"row 2 .*high must be finite .*got high=inf"),
    "minus infinity": (edit("11,13,10", "11,13,-inf"), r"row 2 .*low must be finite .*low=-inf"),
    "a number beyond float64": (edit("11,13,10", "11,1e400,10"), r"row 2 .*got high=inf"),
    "a number below float64": (edit("11,13,10", "11,13,1e-400"), r"row 2 .*low must be .*low=0\.0"),
    "a negative price": (edit("11,13,10", "-11,13,10"), r"row 2 .*open must be .*open=-11\.0"),
    "a price of zero": (edit("11,13,10", "11,13,0"), r"row 2 .*above zero, got low=0\.0"),
    "low above high": (edit("11,13,10", "11,13,14"), r"row 2 .*low is above high, got low=14"),
    "open above high": (edit("11,13,10", "17,13,10"), r"row 2 .*open is above high, got open=17"),
    "close below low": (edit("13,10,12", "13,10,9.5"), r"row 2 .*low is above close"),
    "a negative volume": (edit(",110", ",-110"), r"row 2 .*volume must be .*volume=-110"),
    "newest first": (HEAD + "".join(ROWS[::-1]), RIGHT),
    "two rows swapped": (HEAD + "".join([ROWS[1], ROWS[0], *ROWS[2:]]), r"row 2 .*is earlier"),
    "a row twice": (HEAD + "".join([ROWS[0], *ROWS]), r"row 2 \(2020-01-06\): has the time of"),
    "mixed time zones": (
        timed("2020-01-06T00:00:00+02:00", *(f"{day}T00:00:00Z" for day in TIMES[1:])),
        "row 2: mixed time zones, 2020-01-06",
    ),
    "some times without a zone": (
        timed(*TIMES[:2], "2020-01-08T00:00:00Z", TIMES[3]),
        "row 3: mixed time zones",
    ),
    "no price columns": ("time,side\n2020-01-06,1\n", "column open, high, low, close is missing"),
    "closes alone": (
        "time,price\n2020-01-06,1\n",
        "column open, high, low is missing, there are closes only; data.csv.closes_only=true",
    ),
    "a time column by another name": (GOOD.replace("time", "session"), RIGHT),
    "a time column without a name": (GOOD.replace("time", ""), RIGHT),
    "no time column": (GOOD.replace("2020-01-0", "row "), "row 1: time row 6 cannot be read"),
    "two time columns": (
        GOOD.replace("volume", "date"),
        r"2 time columns \(time, date\) among time",
    ),
    "a column twice": (GOOD.replace("volume", "close"), "column close is there twice; keep one"),
    "a column twice in other case": (GOOD.replace("volume", "Close"), "column close is there twic"),
    "a cut last row": (GOOD[:-9], r"row 4 \(2020-01-09\): close must be .*got close=nan"),
    "a row too long": (edit(",110\n", ",110,7\n"), "not a readable .csv file: line 3 has 7 cells"),
    "all rows too long": (
        GOOD.replace("0\n", "0,7\n"),
        "not a readable .csv file: line 2 has 7 cells",
    ),
    "a quote that never ends": (
        edit("11,13,10", '11,"13,10'),
        "not a readable .csv file: a quote is opened and",
    ),
    "semicolons": (GOOD.replace(",", ";"), RIGHT),
    "tabs": (GOOD.replace(",", "\t"), RIGHT),
    "pipes": (GOOD.replace(",", "|"), RIGHT),
    "a decimal comma": (edit("11,13,10", '"11,5",13,10'), RIGHT),
    "points and commas as decimal marks": (
        edit("11,13,10", '"11,5",13,10.5'),
        "numbers have point and comma as decimal marks; set data.csv.decimal=comma or",
    ),
    "a comma of decimals or thousands": (
        edit(",110", ',"1,100"'),
        r"1,100 is either 1100 or 1\.100; set data\.csv\.thousands=comma or data\.csv\.decimal=",
    ),
    "thousands blanks": (edit(",110", ",1 100"), RIGHT),
    "a blank within a number": (
        edit(",110", ",11 0"),
        r"row 2 .*volume is not a number, got '11 0",
    ),
    "thousands underscores": (edit(",110", ",1_100"), r"row 2 .*volume is not a number"),
    "a currency sign": (edit("11,13,10", "$11,13,10"), r"row 2 .*open is not a number, got '\$11'"),
    "hexadecimal": (edit("11,13,10", "0x0B,13,10"), r"row 2 .*open is not a number, got '0x0B'"),
    "true and false": (
        re.sub(r",1\d0\n", ",True\n", GOOD),
        "column volume holds bool, not numbers",
    ),
    "words": (edit("11,13,10", "n.b.,13,10"), r"row 2 .*open is not a number, got 'n\.b\.'"),
    "a price of a million digits": (
        edit("11,13,10", "9" * 10**6 + ",13,10"),
        r"row 2 .*open (must be finite|is not a number).{0,200}$",
    ),
    "a time of a million digits": (
        timed(*TIMES[:3], "1" * 10**6),
        r"row 4: time 1{80}\.\.\. cannot be read",
    ),
    "a header of a million letters": ("x" * 10**6 + "\n", "its first line has over 100,000 bytes"),
    "UTF-8 with a mark": ("\ufeff" + GOOD, RIGHT),
    "UTF-16": (GOOD.encode("utf-16"), RIGHT),
    "Latin-1 in a header": (
        GOOD.replace("volume", "volumé").encode("latin-1"),
        "not a readable .csv file: .*utf-8",
    ),
    "zero bytes": (edit("11,13", "11\0,13"), "holds a zero byte"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(1, 256)) * 9, "not a readable .csv file"),
    "a web page": ("<!DOCTYPE html>\n<html>404</html>\n", "no time column among <!doctype_html>"),
    "gzip without saying so": (
        gzip.compress(GOOD.encode()),
        "is packed with gzip; call it .csv.gz",
    ),
    "day or month first": (
        timed("06/01/2020", "07/01/2020", "08/01/2020", "09/01/2020"),
        "row 1: time 06/01/2020 cannot be read: day or month first .*data.csv.date_format=",
    ),
    "dots in dates": (
        timed("06.01.2020", "07.01.2020", "08.01.2020", "09.01.2020"),
        RIGHT,
    ),
    "a 30th of February": (timed(*TIMES[:3], "2020-02-30"), "row 4: time 2020-02-30 cannot be"),
    "times of day alone": (timed("10:00", "11:00", "12:00", "13:00"), "row 1: time 10:00 cannot"),
    "years alone": (timed(2017, 2018, 2019, 2020), "row 1: time 2017 is too small for seconds"),
    "days of a spreadsheet": (timed(43836, 43837, 43838, 43839), RIGHT),
    "row numbers": (timed(0, 1, 2, 3), "row 1: time 0 is too small for seconds since 1970"),
    "seconds, then milliseconds": (
        timed(*EPOCH[:2], *(1000 * each for each in EPOCH[2:])),
        RIGHT,
    ),
    "milliseconds, then microseconds": (
        timed(*(1000 * each for each in EPOCH[:3]), 10**6 * EPOCH[3]),
        RIGHT,
    ),
    "milliseconds that go back": (
        timed(*(1000 * each for each in EPOCH[:3]), EPOCH[0]),
        "row 4: time 1578268800 is not of the unit of the row before, 1578441600000; write",
    ),
    "seconds since 1970": (timed(*EPOCH), RIGHT),
    "milliseconds since 1970": (timed(*(1000 * each for each in EPOCH)), RIGHT),
    "microseconds since 1970": (timed(*(10**6 * each for each in EPOCH)), RIGHT),
    "nanoseconds since 1970": (timed(*(10**9 * each for each in EPOCH)), RIGHT),
    "dates without dashes": (timed(20200106, 20200107, 20200108, 20200109), RIGHT),
    "day and month exchanged": (
        timed(20200601, 20200701, 20200801, 20203101),
        "row 4: time 20203101 cannot be read",
    ),
    "carriage returns": (GOOD.replace("\n", "\r"), RIGHT),
    "Windows line ends": (GOOD.replace("\n", "\r\n"), RIGHT),
    "blank lines": (GOOD.replace("\n", "\n\n"), RIGHT),
    "blanks round the cells": (GOOD.replace(",", " , "), RIGHT),
    "everything in quotes": (re.sub(r"[^,\n]+", r'"\g<0>"', GOOD), RIGHT),
    "years of gaps": (timed(*TIMES[:3], "2021-01-08"), r"quality 0\.\d\d is below 0\.5"),
    "another timeframe": (
        timed(*(f"2020-01-06T10:{minute:02}:00" for minute in (0, 15, 30, 45))),
        "bars are 15m apart, data.timeframe says 1d",
    ),
}

PACKED = {
    "gzip": (gzip.compress(GOOD.encode()), RIGHT),
    "gzip in two parts": (
        gzip.compress(HEAD.encode()) + gzip.compress("".join(ROWS).encode()),
        RIGHT,
    ),
    "gzip cut short": (gzip.compress(GOOD.encode())[:-12], "not a readable .csv file: Compressed"),
    "gzip with a flipped byte": (flipped(gzip.compress(GOOD.encode()), 40), "not a readable .csv"),
    "gzip that is none": (GOOD, "not a readable .csv file: Not a gzipped file"),
    "a gzip bomb": (gzip.compress(bytes(64_000_000)), "unpacks to over .* no file of bars does"),
}

COLUMNAR = {
    "parquet": (table(), RIGHT),
    "parquet that is empty": (b"", "not a readable .parquet file"),
    "parquet cut short": (table()[:900], "not a readable .parquet file"),
    "parquet without its end": (table()[:-8], "not a readable .parquet file"),
    "parquet that is text": (GOOD, "not a readable .parquet file"),
    "dates as prices": (table(open=DAYS), "column open holds datetime64.*, not numbers"),
    "truths as prices": (table(open=[True, True, False, True]), "column open holds bool"),
    "bytes as prices": (table(open=[b"10", b"11", b"12", b"13"]), "column open holds object"),
    "lists as prices": (table(open=[[10.0]] * 4), r"row 1 .*open is not a number"),
    "text as prices": (
        table(open=["10", "x", "12", "13"]),
        r"row 2 .*open is not a number, got 'x'",
    ),
    "decimals as prices": (
        table(open=pa.array([10, 11, 12, 13]).cast(pa.decimal128(30, 2))),
        RIGHT,
    ),
    "an absent price": (table(open=[10.0, None, 12, 13]), r"row 2 .*open must be finite"),
    "an absent time": (table(time=pa.array([DAYS[0], None, *DAYS[2:]])), "row 2: time NaT cannot"),
    "times of day": (
        table(time=pa.array([0, 1, 2, 3], pa.time64("us"))),
        "row 1: time 00:00:00 cannot be read",
    ),
    "times of New York": (
        table(time=DAYS.tz_localize("UTC").tz_convert("America/New_York")),
        RIGHT,
    ),
}

FILES = (
    {name: ("BAD.csv", *case) for name, case in TEXT.items()}
    | {name: ("BAD.csv.gz", *case) for name, case in PACKED.items()}
    | {name: ("BAD.parquet", *case) for name, case in COLUMNAR.items()}
)


def read(path, **keys):
    source = "parquet" if str(path).endswith("parquet") else "csv"
    return load(DataSpec(source, str(path), calendar="XNYS", **keys))


def test_there_are_sixty_and_more():
    assert sum(message is not RIGHT for _, _, message in FILES.values()) >= 60


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_and_a_strange_one_read_right(tmp_path, name):
    file_name, content, message = FILES[name]
    file = tmp_path / file_name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    if message is RIGHT:
        (data,) = read(file)
        assert data.frame["close"].tolist() == CLOSES
        assert data.frame.index.equals(DAYS.tz_localize("UTC").as_unit("ns"))
        assert list(data.frame.columns) == ["open", "high", "low", "close", "volume"]
        return
    with pytest.raises(StoreError) as refused:
        read(file)
    text = str(refused.value)
    assert "\n" not in text
    assert len(text) < 700
    assert text.startswith(f"{file}: ")
    assert re.search(message, text.removeprefix(f"{file}: ")), text


def linked(folder):
    outside = folder.parent / "outside.csv"
    outside.write_text(GOOD)
    (folder / "LINK.csv").symlink_to(outside)


def piped(folder):
    os.mkfifo(folder / "PIPE.csv")


PLACES = {
    "a link out of the folder": (linked, {}, "LINK.csv leads out of its folder"),
    "a pipe": (piped, {}, "PIPE.csv is no file"),
    "a folder named like a file": (lambda f: (f / "DIR.csv").mkdir(), {}, "DIR.csv is no file"),
    "one symbol in two files": (
        lambda f: [(f / f"A{end}").write_text(GOOD) for end in (".csv", ".CSV")],
        {},
        "A.CSV and A.csv in .* are all A; keep one",
    ),
    "no file at all": (lambda f: None, {}, "no .csv file in folder"),
    "a symbol that leaves the folder": (
        lambda f: None,
        {"symbols": ("../outside",)},
        "'../outside' is no symbol",
    ),
    "a symbol from the root": (lambda f: None, {"symbols": ("/etc/passwd",)}, "is no symbol"),
    "a hidden symbol": (lambda f: None, {"symbols": (".ssh",)}, "'.ssh' is no symbol"),
    "a symbol with a line feed": (lambda f: None, {"symbols": ("A\nB",)}, r"'A\\nB' is no symbol"),
    "an endless symbol": (lambda f: None, {"symbols": ("A" * 64,)}, "is no symbol"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_name_that_leads_astray_is_refused(tmp_path, name):
    make, keys, message = PLACES[name]
    folder = tmp_path / "prices"
    folder.mkdir()
    make(folder)
    with pytest.raises(ValueError, match=message) as refused:
        read(folder, **keys)
    assert "\n" not in str(refused.value)


def test_a_device_is_no_file():
    with pytest.raises(ValueError, match=r"data\.path: no file or folder /dev/zero"):
        read("/dev/zero")


def test_a_page_that_is_not_what_its_checksum_says_is_refused(tmp_path):
    file = tmp_path / "SUM.parquet"
    pq.write_table(pa.Table.from_pandas(frame()), file, write_page_checksum=True)
    content = file.read_bytes()
    place = content.index(np.float64(13).tobytes())
    file.write_bytes(flipped(content, place))
    with pytest.raises(StoreError, match=r"not a readable .parquet file: .*(CRC|checksum)"):
        read(file)
