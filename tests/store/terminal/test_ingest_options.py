"""What `store ingest` says names its own options."""

import dataclasses

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.data.text.csv_options import CsvOptions
from store.terminal.ingest_options import in_options

NAMES = frozenset(field.name for field in dataclasses.fields(CsvOptions))
HEAD = "Date,Open,High,Low,Close,Volume\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x.csv: set data.timeframe or data.calendar", "x.csv: set --timeframe or --calendar"),
        ("set data.timeframe=1h, or wait", "set --timeframe 1h, or wait"),
        ("data.csv.timezone says another", "--csv timezone says another"),
        ("name it, data.csv.columns.time=NAME", "name it, --csv columns.time=NAME"),
        ("set data.csv.decimal=comma or", "set --csv decimal=comma or"),
        ("in/data.csv.gz: row 3", "in/data.csv.gz: row 3"),
        ("data.csv: row 3", "data.csv: row 3"),
        ("data.resample_from=1m", "data.resample_from=1m"),
    ],
)
def test_keys_of_the_config_become_options(text, said):
    assert in_options(text, NAMES) == said


@pytest.mark.parametrize(
    ("rows", "options", "said"),
    [
        ("2020-01-0{},1,1,1,1,1\n", ["-t", "1x"], "--timeframe: need a bar below a day"),
        ("2020-01-01T0{}:00,1,1,1,1,1\n", ["-t", "30m"], "set --timeframe 1h"),
        ("0{}/02/2020,1,1,1,1,1\n", [], "--csv date_format="),
    ],
)
def test_a_refusal_names_the_option_of_the_command(tmp_path, rows, options, said):
    path = tmp_path / "x.csv"
    path.write_text(HEAD + "".join(rows.format(day) for day in range(1, 9)))
    words = ["ingest", "csv", str(path), "--root", str(tmp_path / "R"), *options]
    ended = CliRunner().invoke(app, words)
    told = " ".join(ended.output.split())
    assert ended.exit_code == 2
    assert said in told
    assert "data.timeframe" not in told
    assert "data.csv." not in told


def test_notes_name_the_option_too(tmp_path):
    path = tmp_path / "x.csv"
    times = [f"2020-01-0{day}T{hour:02d}:00" for day in (2, 3) for hour in range(14, 21)]
    path.write_text(HEAD + "".join(f"{time},1,1,1,1,1\n" for time in times))
    words = ["ingest", "csv", str(path), "--root", str(tmp_path / "R"), "-t", "1h"]
    ended = CliRunner().invoke(app, words)
    assert "--csv timezone says another" in " ".join(ended.output.split())
