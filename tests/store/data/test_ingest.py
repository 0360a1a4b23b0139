"""`python -m store ingest`: what is kept, what is said, what a sweep then reads."""

import json
import re
import shlex
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.data import DataSpec, bar_store, load
from store.data.ingest_sources import ingest_feature, ingest_source
from store.errors import BadBars, BadName, DamagedFile
from store.files.paths import bars_record, feature_record
from sweeper.plan.compose import composing

HEAD = "Date,Open,High,Low,Close,Adj Close,Volume\n"
ROWS = [
    "2020-01-06,10,12,9,11,5.5,100\n",
    "2020-01-07,11,13,10,12,6,110\n",
    "2020-01-08,12,14,11,13,6.5,120\n",
    "2020-01-09,13,15,12,14,7,130\n",
    "2020-01-10,14,16,13,15,7.5,140\n",
]


def csv(tmp_path, rows=ROWS, name="ACME"):
    file = tmp_path / f"{name}.csv"
    file.write_text(HEAD + "".join(rows))
    return file


@pytest.fixture
def root(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def call(root):
    def call(*words, code=0):
        ended = CliRunner().invoke(app, ["ingest", *map(str, words), "--root", str(root)])
        assert ended.exit_code == code, ended.output
        return ended.stdout if code == 0 else ended.stderr

    return call


@pytest.fixture
def told(call):
    """The rows that --json gives."""
    return lambda *words: json.loads(call(*words, "--json"))


def stored(root, **keys):
    options = {
        name: keys.pop(name) for name in ("features", "resample_from", "versions") if name in keys
    }
    return load(DataSpec("stored", str(root), options=options, **keys))


# Bars


def test_bars_come_out_as_they_went_in(tmp_path, root, told):
    (row,) = told("csv", csv(tmp_path), "--calendar", "XNYS")
    assert (row["state"], row["name"], row["rows"], row["added"]) == ("new", "ACME-1d", 5, 5)
    assert (row["first"], row["last"], row["gaps"]) == ("2020-01-06", "2020-01-10", [])
    (data,) = stored(root)
    (direct,) = load(DataSpec("csv", str(csv(tmp_path)), calendar="XNYS"))
    assert data.fingerprint == direct.fingerprint == row["fingerprint"]
    assert (data.symbol, data.quality.calendar) == ("ACME", "XNYS")
    assert not list(root.rglob("*.tmp"))


def test_what_it_prints(tmp_path, root, call):
    rows = [ROWS[0], "2020-01-07,11,13,10,13.0000000001,6,0\n", *ROWS[3:]]
    out = call("csv", csv(tmp_path, rows))
    assert "ACME-1d: row 2 (2020-01-07): high 13.0 set to 13.0000000001" in out
    assert "1 bars without volume" in out
    assert "1 gaps against XNYS" in out
    assert out.count("2020-01-08") == 2, "the gap, from and to"
    (command,) = [line for line in out.splitlines() if line.startswith("python -m sweeper")]
    assert command == (
        "python -m sweeper -m strategy=sma data=stored 'data.symbols=[ACME]' data.timeframe=1d "
        f"store.root={root}"
    )
    assert bar_store.load_record(bars_record(root, "ACME", "1d")).fingerprint in out


def test_a_folder_is_several_symbols(tmp_path, root, told):
    for name in ("ACME", "^GSPC", "BTC-USD"):
        csv(tmp_path, name=name)
    rows = told("csv", tmp_path, "--symbol", "BTC-USD", "--symbol", "^GSPC")
    assert [row["symbol"] for row in rows] == ["BTC-USD", "^GSPC"]
    assert [data.symbol for data in stored(root)] == ["BTC-USD", "^GSPC"]
    assert [data.symbol for data in stored(root, symbols=("^GSPC",))] == ["^GSPC"]


def test_new_bars_are_added_and_old_ones_never_change(tmp_path, root, told, call):
    told("csv", csv(tmp_path, ROWS[1:4]))
    assert told("csv", csv(tmp_path, ROWS[1:4]))[0]["state"] == "unchanged"
    (row,) = told("csv", csv(tmp_path, ROWS[2:]))
    assert (row["state"], row["added"], row["rows"]) == ("extended", 1, 4)
    (row,) = told("csv", csv(tmp_path, ROWS[:3]))
    assert (row["state"], row["added"], row["rows"]) == ("extended", 1, 5)
    whole = stored(root)[0].fingerprint
    other = [ROWS[0], ROWS[1].replace(",12,6", ",12.5,6"), *ROWS[2:]]
    said = call("csv", csv(tmp_path, other), code=2)
    assert "ACME-1d of" in said
    assert "the bar of 2020-01-07 has close 12.0 in the store and 12.5 now; pass --replace" in said
    said = call("csv", csv(tmp_path, [ROWS[0], *ROWS[2:]]), code=2)
    assert "has open 11.0 in the store and nothing now" in said
    assert stored(root)[0].fingerprint == whole
    (row,) = told("csv", csv(tmp_path, other), "--replace")
    assert (row["state"], row["rows"]) == ("replaced", 5)
    assert stored(root)[0].frame["close"].iloc[1] == 12.5


def test_an_experiment_reads_the_version_it_read(tmp_path, root, told):
    told("csv", csv(tmp_path, ROWS[:3]))
    (before,) = stored(root)
    told("csv", csv(tmp_path))
    assert len(stored(root)[0].frame) == 5
    (again,) = load(DataSpec.from_config(before.record()["spec"]))
    assert (again.fingerprint, len(again.frame)) == (before.fingerprint, 3)


def test_other_columns_calendar_or_adjustment_are_refused(tmp_path, call):
    call("csv", csv(tmp_path), "--calendar", "XNYS")
    assert "is kept with calendar XNYS, got XLON" in call(
        "csv", csv(tmp_path), "--calendar", "XLON", code=2
    )
    assert "is kept with unadjusted prices, got adjusted ones" in call(
        "csv", csv(tmp_path), "--adjusted", code=2
    )
    file = csv(tmp_path)
    file.write_text(file.read_text().replace("Adj Close", "vix"))
    assert "has the columns open, high, low, close, volume, now there are" in call(
        "csv", file, code=2
    )


def test_adjusted_prices_and_a_range(tmp_path, root, told):
    told("csv", csv(tmp_path), "--adjusted", "--start", "2020-01-07", "--end", "2020-01-09")
    (data,) = stored(root)
    assert data.frame["high"].tolist() == [6.5, 7.0, 7.5]


def test_the_end_of_a_bar_becomes_its_start(tmp_path, root, told, call):
    times = pd.date_range("2020-01-06 15:30", periods=7, freq="h")
    rows = [f"{time.isoformat()},10,12,9,11,5,1\n" for time in times]
    file = csv(tmp_path, rows)
    said = call("csv", file, "-t", "1h", "--calendar", "XNYS", code=2)
    assert (
        "bars carry the time of their end, the first 2020-01-06T15:30:00Z; pass --stamp end" in said
    )
    told("csv", file, "-t", "1h", "--calendar", "XNYS", "--stamp", "end")
    assert str(stored(root, timeframe="1h")[0].frame.index[0]) == "2020-01-06 14:30:00+00:00"
    assert "--stamp: need start or end" in call(
        "csv", file, "-t", "1h", "--stamp", "middle", code=2
    )


def test_parquet_and_synthetic(tmp_path, root, told):
    csv_file = csv(tmp_path)
    load(DataSpec("csv", str(csv_file)))[0].frame.to_parquet(tmp_path / "ACME.parquet")
    (row,) = told("parquet", tmp_path / "ACME.parquet")
    assert row["origin"]["source"] == "parquet"
    rows = told("synthetic", "--kind", "trend", "--kind", "garch", "--bars", 60, "-t", "1h")
    assert [row["symbol"] for row in rows] == ["SYN-TREND", "SYN-GARCH"]
    assert rows[0]["calendar"] == "24/7"
    listed = json.loads(
        CliRunner().invoke(app, ["ingest", "list", "--root", str(root), "--json"]).stdout
    )
    assert [one["name"] for one in listed["bars"]] == ["ACME-1d", "SYN-GARCH-1h", "SYN-TREND-1h"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["csv", "missing.csv"], "data.path: no file or folder missing.csv"),
        (["csv", ".", "--symbol", "../x"], "--symbol: '../x' is no symbol"),
        (["synthetic", "-t", "1x"], "--timeframe: need a bar below a day"),
        (["synthetic", "--kind", "bull"], "--kind: no kind 'bull'"),
        (["synthetic", "--start", "soon"], "--start: need an ISO date"),
        (["feature", "x.txt", "--name", "x"], "x.txt: need a file .csv, .csv.gz or .parquet"),
        (["rss", "missing.xml"], "rss: no file missing.xml"),
        (["ccxt", "binnance", "BTC/USDT"], "ccxt: no exchange 'binnance'; did you mean"),
        (["ccxt", "binance", "BTC/USDT"], "BTC-USDT: no 1d bars are kept yet; say from when"),
        (["yfinance", "AAPL"], "AAPL: no 1d bars are kept yet; say from when, --start"),
        (["yfinance", "../AAPL", "--start", "2020-01-01"], "'../AAPL' of '1d' cannot be named"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(root, call, words, message):
    said = call(*words, code=2)
    assert message in said
    assert said.count("\n") == 1
    assert not list(root.rglob("*.json"))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"symbols": ("ACMEE",)}, r"data.symbols: .* has no 'ACMEE'; did you mean ACME\?"),
        ({"timeframe": "1w"}, r"no 1w bars of ACME, but 1d ones; set data.resample_from=1d"),
        ({"resample_from": "soon"}, "data.timeframe: need a bar below a day"),
        ({"versions": "newest"}, "data.versions: need NAME: SHA-256 pairs"),
        ({"versions": {"ACME-1d": "../../x"}}, "'../../x' is no SHA-256"),
        ({"versions": {"ACME-1d": "0" * 64}}, "0.parquet: is missing, it holds a version of ACME"),
        ({"features": ["news"]}, "data.features: .* has no feature 'news'; there are close"),
        ({"features": {"open": "vix"}}, "data.features.open: is a column of all bars"),
        ({"features": {"v": {"of": "volume", "lag": 1}}}, "data.features.v.lag: no such key"),
        (
            {"features": {"v": {"of": "volume", "log": 1}}},
            "data.features.v.log: need true or false",
        ),
        ({"features": {"v": {"of": "volume", "zscore": 1}}}, "data.features.v.zscore: need 2 to"),
        ({"features": {"../v": "volume"}}, "data.features: a name is 1 to 63"),
        ({"features": {"v": "../volume"}}, "data.features.v.of: a name is 1 to 63"),
    ],
)
def test_a_sweep_is_told_what_is_not_there(tmp_path, root, call, keys, message):
    call("csv", csv(tmp_path))
    with pytest.raises(ValueError, match=message) as refused:
        stored(root, **keys)
    assert "\n" not in str(refused.value)


def test_a_bucket_keeps_no_data(call):
    with pytest.raises(ValueError, match=r"data.path: data are kept in a folder, got s3://bucket"):
        stored("s3://bucket/store")
    ended = CliRunner().invoke(app, ["ingest", "synthetic", "--root", "s3://bucket/store"])
    assert (ended.exit_code, "data are kept in a folder" in ended.stderr) == (2, True)


def test_an_empty_store_says_how_to_fill_it(root):
    with pytest.raises(
        ValueError, match=r"data.path: no bars in the store .*python -m store ingest"
    ):
        stored(root)


def test_a_link_out_of_the_store_and_a_renamed_record_are_refused(tmp_path, root, call):
    call("csv", csv(tmp_path))
    record = bars_record(root, "ACME", "1d")
    record.rename(record.with_name("BTC-1d.json"))
    with pytest.raises(DamagedFile, match=r"BTC-1d.json: is the record of ACME-1d"):
        stored(root)
    outside = tmp_path / "elsewhere.json"
    outside.write_text("{}")
    record.symlink_to(outside)
    with pytest.raises(BadName, match="leads out of the store"):
        bars_record(root, "ACME", "1d")
    with pytest.raises(BadName, match="cannot be named"):
        bars_record(root, "../ACME", "1d")
    with pytest.raises(BadName, match="feature: a name is"):
        feature_record(root, "../x")


def test_a_killed_writer_leaves_the_old_version(tmp_path, root, call, monkeypatch):
    call("csv", csv(tmp_path, ROWS[:3]))

    def cut(path, content):
        raise KeyboardInterrupt

    for name in ("publish", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(f"store.files.local.{name}", cut)
            with pytest.raises(KeyboardInterrupt):
                ingest_source(root, DataSpec("csv", str(csv(tmp_path))))
        assert len(stored(root)[0].frame) == 3
    assert not list(root.rglob(".*.tmp"))
    call("csv", csv(tmp_path))
    assert len(stored(root)[0].frame) == 5


def test_writers_at_one_time_lose_nothing(tmp_path, root):
    """Whoever comes last: the longest history stays, and all are kept as versions."""
    ingest_source(root, DataSpec("csv", str(csv(tmp_path, ROWS[:2]))))
    parts = {k: csv(tmp_path, ROWS[:k], name=f"part{k}") for k in (3, 4, 5)}
    specs = [DataSpec("csv", str(file), symbols=("ACME",)) for file in parts.values()]
    threads = [threading.Thread(target=ingest_source, args=(root, spec)) for spec in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored(root)[0].frame) == 5


def test_a_sweep_over_timeframes_of_one_series(root, told):
    told("synthetic", "--kind", "trend", "--bars", 24 * 70, "-t", "1h")
    for timeframe, count in (("1h", 1680), ("4h", 420), ("1d", 70), ("1w", 10)):
        (data,) = stored(root, timeframe=timeframe, resample_from="1h")
        assert (len(data.frame), data.timeframe) == (count, timeframe)
        assert data.periods_per_year == pytest.approx(365 * 1680 / 70 * count / 1680)
        (again,) = load(DataSpec.from_config(data.record()["spec"]))
        assert again.fingerprint == data.fingerprint


# Features


def values(tmp_path, text):
    file = tmp_path / "values.csv"
    file.write_text(text)
    return file


def test_a_level_becomes_a_column(tmp_path, root, call, told):
    call("csv", csv(tmp_path), "--calendar", "XNYS")
    text = "time,active\n2020-01-07T20:00:00Z,5\n2020-01-03T00:00:00Z,4\n2020-01-09T22:00:00Z,7\n"
    row = told("feature", values(tmp_path, text), "--name", "chain")
    assert (row["state"], row["rule"], row["rows"]) == ("new", "level", 3)
    assert "data=stored 'data.features=[chain]' store.root=" in row["sweep"]
    (data,) = stored(root, features=["chain"])
    assert data.frame["chain"].tolist() == [4, 5, 5, 5, 7]
    wanted = {"a": "chain", "z": {"of": "volume", "log": True, "zscore": 3}}
    (data,) = stored(root, features=wanted)
    assert list(data.frame.columns[5:]) == ["a", "z"]
    logs = np.log([100.0, 110, 120, 130, 140])
    expected = [
        (logs[i] - logs[i - 2 : i + 1].mean()) / logs[i - 2 : i + 1].std(ddof=1) for i in (2, 3, 4)
    ]
    np.testing.assert_allclose(data.frame["z"], [np.nan, np.nan, *expected])
    assert stored(root)[0].fingerprint != data.fingerprint


def test_a_delay_moves_when_a_value_is_known(tmp_path, root, call):
    call("csv", csv(tmp_path), "--calendar", "XNYS")
    file = values(tmp_path, "time,active\n2020-01-06,4\n2020-01-07,5\n")
    call("feature", file, "--name", "chain", "--delay", "1d")
    (data,) = stored(root, features=["chain"])
    np.testing.assert_array_equal(data.frame["chain"], [np.nan, 4, 5, 5, 5])


def test_a_feature_is_recorded_with_its_version(tmp_path, root, call):
    call("csv", csv(tmp_path), "--calendar", "XNYS")
    call("feature", values(tmp_path, "time,active\n2020-01-06,4\n"), "--name", "chain")
    (before,) = stored(root, features=["chain"])
    call(
        "feature", values(tmp_path, "time,active\n2020-01-06,4\n2020-01-08,9\n"), "--name", "chain"
    )
    (after,) = stored(root, features=["chain"])
    (again,) = load(DataSpec.from_config(before.record()["spec"]))
    assert (again.fingerprint, after.frame["chain"].tolist()) == (
        before.fingerprint,
        [4, 4, 9, 9, 9],
    )


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("time,a\n2020-01-06,x\n", [], r"row 1 \(2020-01-06\): a is not a number, got 'x'"),
        ("time,a\n2020-01-06,inf\n", [], r"row 1 \(2020-01-06\): the value is infinite"),
        ("time,a\n2020-01-06,1\n2020-01-06,2\n", [], "two values at 2020-01-06; a level has one"),
        ("time,a,b\n2020-01-06,1,2\n", [], "several columns among a, b; pass --column NAME"),
        ("time,a\n2020-01-06,1\n", ["--column", "c"], "no column 'c' among a"),
        ("time\n2020-01-06\n", [], "no column next to the time; pass --column NAME"),
        ("time,a\n2020-01-06,\n", [], "x: no value to keep"),
        ("when,a\n2020-01-06,1\n", [], "no time column among when, a"),
        ("time,a\n2020-01-06,1\n", ["--rule", "often"], "--rule: need level or event"),
        (
            "time,a\n2020-01-06,1\n",
            ["--delay", "soon"],
            "--delay: need a length such as 15m or 1d, got 'soon'",
        ),
    ],
)
def test_a_bad_feature_is_refused(tmp_path, root, call, text, words, message):
    said = call("feature", values(tmp_path, text), "--name", "x", *words, code=2)
    assert re.search(message, said), said
    assert not list(root.rglob("*.json"))


def test_a_level_never_changes_without_being_told(tmp_path, root, call, told):
    call("feature", values(tmp_path, "time,a\n2020-01-06,1\n"), "--name", "x")
    said = call("feature", values(tmp_path, "time,a\n2020-01-06,2\n"), "--name", "x", code=2)
    assert "x: is 1.0 at 2020-01-06 in the store and 2.0 now; pass --replace" in said
    file = values(tmp_path, "time,a\n2020-01-06,2\n")
    said = call("feature", file, "--name", "x", "--rule", "event", code=2)
    assert "x: is kept as level, got event" in said
    assert told("feature", file, "--name", "x", "--replace")["state"] == "replaced"


def test_events_add_up(tmp_path, root, told):
    told(
        "feature",
        values(tmp_path, "time,a\n2020-01-06,1\n2020-01-06,1\n"),
        "--name",
        "x",
        "--rule",
        "event",
    )
    text = "time,a\n2020-01-06,1\n2020-01-06,1\n2020-01-07,3\n"
    row = told("feature", values(tmp_path, text), "--name", "x", "--rule", "event")
    assert (row["state"], row["rows"], row["added"]) == ("extended", 3, 1)
    with pytest.raises(BadBars, match="x: no value to keep"):
        ingest_feature(root, "x", values(tmp_path, "time,a\n"), "event")


def test_root_may_be_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["ingest", "csv", str(csv(tmp_path)), "--root", "results"])
    assert ended.exit_code == 0
    assert "store.root" not in ended.output
    assert len(load(DataSpec("stored"))[0].frame) == 5
    assert [path.name for path in Path("results/data/bars").iterdir()] == ["ACME-1d.json"]


# The command that sweeps


def read_command(text):
    """The config that a pasted sweep would compose, and what it sweeps."""
    words = shlex.split(text)
    assert words[:4] == ["python", "-m", "sweeper", "-m"]
    with composing() as composer:
        assert composer.parser.parse_overrides(words[4:])
        return composer.compose(words[4:])


@pytest.mark.parametrize("name", ["^GSPC", "EURUSD=X", "TRUE", "NAN", "005930"])
def test_what_ingest_prints_can_be_pasted(tmp_path, call, root, name):
    printed = call("csv", csv(tmp_path, name=name), "--calendar", "XNYS").splitlines()
    config = read_command(printed[printed.index("To sweep over them:") + 1])
    assert (config.data.source, config.data.symbols, config.data.path) == (
        "stored",
        [name],
        str(root),
    )


def test_many_files_have_one_command_and_a_short_table(tmp_path, call, root):
    folder = tmp_path / "prices"
    folder.mkdir()
    for number in range(50):
        csv(folder, name=f"S{number:02}")
    lines = call("csv", folder, "--calendar", "XNYS").splitlines()
    assert len(lines) < 25
    assert any("40 more: 50 series, 250 bars" in line for line in lines)
    (command,) = [line for line in lines if line.startswith("python -m sweeper")]
    assert read_command(command).data.symbols == []
    assert len(stored(root)) == 50


def test_some_files_of_a_store_are_swept_by_name(tmp_path, call, told):
    call("csv", csv(tmp_path, name="OLD"), "--calendar", "XNYS")
    folder = tmp_path / "prices"
    folder.mkdir()
    for name in ("A", "B"):
        csv(folder, name=name)
    rows = told("csv", folder, "--calendar", "XNYS")
    assert [read_command(row["sweep"]).data.symbols for row in rows] == [["A"], ["B"]]
    printed = call("csv", folder, "--calendar", "XNYS").splitlines()
    assert read_command(printed[-1]).data.symbols == ["A", "B"]
