"""Every dialect: a file as the vendor writes it holds the bars of the plain file, bit by bit.

A new file in store/data/dialects fails here until it has a case in `dialect_cases`.
"""

import pandas as pd
import pytest

from store.data import DataSpec
from store.data.bars import fingerprint
from store.data.dialects import dialect_names, load, recognised
from store.data.sources import csv
from store.data.text.csv_options import CsvOptions
from store.data.text.text_sample import sample_of
from tests.store.dialect_cases import CASES, bars, lines

OHLCV = ["open", "high", "low", "close", "volume"]
KINDS = [(dialect, kind) for dialect, kinds in CASES.items() for kind in kinds]


def plain(frame, zone="UTC"):
    """The plain file of the same bars: a header, commas, ISO times in UTC."""
    dates = (frame.index == frame.index.normalize()).all()
    utc = frame if dates else frame.set_axis(frame.index.tz_localize(zone).tz_convert("UTC"))
    form = "%Y-%m-%d" if dates else "%Y-%m-%dT%H:%M:%SZ"
    return lines(
        utc,
        "time,open,high,low,close,volume",
        lambda t, o, h, low, c, v: f"{t.strftime(form)},{o},{h},{low},{c},{v}",
    )


def read(tmp_path, text, name="FILE.csv", **keys):
    file = tmp_path / name
    file.write_text(text)
    return csv.load(DataSpec("csv", str(file), **keys))


def sample(text):
    return sample_of(text.removeprefix("\ufeff"), "FILE.csv", CsvOptions())[0]


def test_every_dialect_has_a_case():
    assert set(CASES) == set(dialect_names())
    assert len(CASES) >= 16


@pytest.mark.parametrize(("dialect", "kind"), KINDS)
def test_a_vendors_file_holds_the_bars_of_the_plain_file(tmp_path, dialect, kind):
    case = CASES[dialect][kind]
    frame = case.bars()
    (expected,) = read(tmp_path, plain(frame, case.zone), "PLAIN.csv").values()
    ((symbol, table),) = read(tmp_path, case.write(frame)).items()
    wanted = expected.frame if case.volume else expected.frame.assign(volume=0.0)
    pd.testing.assert_frame_equal(table.frame[OHLCV], wanted, check_exact=True)
    assert fingerprint(table.frame[OHLCV]) == fingerprint(wanted)
    assert symbol == (case.symbol or "FILE")
    assert table.notes[0].startswith("read as: ")


@pytest.mark.parametrize(("dialect", "kind"), KINDS)
def test_one_dialect_and_no_other_knows_a_file(dialect, kind):
    case = CASES[dialect][kind]
    known = sample(case.write(case.bars()))
    knowing = [name for name in dialect_names() if load(name).recognise(known) is not None]
    assert knowing == [dialect]


def test_plain_bars_are_of_no_dialect():
    assert recognised(sample(plain(bars()))) is None


@pytest.mark.parametrize("name", dialect_names())
def test_a_dialect_does_not_stumble_over_anything(name):
    for text in ("a\n", "a,b\n1,2\n", "1\n2\n", ",,\n,,\n", "time,open\n"):
        load(name).recognise(sample(text))


def test_a_dialect_is_found_by_what_is_in_the_file(tmp_path):
    """Never by its name: a plain file may be called anything."""
    (table,) = read(tmp_path, plain(bars()), "binance-kraken.csv").values()
    assert not any("read as" in note for note in table.notes)
