"""What is said before the bars of many symbols are read."""

import pytest

from store.data import DataSpec
from sweeper.plan.plan import load_datasets
from sweeper.plan.reading_note import MANY, reading_note
from tests.sweeper.planned import make_cell

ROWS = "".join(f"2024-01-{day:02},10,10,10,10,1\n" for day in range(1, 31))


@pytest.fixture
def folder(tmp_path):
    for number in range(MANY):
        file = tmp_path / f"S{number}.csv"
        file.write_text(f"time,open,high,low,close,volume\n{ROWS}")
    return tmp_path


def test_a_folder_of_many_files_is_counted(folder):
    said = f"reading and checking the bars of {MANY} symbols"
    assert reading_note(DataSpec("csv", str(folder))) == said
    assert reading_note(DataSpec("csv", str(folder), symbols=("S1", "S2"))) == ""
    assert reading_note(DataSpec("parquet", str(folder))) == ""


def test_a_store_of_many_series_is_counted(tmp_path):
    records = tmp_path / "data" / "bars"
    records.mkdir(parents=True)
    for number in range(1_234):
        (records / f"s{number}-1d.json").touch()
    said = "reading and checking the bars of 1,234 symbols"
    assert reading_note(DataSpec("stored", str(tmp_path))) == said
    assert reading_note(DataSpec("stored", str(tmp_path / "none"))) == ""
    assert reading_note(DataSpec("stored", "s3://bucket/results")) == ""


def test_it_is_said_before_they_are_read_and_once(folder, capsys):
    data = {"source": "csv", "path": str(folder), "symbols": [], "calendar": "24/7"}
    cells = [make_cell("params.fast=2,3", "params.slow=5", data=data) for _ in range(2)]
    assert len(load_datasets(cells)[0]) == MANY
    said = f"Note: reading and checking the bars of {MANY} symbols\n"
    assert capsys.readouterr().err.count(said) == 1
