"""Flags and words that people know of Hydra, typed as they are; pipes and terminals as they are."""

import json
import subprocess
import sys

import pytest
import yaml

from tests.sweeper.cli import run_cli

GRID = ("-m", "params.fast=5,10", "params.slow=20,30", "data.end=2001-12-31", "executor=inline")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


def test_the_composed_config_is_printed_whole_or_in_part(cli, tmp_path):
    whole = cli("--cfg", "job", "costs.commission=0.001")
    assert (whole.code, whole.err) == (0, "")
    assert yaml.safe_load(whole.out)["costs"]["commission"] == 0.001
    part = cli("--cfg", "job", "-p", "costs", "costs.commission=0.001")
    assert yaml.safe_load(part.out) == yaml.safe_load(whole.out)["costs"]
    resolved = cli("--cfg", "job", "--resolve")
    assert "${" not in resolved.out
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("flags", [["--info", "searchpath"], ["--info", "defaults"], ["--help"]])
def test_what_hydra_tells_of_an_application_it_tells_of_this_one(cli, tmp_path, flags):
    ended = cli(*flags)
    assert ended.code == 0
    assert "strategy" in ended.out or "conf" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_an_interpolated_number_whose_source_is_swept_is_refused_by_name(cli, tmp_path):
    ended = cli("-m", "params.fast=5,10", "params.slow=${params.fast}", "executor=inline")
    assert ended.code == 2
    assert ended.err.startswith("params.slow: is interpolated from params.fast, which is swept")
    assert ended.err.count("\n") == 1


def test_a_number_that_one_of_two_swept_strategies_lacks_is_refused_by_name(cli):
    ended = cli("-m", "strategy=sma,rsi", "params.fast=5", "executor=inline")
    assert ended.code == 2
    assert ended.err.startswith("params.fast: strategy rsi has no such parameter")
    assert ended.err.count("\n") == 1


def test_json_stands_alone_on_standard_output(cli):
    ended = cli(*GRID, "output=json")
    assert ended.code == 0
    assert json.loads(ended.out)["counts"]["done"] == 5
    one = cli("output=json", "data.end=2001-12-31")
    assert json.loads(one.out)


def test_a_symbol_named_twice_is_one(cli, tmp_path):
    ended = cli(*GRID, "data.symbols=[NASDAQ,NASDAQ]", "output=json")
    assert json.loads(ended.out)["counts"]["planned"] == 5


def test_a_reader_that_goes_away_and_a_terminal_of_ascii_are_no_errors(tmp_path):
    """`| head -1`, with LC_ALL=C: no traceback, no character that the terminal lacks."""
    command = f"PYTHONIOENCODING=ascii PYTHONUTF8=0 LC_ALL=C {sys.executable} -m sweeper"
    words = " ".join(f"'{word}'" for word in GRID)
    shell = f"{command} {words} | head -1"
    done = subprocess.run(
        shell, shell=True, capture_output=True, cwd=tmp_path, check=False, timeout=300
    )
    assert done.stderr == b""
    done.stdout.decode("ascii")
