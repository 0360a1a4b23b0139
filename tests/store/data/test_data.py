"""From a spec to datasets: keys checked, ranges cut, calendars applied."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from store.data import DataSpec, from_frame, load, source_names
from store.errors import BadBars

ROOT = Path(__file__).parents[3]
FLAT = dict.fromkeys(("open", "high", "low", "close", "volume"), 1.0)


@pytest.mark.parametrize("source", source_names())
def test_every_source_has_its_config(source):
    """The group file names every key, or an override of it would be an error in Hydra."""
    config = yaml.safe_load((ROOT / f"conf/data/{source}.yaml").read_text())
    spec = DataSpec.from_config(config)
    assert spec.source == source
    later = ("universe", "survivorship", "detail", "detail_path")
    off = {name for name in later if config.get(name) is None}
    assert spec.to_config() == {k: v for k, v in config.items() if k not in off}
    assert DataSpec.from_config(spec.to_config()) == spec


def test_periods_of_the_real_bars_are_stated():
    for name in ("nasdaq", "sp500"):
        config = yaml.safe_load((ROOT / f"conf/data/{name}.yaml").read_text())
        assert load(DataSpec.from_config(config))[0].periods_per_year == 252


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "data.source: none given; choose one, for example data=nasdaq"),
        ({"timeframe": "1x"}, "data.timeframe: need .* got '1x'"),
        ({"start": "2010"}, "data.start: need an ISO date such as 2010-01-31, got '2010'"),
        ({"start": 2010}, "data.start: need an ISO date such as 2010-01-31, got '2010'"),
        ({"end": "31.12.2010"}, "data.end: need an ISO date"),
        ({"start": "2011-01-01", "end": "2010-12-31"}, "data.start: 2011-01-01 is after data.end"),
        ({"periods_per_year": 0}, "data.periods_per_year: need a number above zero or null, got 0"),
        (
            {"periods_per_year": "often"},
            "data.periods_per_year: need a number or null, got 'often'",
        ),
        ({"calendar": "XNYZ"}, "data.calendar: 'XNYZ' is not a calendar; use 24/7, fx .*XNYS"),
        ({"symbols": ["../passwd"]}, "data.symbols: '../passwd' is no symbol"),
        ({"symbols": "A B"}, "data.symbols: 'A B' is no symbol"),
    ],
)
def test_keys_are_checked(config, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        DataSpec.from_config(({"source": "nasdaq"} | config) if config else {})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (DataSpec("nasdak"), r"data.source: no source 'nasdak'; did you mean nasdaq\?"),
        (DataSpec("bloomberg"), "data.source: no source 'bloomberg'; there are csv, nasdaq, "),
        (DataSpec("nasdaq", symbols=("NASDQ",)), r"data.symbols: .*'NASDQ'; did you mean NASDAQ\?"),
        (DataSpec("nasdaq", symbols=("BTC",)), "data.symbols: .* has no 'BTC'; there is NASDAQ"),
        (DataSpec("nasdaq", "x.csv"), "data.path: source nasdaq does not read it, got 'x.csv'"),
        (
            DataSpec("synthetic", options={"sed": 1}),
            r"data.sed: source synthetic does not read it, got 1; did you mean seed\?",
        ),
        (
            DataSpec("nasdaq", start="2030-01-01"),
            r"NASDAQ \(arch.data.nasdaq\): 0 bars from 2030-01-01 to the last, need 2; "
            "there is 1999-01-04 to 2018-12-31",
        ),
        (DataSpec("nasdaq", start="2018-12-31"), r"NASDAQ .*: 1 bars from 2018-12-31 to the last"),
    ],
)
def test_what_is_not_there_is_said(spec, message):
    with pytest.raises(ValueError, match=f"^{message}") as refused:
        load(spec)
    assert "\n" not in str(refused.value)


def test_both_ends_are_included():
    (data,) = load(DataSpec("nasdaq", start="2010-01-04", end="2010-12-31"))
    record = data.record()
    assert (record["first"], record["last"], record["bars"]) == ("2010-01-04", "2010-12-31", 252)
    assert data.periods_per_year == 252  # derived: the sessions of 2010
    (day,) = load(DataSpec("synthetic", timeframe="1h", start="2000-01-03", end="2000-01-04"))[:1]
    assert (len(day.frame), day.record()["last"]) == (48, "2000-01-04T23:00:00Z")
    times = DataSpec("synthetic", timeframe="1h", end="2000-01-03T12:00:00Z")
    assert len(load(times)[0].frame) == 13


def test_periods_follow_the_calendar():
    days = pd.date_range("2020-01-06", periods=300)
    assert from_frame(pd.DataFrame(FLAT, days)).periods_per_year == 365
    weekdays = pd.bdate_range("2019-01-02", "2019-12-31")
    assert from_frame(pd.DataFrame(FLAT, weekdays)).periods_per_year == 252
    assert from_frame(pd.DataFrame(FLAT, weekdays), calendar="24/5").periods_per_year == 261
    assert from_frame(pd.DataFrame(FLAT, days), periods_per_year=12).periods_per_year == 12


def test_a_calendar_that_does_not_fit_derives_nothing():
    hours = pd.date_range("2020-01-06", periods=24 * 5, freq="h")
    flat = pd.DataFrame(FLAT, hours)
    with pytest.raises(BadBars, match=r"FX: 85 of 120 bars lie outside .* XNYS.*set data.calendar"):
        from_frame(flat, "FX", "1h", calendar="XNYS")
    assert from_frame(flat, "FX", "1h", calendar="24/5").periods_per_year == pytest.approx(
        6264, 0.01
    )
    stated = from_frame(flat, "FX", "1h", calendar="XNYS", periods_per_year=6_000)
    assert (stated.periods_per_year, stated.quality.outside) == (6_000, 85)


def test_a_bad_row_outside_the_range_still_refuses_the_file(tmp_path):
    file = tmp_path / "ACME.csv"
    rows = ["2020-01-06,10,12,9,-1,1", "2020-01-07,10,12,9,11,1", "2020-01-08,10,12,9,11,1"]
    file.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    with pytest.raises(BadBars, match=r"ACME.csv: row 1 \(2020-01-06\): close must be"):
        load(DataSpec("csv", str(file), start="2020-01-07"))


def test_a_frame_of_the_user_is_checked_as_a_file_is():
    frame = pd.DataFrame({"open": [1.0], "high": 1.0, "low": 1.0, "close": 1.0, "volume": 1.0})
    with pytest.raises(BadBars, match="MINE: no time column"):
        from_frame(frame, "MINE")
    with pytest.raises(BadBars, match="MINE: too little history"):
        from_frame(frame.assign(time="2020-01-06"), "MINE")
    data = from_frame(pd.concat([frame, frame]).assign(time=["2020-01-06", "2020-01-07"]), "MINE")
    assert (data.symbol, data.source, data.quality.score) == ("MINE", "frame", 1.0)


def test_a_record_is_json_and_loads_the_same_bars():
    for data in load(DataSpec("synthetic", options={"kind": ["garch", "trend"], "bars": 50})):
        record = json.loads(json.dumps(data.record(), allow_nan=False))
        (again,) = load(DataSpec.from_config(record["spec"]))
        assert (again.symbol, again.fingerprint) == (data.symbol, record["fingerprint"])


def test_importing_the_module_stays_light():
    program = (
        "import sys, store.data\n"
        "print([name for name in ('arch', 'scipy', 'exchange_calendars', 'ray', 'hydra', 'plotly')"
        " if name in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"


def test_one_misfit_of_a_folder_is_left_out_and_named(tmp_path):
    days = pd.bdate_range("2020-01-06", periods=30)
    for name in ("AAA", "BBB", "CCC"):
        table = pd.DataFrame(FLAT, days).rename_axis("time").reset_index()
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    table.assign(close=-1.0).to_csv(tmp_path / "BBB.csv", index=False)
    data = load(DataSpec("csv", str(tmp_path)))
    assert [one.symbol for one in data] == ["AAA", "CCC"]
    assert data[0].left_out[0].startswith("1 of 3 symbols left out: BBB: ")
    assert "close must be finite and above zero" in data[0].left_out[0]
    with pytest.raises(BadBars, match=r"BBB.csv: row 1"):
        load(DataSpec("csv", str(tmp_path), symbols=("BBB",)))
    with pytest.raises(BadBars, match=r"BBB.csv: row 1"):
        load(DataSpec("csv", str(tmp_path / "BBB.csv")))
