"""Each source: what it gives, and how it refuses what it cannot read."""

import gzip
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from store.data import DataSpec, load, source_names
from store.data.bars import fingerprint

GOOD = """Date,Open,High,Low,Close,Adj Close,Volume
2020-01-06,10,12,9,11,5.5,100
2020-01-07,11,13,10,12,6,110
2020-01-08,12,14,11,13,6.5,0
2020-01-09,13,15,12,14,7,130
"""


def csv(path, **keys):
    return load(DataSpec("csv", str(path), calendar="XNYS", **keys))


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "ACME.csv"
    file.write_text(GOOD)
    return file


def test_the_folder_is_the_registry():
    assert source_names() == (
        "csv",
        "nasdaq",
        "parquet",
        "sp500",
        "stored",
        "synthetic",
        "synthetic_universe",
    )


# Real bars


@pytest.mark.parametrize(("source", "zero_volume"), [("nasdaq", 2), ("sp500", 0)])
def test_real_bars_are_whole(source, zero_volume):
    (data,) = load(DataSpec(source, calendar="XNYS", periods_per_year=252))
    record = data.record()
    assert (data.symbol, data.source) == (source.upper(), source)
    assert (record["bars"], record["first"], record["last"]) == (5_031, "1999-01-04", "2018-12-31")
    quality = record["quality"]
    assert (quality["gaps"], quality["repaired"], quality["outside"]) == (0, 0, 0)
    assert quality["zero_volume"] == zero_volume
    assert quality["score"] > 0.9998
    assert data.periods_per_year == 252


def test_real_bars_are_those_of_arch():
    """Read from the package's file without importing it, which takes two seconds: hence here."""
    from arch.data import nasdaq

    (data,) = load(DataSpec("nasdaq"))
    theirs = nasdaq.load().drop(columns="Adj Close").rename(columns=str.lower).astype("float64")
    assert fingerprint(data.frame) == fingerprint(theirs)
    assert data.frame["close"].iloc[-1] == 6635.279785


def test_real_bars_are_daily_only():
    with pytest.raises(ValueError, match=r"data.timeframe: source nasdaq has daily bars, got 1h"):
        load(DataSpec("nasdaq", timeframe="1h"))


def test_an_arch_without_the_bars_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr("store.data.arch_datasets.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"nasdaq is part of the package arch; install it"):
        load(DataSpec("nasdaq"))
    elsewhere = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("store.data.arch_datasets.find_spec", lambda name: elsewhere)
    with pytest.raises(ValueError, match=r"this version of arch has no nasdaq"):
        load(DataSpec("nasdaq"))


# Synthetic bars

KINDS = ["trend", "mean_reversion", "regime", "garch"]


def synthetic(kind=None, **keys):
    options = {"kind": kind, "bars": keys.pop("bars", 3_000), "seed": keys.pop("seed", 0)}
    return load(DataSpec("synthetic", options=options, **{"calendar": "24/7"} | keys))


def test_synthetic_symbols_say_what_they_are():
    names = ["SYN-TREND", "SYN-MEAN-REVERSION", "SYN-REGIME", "SYN-GARCH"]
    assert [data.symbol for data in synthetic(bars=10)] == names
    assert [d.symbol for d in synthetic(["garch", "trend"], bars=10)] == ["SYN-GARCH", "SYN-TREND"]
    assert [d.symbol for d in synthetic(symbols=("SYN-REGIME",), bars=10)] == ["SYN-REGIME"]


def test_synthetic_bars_are_pinned():
    """Rounded prices: the same on every machine."""
    digests = {data.symbol: data.fingerprint[:8] for data in synthetic()}
    assert digests == {
        "SYN-TREND": "dbe6493e",
        "SYN-MEAN-REVERSION": "e1b7bafb",
        "SYN-REGIME": "40bd981d",
        "SYN-GARCH": "e3a8efc7",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_synthetic_bars_follow_the_seed_and_nothing_else(kind):
    (one,), (again,), (other,) = synthetic(kind), synthetic(kind), synthetic(kind, seed=1)
    assert one.fingerprint == again.fingerprint != other.fingerprint
    together = {data.symbol: data.fingerprint for data in synthetic(KINDS)}
    assert together[one.symbol] == one.fingerprint
    (longer,) = synthetic(kind, bars=3_100)
    assert longer.frame.shape == (3_100, 5)


def log_returns(kind, bars=20_000):
    (data,) = synthetic(kind, bars=bars)
    close = data.frame["close"].to_numpy()
    return np.diff(np.log(close)), np.log(close)


def correlation(x, lag):
    return np.corrcoef(x[:-lag], x[lag:])[0, 1]


def test_trends_go_on():
    returns, _ = log_returns("trend")
    monthly = returns[: returns.size // 20 * 20].reshape(-1, 20).sum(axis=1)
    assert correlation(monthly, 1) > 0.08


def test_reverting_prices_stay_near_their_level():
    _, prices = log_returns("mean_reversion")
    assert np.abs(prices - np.log(100)).max() < 0.5
    assert correlation(prices, 20) == pytest.approx(0.5, abs=0.08)


def test_falling_markets_are_the_nervous_ones():
    returns, _ = log_returns("regime")
    size = returns.size // 50 * 50
    chunks = returns[:size].reshape(-1, 50)
    assert np.corrcoef(chunks.std(axis=1), chunks.mean(axis=1))[0, 1] < -0.2


def test_garch_clusters_volatility_without_drift():
    returns, _ = log_returns("garch")
    assert correlation(returns**2, 1) > 0.1
    assert abs(correlation(returns, 1)) < 0.03
    assert returns.std() * np.sqrt(365) == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize("timeframe", ["1w", "1d", "4h", "15m", "30s"])
@pytest.mark.parametrize("calendar", ["24/7", "24/5", "XNYS", "XTKS"])
def test_synthetic_bars_of_any_timeframe_and_calendar_have_no_gap(timeframe, calendar):
    (data,) = synthetic("trend", bars=300, timeframe=timeframe, calendar=calendar)
    assert (len(data.frame), data.quality.gaps, data.quality.outside) == (300, 0, 0)


def test_synthetic_bars_begin_where_asked():
    (data,) = synthetic("trend", bars=50, start="2015-03-01", calendar="XNYS")
    assert data.record()["first"] == "2015-03-02"  # 1 March was a Sunday


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kind": "trends"}, r"data.kind: no kind 'trends'; did you mean trend\?"),
        ({"bars": 1}, r"data.bars: need a whole number from 2 to 10000000, got 1"),
        ({"bars": "many"}, r"data.bars: .* got 'many'"),
        ({"seed": -1}, r"data.seed: need a whole number from 0 to \d+, got -1"),
        ({"seed": True}, r"data.seed: .* got True"),
        ({"bars": 99_999}, r"data.bars: 99999 bars of 1d from 2000 on end after 2150; make fewer"),
        ({"bars": 99_999, "calendar": "XNYS"}, r"data.bars: .* end after 2150"),
        ({"symbols": ("SYN-TREN",)}, r"data.symbols: data.kind has no 'SYN-TREN'; did you mean"),
        ({"kind": "trend", "symbols": ("SYN-GARCH",)}, r"data.symbols: .*'SYN-GARCH'"),
    ],
)
def test_synthetic_options_are_checked(keys, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        synthetic(**keys)


# Files


def test_a_csv_file(good):
    (data,) = csv(good)
    assert (data.symbol, data.source) == ("ACME", "csv")
    assert list(data.frame.columns) == ["open", "high", "low", "close", "volume"]
    assert data.frame["close"].tolist() == [11, 12, 13, 14]
    assert str(data.frame.index[0]) == "2020-01-06 00:00:00+00:00"
    assert csv(good, symbols=("BTC",))[0].symbol == "BTC"


def test_adjusted_prices_when_asked(good):
    (data,) = csv(good, options={"adjusted": True})
    assert data.frame["high"].tolist() == [6.0, 6.5, 7.0, 7.5]


def test_a_packed_csv_file(tmp_path, good):
    packed = tmp_path / "PACK.csv.gz"
    packed.write_bytes(gzip.compress(GOOD.encode()))
    (data,) = csv(packed)
    assert (data.symbol, data.fingerprint) == ("PACK", csv(good)[0].fingerprint)


def test_a_folder_of_files(tmp_path, good):
    (tmp_path / "BTC.CSV").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("no bars")
    (tmp_path / ".hidden.csv").write_text("no bars")
    assert [data.symbol for data in csv(tmp_path)] == ["ACME", "BTC"]
    assert [data.symbol for data in csv(tmp_path, symbols=("BTC", "ACME"))] == ["BTC", "ACME"]
    with pytest.raises(
        ValueError, match=r"data.symbols: folder .* has no 'BTX'; did you mean BTC\?"
    ):
        csv(tmp_path, symbols=("BTX",))


def test_parquet_holds_the_same_bars(tmp_path, good):
    (expected,) = csv(good)
    expected.frame.to_parquet(tmp_path / "INDEXED.parquet")
    expected.frame.reset_index().to_parquet(tmp_path / "PLAIN.parquet", index=False)
    renamed = expected.frame.reset_index().rename(columns={"time": "Date"}).set_index("Date")
    renamed.set_axis(renamed.index.date).rename_axis("date").to_parquet(tmp_path / "DATES.parquet")
    loaded = load(DataSpec("parquet", str(tmp_path), calendar="XNYS"))
    assert [data.symbol for data in loaded] == ["DATES", "INDEXED", "PLAIN"]
    assert {data.fingerprint for data in loaded} == {expected.fingerprint}


@pytest.mark.parametrize(
    ("path", "keys", "message"),
    [
        (None, {}, "data.path: source csv reads files; give a file"),
        ("missing.csv", {}, "data.path: no file or folder .*missing.csv"),
        ("empty", {}, "data.path: no .csv file in folder"),
        ("ACME.csv", {"symbols": ("A", "B")}, "data.path: .*ACME.csv is one file for 2 symbols"),
        ("our bars.csv", {}, "data.symbols: our bars.csv is no symbol; state one"),
    ],
)
def test_paths_are_checked(tmp_path, good, path, keys, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "our bars.csv").write_text(GOOD)
    with pytest.raises(ValueError, match=f"^{message}"):
        load(DataSpec("csv", path and str(tmp_path / path), **keys))


def test_dates_of_pandas_survive_a_round_trip(tmp_path, good):
    (data,) = csv(good)
    again = tmp_path / "AGAIN.csv"
    data.frame.to_csv(again)
    assert csv(again)[0].fingerprint == data.fingerprint
    assert pd.read_csv(again).columns[0] == "time"
