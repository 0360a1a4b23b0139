"""Files that users of other tools have: times, symbols, volumes and strays as they come."""

import numpy as np
import pandas as pd
import pytest

from kernels import evaluate
from store.data import DataSpec, from_frame, load
from store.data.normalise import shape
from store.errors import BadBars
from sweeper.backtest import Backtest, run_backtest
from tests.store.dialect_cases import bars, days, lines

HEAD = "time,open,high,low,close,volume"


def write(file, frame, head=HEAD, row=None):
    def plain(time, o, h, low, c, v):
        return f"{time},{o},{h},{low},{c},{v}"

    file.write_text(lines(frame, head, row or plain))
    return file


def read(path, **keys):
    options = {"csv": keys.pop("csv", {})}
    return load(DataSpec("csv", str(path), options=options, **{"calendar": "24/7"} | keys))


# Times


def test_daily_bars_keep_the_date_of_their_own_clock(tmp_path):
    """Berlin's midnight is the evening before in UTC, in winter and in summer by other hours."""
    frame = days()
    local = frame.index.tz_localize("Europe/Berlin")
    offsets = {str(time)[-6:] for time in local}
    assert offsets == {"+01:00", "+02:00"}
    file = write(tmp_path / "DAX.csv", frame.set_axis(local))
    (data,) = read(file)
    assert data.frame.index.equals(frame.index.tz_localize("UTC").as_unit("ns"))


def test_hours_with_the_offsets_of_one_clock_are_instants(tmp_path):
    utc = pd.date_range("2021-03-27", periods=48, freq="h", tz="UTC")
    frame = bars(count=48).set_axis(utc.tz_convert("Europe/Berlin"))
    (data,) = read(write(tmp_path / "BTC.csv", frame), timeframe="1h")
    assert data.frame.index.tolist() == utc.tolist()


def test_daily_frames_of_a_zone_keep_their_date_too():
    frame = days().iloc[:20]
    local = frame.set_axis(frame.index.tz_localize("America/New_York"))
    assert shape(local, "X").index.equals(frame.index.tz_localize("UTC").as_unit("ns"))


@pytest.mark.parametrize(
    "form",
    [
        "%Y.%m.%d %H:%M",
        "%Y/%m/%d %H:%M:%S",
        "%Y%m%d %H%M%S",
        "%Y%m%d%H%M%S",
        "%Y%m%d%H%M",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%dT%H:%M:%S.000Z",
        "%d.%m.%Y %H:%M",
        "%d/%m/%Y %H:%M",
        "%m/%d/%Y %I:%M %p",
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%y %H:%M",
        "%d-%b-%Y %H:%M",
        "%d %b %Y %H:%M",
        "%d %B %Y, %H:%M",
        "%Y-%m-%d %H:%M:%S+0000",
        "%Y-%m-%d %H:%M:%S UTC",
    ],
)
def test_ways_to_write_a_time(tmp_path, form):
    frame = bars(count=400)
    row = lambda t, o, h, low, c, v: f'"{t.strftime(form)}",{o},{h},{low},{c},{v}'  # noqa: E731
    (data,) = read(write(tmp_path / "A.csv", frame, row=row), timeframe="1h")
    assert data.frame.index.equals(frame.index.tz_localize("UTC").as_unit("ns"))


@pytest.mark.parametrize(
    "form", ["%Y%m%d,%H%M", "%d.%m.%Y,%H:%M", "%m/%d/%Y,%I:%M %p", "%Y-%m-%d,%H:%M:%S"]
)
def test_date_and_time_of_day_in_two_columns(tmp_path, form):
    frame = bars(count=400)
    row = lambda t, o, h, low, c, v: f"{t.strftime(form)},{o},{h},{low},{c},{v}"  # noqa: E731
    file = write(tmp_path / "A.csv", frame, head="Date,Time,Open,High,Low,Close,Volume", row=row)
    (data,) = read(file, timeframe="1h")
    assert data.frame.index.equals(frame.index.tz_localize("UTC").as_unit("ns"))


def test_days_of_a_spreadsheet(tmp_path):
    frame = bars(count=100)
    serial = lambda t: (t - pd.Timestamp("1899-12-30")) / pd.Timedelta(1, "D")  # noqa: E731
    row = lambda t, o, h, low, c, v: f"{serial(t)},{o},{h},{low},{c},{v}"  # noqa: E731
    (data,) = read(write(tmp_path / "X.csv", frame, row=row), timeframe="1h")
    assert data.frame.index.equals(frame.index.tz_localize("UTC").as_unit("ns"))


# Numbers


@pytest.mark.parametrize(
    ("separator", "decimal", "group"),
    [(";", ",", ""), (";", ",", "."), (";", ",", " "), (",", ".", ","), ("\t", ".", "'")],
)
def test_numbers_as_countries_write_them(tmp_path, separator, decimal, group):
    frame = days()
    plain = read(write(tmp_path / "P.csv", frame))[0]

    def number(value):
        english = f"{value:,.2f}"
        return '"' + english.translate({ord(","): group, ord("."): decimal}) + '"'

    def row(time, *values):
        return separator.join([f"{time:%Y-%m-%d}", *map(number, values)])

    file = write(tmp_path / "N.csv", frame, head=HEAD.replace(",", separator), row=row)
    (data,) = read(file)
    assert data.fingerprint == plain.fingerprint


def test_numbers_are_the_same_to_the_last_bit_however_they_are_written(tmp_path):
    """17 digits, through text and through pandas' own parser."""
    random = np.random.default_rng(3)
    frame = days().iloc[:200]
    scale = 10.0 ** random.integers(-6, 9, 200)
    frame = frame.mul(random.uniform(0.9, 1.1, 200) * scale, axis=0)
    plain = read(write(tmp_path / "P.csv", frame))[0]

    def row(time, *values):
        return ";".join([str(time), *(repr(value).replace(".", ",") for value in values)])

    file = write(tmp_path / "N.csv", frame, head=HEAD.replace(",", ";"), row=row)
    assert read(file)[0].fingerprint == plain.fingerprint
    money = write(
        tmp_path / "M.csv",
        frame,
        row=lambda t, o, h, low, c, v: f"{t},${o!r},${h!r},${low!r},${c!r},{v}",
    )
    assert read(money)[0].fingerprint == plain.fingerprint


# Volumes, closes, further columns


def test_without_a_volume_it_is_zero_and_said(tmp_path):
    row = lambda t, o, h, low, c, v: f"{t},{o},{h},{low},{c}"  # noqa: E731
    (data,) = read(write(tmp_path / "A.csv", days(), HEAD.removesuffix(",volume"), row))
    assert data.frame["volume"].eq(0).all()
    assert "no volume column: read as 0" in " ".join(data.notes)


def test_closes_alone_make_flat_bars_when_that_is_asked_for(tmp_path):
    file = write(tmp_path / "A.csv", days(), "time,close", lambda t, o, h, low, c, v: f"{t},{c}")
    (data,) = read(file, csv={"closes_only": True})
    for name in ("open", "high", "low"):
        assert data.frame[name].tolist() == days()["close"].tolist()
    assert "the next open is the next close" in " ".join(data.notes)


def test_columns_of_words_are_dropped_and_those_of_numbers_kept(tmp_path):
    row = lambda t, o, h, low, c, v: f"{t},{o},{h},{low},{c},{v},XNAS,0.5,2020-01-01"  # noqa: E731
    file = write(tmp_path / "A.csv", days(), f"{HEAD},Exchange,Score,Filed", row)
    (data,) = read(file)
    assert list(data.frame.columns) == ["open", "high", "low", "close", "volume", "score"]
    assert "left out: exchange, filed" in " ".join(data.notes)


def test_a_vendors_column_is_kept_where_it_is_named(tmp_path):
    row = lambda t, o, h, low, c, v: f"ABC,{t}+00:00,{o},{h},{low},{c},{v},7,1.5"  # noqa: E731
    head = "symbol,timestamp,open,high,low,close,volume,trade_count,vwap"
    (data,) = read(
        write(tmp_path / "A.csv", days(), head, row), csv={"columns": {"trades": "trade_count"}}
    )
    assert data.frame["trades"].eq(7).all()
    assert "vwap" not in data.frame.columns


# Symbols


def long_file(tmp_path, *symbols):
    row = lambda t, o, h, low, c, v: "\n".join(  # noqa: E731
        f"{symbol},{t},{o},{h},{low},{c},{v + place}" for place, symbol in enumerate(symbols)
    )
    return write(tmp_path / "LONG.csv", days(), f"symbol,{HEAD}", row)


def test_a_long_file_has_many_symbols(tmp_path):
    file = long_file(tmp_path, "AAA", "BRK/B")
    assert [data.symbol for data in read(file)] == ["AAA", "BRK-B"]
    (data,) = read(file, symbols=("BRK-B",))
    assert data.frame["volume"].tolist() == (days()["volume"] + 1).tolist()
    with pytest.raises(ValueError, match=r"data\.symbols: .*LONG\.csv has no 'AAB'; did you mean"):
        read(file, symbols=("AAB",))


def test_a_constant_symbol_names_the_bars(tmp_path):
    file = long_file(tmp_path, "AAA")
    assert [data.symbol for data in read(file)] == ["AAA"]
    assert [data.symbol for data in read(file, symbols=("LONG",))] == ["LONG"]
    with pytest.raises(ValueError, match=r"data\.symbols: .* has no 'BBB'; there is AAA"):
        read(file, symbols=("BBB",))


def test_several_tickers_of_yfinance_in_one_file(tmp_path):
    head = "Price,Close,Close,High,High,Low,Low,Open,Open,Volume,Volume\n"
    head += "Ticker,AAA,BBB,AAA,BBB,AAA,BBB,AAA,BBB,AAA,BBB\nDate,,,,,,,,,,"
    row = lambda t, o, h, low, c, v: (  # noqa: E731
        f"{t:%Y-%m-%d},{c},{c},{h},{h},{low},{low},{o},{o},{v},{v + 1}"
    )
    file = write(tmp_path / "BOTH.csv", days(), head, row)
    first, second = read(file)
    assert (first.symbol, second.symbol) == ("AAA", "BBB")
    assert second.frame["volume"].tolist() == (days()["volume"] + 1).tolist()
    assert [data.symbol for data in read(file, symbols=("BBB",))] == ["BBB"]


# Folders


def test_a_stray_file_in_a_folder_is_left_out_and_named(tmp_path):
    write(tmp_path / "AAA.csv", days())
    write(tmp_path / "BBB.csv", days())
    (tmp_path / "trades.csv").write_text("id,side,price\n1,buy,10\n")
    loaded = read(tmp_path)
    assert [data.symbol for data in loaded] == ["AAA", "BBB"]
    notes = " ".join(note for data in loaded for note in data.left_out)
    assert "trades.csv" in notes
    assert "no time column among id, side, price" in notes
    with pytest.raises(BadBars, match=r"trades\.csv: .*no time column among id, side, price"):
        read(tmp_path, symbols=("AAA", "trades"))


def test_a_folder_of_strays_is_refused(tmp_path):
    (tmp_path / "trades.csv").write_text("id,side,price\n1,buy,10\n")
    with pytest.raises(BadBars, match=r"trades\.csv"):
        read(tmp_path)


# Remarks


def test_lines_that_are_no_data(tmp_path):
    frame = days()
    plain = read(write(tmp_path / "A.csv", frame))[0]
    above, *rows = (tmp_path / "A.csv").read_text().splitlines()
    noted = [
        "Prices without any warranty",
        "",
        above,
        ",USD,USD,USD,USD,pieces",
        *rows[:50],
        above,
        *rows[50:],
        "Data provided for free by example.org",
    ]
    file = tmp_path / "R.csv"
    file.write_text("\n".join(noted))
    (data,) = read(file)
    assert data.fingerprint == plain.fingerprint
    said = " ".join(data.notes)
    assert "above the header, left out: Prices without any warranty" in said
    assert "below the header, left out: USD USD" in said
    assert "the header is there again, once between the rows: left out" in said
    assert "the last line is no data: left out (Data provided" in said


# Frames in Python


def two_level(*tickers, names=("Price", "Ticker")):
    frames = {ticker: days().rename(columns=str.title) for ticker in tickers}
    wide = pd.concat(frames, axis=1, names=names[::-1])
    return wide.swaplevel(axis=1)


def test_yfinances_two_levels_are_taken_for_one_ticker():
    plain = run_backtest(Backtest(strategy="sma", bars=days()))
    for frame in (two_level("ABC"), two_level("ABC").swaplevel(axis=1)):
        assert run_backtest(Backtest(strategy="sma", bars=frame)).equity.equals(plain.equity)


def test_evaluate_takes_them_too():
    params = {"fast": np.array([5]), "slow": np.array([20])}
    plain = evaluate(days(), "sma", params)["sharpe"]
    for frame in (two_level("ABC"), days().drop(columns="volume")):
        assert evaluate(frame, "sma", params)["sharpe"] == plain
    with pytest.raises(ValueError, match=r"bars: hold 2 tickers \(AAA, BBB\); give one of them"):
        evaluate(two_level("BBB", "AAA"), "sma", params)


def test_several_tickers_are_refused_by_name():
    with pytest.raises(BadBars, match=r"holds bars of 2 tickers \(AAA, BBB\); give one of them"):
        run_backtest(Backtest(strategy="sma", bars=two_level("BBB", "AAA")))


INDEXES = {
    "dates as text": lambda index: index.astype(str),
    "dates of Python": lambda index: pd.Index([time.date() for time in index]),
    "periods": lambda index: index.tz_localize(None).to_period("D"),
    "a symbol in front": lambda index: pd.MultiIndex.from_product([["AAA"], index]),
    "a symbol behind": lambda index: pd.MultiIndex.from_product([index, ["AAA"]]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_of_another_kind_holds_the_same_times(kind):
    plain = from_frame(days(), "X", calendar="24/7")
    other = from_frame(days().set_axis(INDEXES[kind](days().index)), "X", calendar="24/7")
    assert other.fingerprint == plain.fingerprint


def test_an_index_that_holds_no_times_is_named():
    with pytest.raises(BadBars, match=r"no time column among .*, and the index holds no times"):
        from_frame(days().reset_index(drop=True), "X")
    with pytest.raises(BadBars, match="time monday cannot be read"):
        from_frame(days().set_axis(["monday"] * len(days())), "X")
    two = pd.concat({"AAA": days(), "BBB": days()})
    with pytest.raises(BadBars, match=r"2 symbols \(AAA, BBB\); give one of them, frame.xs\('AAA"):
        from_frame(two, "X")


def test_a_frame_without_volume_is_taken():
    frame = days()
    plain = run_backtest(Backtest(strategy="sma", bars=frame))
    without = run_backtest(Backtest(strategy="sma", bars=frame.drop(columns="volume")))
    assert without.equity.equals(plain.equity)
    data = from_frame(frame.drop(columns="volume"), "X", calendar="24/7")
    assert data.frame["volume"].eq(0).all()


# Siblings


@pytest.mark.parametrize(
    ("head", "form"),
    [
        ("Datum;Erster;Hoch;Tief;Schlusskurs;Volumen", "%d.%m.%Y"),
        ("Data;Otwarcie;Najwyzszy;Najnizszy;Zamkniecie;Wolumen", "%Y-%m-%d"),
        ("Fecha;Apertura;Máximo;Mínimo;Cierre;Volumen", "%d/%m/%Y"),
        ("Date;1. open;2. high;3. low;4. close;5. volume", "%b %d, %Y"),
        ("Time;Open;High;Low;Last;Vol.", "%m/%d/%Y"),
        (";Open;High;Low;Close*;Volume", "%Y-%m-%d"),
        ("", "%m/%d/%Y"),
    ],
)
def test_headers_of_other_countries_and_none(tmp_path, head, form):
    frame = days()
    row = lambda t, o, h, low, c, v: f"{t.strftime(form)};{o};{h};{low};{c};{v}"  # noqa: E731
    (data,) = read(write(tmp_path / "A.csv", frame, head, row))
    plain = read(write(tmp_path / "P.csv", frame))[0]
    assert data.fingerprint == plain.fingerprint


def test_date_and_time_of_day_without_a_header(tmp_path):
    frame = bars(count=400)
    row = lambda t, o, h, low, c, v: f"{t:%m/%d/%Y},{t:%H:%M},{o},{h},{low},{c},{v}"  # noqa: E731
    (data,) = read(write(tmp_path / "A.csv", frame, "", row), timeframe="1h")
    assert data.frame.index.equals(frame.index.tz_localize("UTC").as_unit("ns"))
    assert "no header: columns read as date, time, open, high, low, close, volume" in data.notes[0]


def test_an_archive_is_no_text(tmp_path):
    file = tmp_path / "A.csv"
    file.write_bytes(b"PK\x03\x04\x14\x00")
    with pytest.raises(BadBars, match=r"A\.csv: is a zip archive or a spreadsheet; unpack it"):
        read(file)


def test_a_file_whose_name_is_no_symbol_is_named(tmp_path):
    for name in ("AAA.csv", "m&m.csv"):
        write(tmp_path / name, days())
    (data,) = read(tmp_path)
    assert data.symbol == "AAA"
    assert "m&m.csv: its name is no symbol" in " ".join(data.left_out)


def test_a_volume_that_is_empty_throughout_is_none(tmp_path):
    """Currencies of Investing.com, as its German pages write them."""
    head = '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"'

    def number(value):
        return f'"{value:,.4f}"'.translate({ord(","): ".", ord("."): ","})

    def row(t, o, h, low, c, v):
        numbers = ",".join(map(number, (c, o, h, low)))
        return f'"{t:%d.%m.%Y}",{numbers},"","-0,11%"'

    frame = days().iloc[::-1]
    (data,) = read(write(tmp_path / "EUR.csv", frame, head, row))
    assert data.frame["close"].tolist() == days()["close"].tolist()
    assert data.frame["volume"].eq(0).all()
    assert "no volume column" in " ".join(data.notes)


def test_lines_above_may_be_counted(tmp_path):
    write(tmp_path / "A.csv", days())
    text = (tmp_path / "A.csv").read_text()
    (tmp_path / "A.csv").write_text(f"time,open,high\n{text}")
    (data,) = read(tmp_path / "A.csv", csv={"skip": 1})
    assert len(data.frame) == 400


def test_a_header_of_symbols_without_rows_is_refused(tmp_path):
    (tmp_path / "A.csv").write_text(f"symbol,{HEAD}\n")
    with pytest.raises(BadBars, match=r"A\.csv: too little history, got 0 bars"):
        read(tmp_path / "A.csv")


def test_a_line_feed_within_a_cell_stays_out_of_the_message(tmp_path):
    rows = '"2021-01\n-01",10,12,9,11,1\n2021-01-02,10,12,9,11,1\n'
    (tmp_path / "A.csv").write_text(f"{HEAD}\n{rows}")
    with pytest.raises(BadBars, match=r"A\.csv: row 1: time 2021-01 -01 cannot be read") as refused:
        read(tmp_path / "A.csv")
    assert "\n" not in str(refused.value)


def test_a_row_without_its_symbol_is_refused(tmp_path):
    file = long_file(tmp_path, "AAA", "BBB")
    file.write_text(file.read_text().replace("BBB,", ",", 1))
    with pytest.raises(BadBars, match=r"row 2 \(2021-01-01\): has no symbol; correct the row"):
        read(file)


# Bytes


def test_marks_quotes_blanks_and_commas_at_the_end_change_no_bar(tmp_path):
    """Byte for byte other files, of one fingerprint."""
    plain = write(tmp_path / "P.csv", days()).read_text()
    head, body = plain.split("\n", 1)
    quoted = "\r\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in plain.splitlines()
    )
    forms = {
        "MARK": b"\xef\xbb\xbf" + quoted.encode(),
        "BLANKS": ("  ,  ".join(head.split(",")) + "\n" + body).encode(),
        "COMMAS": "".join(f"{line},\n" for line in plain.splitlines()).encode(),
        "WIDE": plain.encode("utf-16"),
    }
    for name, content in forms.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    (expected,) = read(tmp_path / "P.csv")
    for name in forms:
        (data,) = read(tmp_path / f"{name}.csv")
        assert data.fingerprint == expected.fingerprint, name
