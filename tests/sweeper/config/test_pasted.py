"""SWEEPER_ROOT for all commands alike, and lines that a sweep prints: pasted, they run."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.query.results import Results
from store.records.experiment import every
from store.report.build_view import collect
from sweeper.plan.compose import composing
from tests.sweeper.cli import run_cli

GRID = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline", "data=csv")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


@pytest.fixture
def prices(tmp_path):
    """The override of a file whose path no grammar likes."""
    rows = [
        f"2020-{1 + i // 28:02}-{1 + i % 28:02},{9 + i % 7},20,5,{9 + i % 5},1" for i in range(99)
    ]
    folder = tmp_path / "my prices (1)"
    folder.mkdir()
    (folder / "EURUSD=X.csv").write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    return ('data.path="my prices (1)/EURUSD=X.csv"', "data.calendar=24/7", "holdout=0")


def test_the_environment_names_the_store_of_every_command(cli, tmp_path, monkeypatch, prices):
    monkeypatch.setenv("SWEEPER_ROOT", "there")
    ended = cli(*GRID, *prices)
    assert ended.code == 0, ended.err
    (experiment,) = every(tmp_path / "there")
    assert not (tmp_path / "results").exists()
    assert [one.id for one in Results().experiments()] == [experiment.id]
    listed = CliRunner().invoke(app, ["list", "--json"])
    assert experiment.id in listed.stdout
    assert f"python -m store show {experiment.id}\n" in ended.out


def test_a_root_that_is_given_goes_before_the_environment(cli, tmp_path, monkeypatch, prices):
    monkeypatch.setenv("SWEEPER_ROOT", "there")
    assert cli(*GRID, *prices, "store.root=here").code == 0
    assert every(tmp_path / "here")
    assert not (tmp_path / "there").exists()


def test_an_empty_variable_is_none(cli, tmp_path, monkeypatch, prices):
    monkeypatch.setenv("SWEEPER_ROOT", "")
    assert cli(*GRID, *prices).code == 0
    assert every(tmp_path / "results")


def test_every_command_that_a_sweep_and_its_report_print_can_be_pasted(cli, tmp_path, prices):
    root = tmp_path / "R (1)"
    ended = cli(*GRID, *prices, f'store.root="{root}"')
    (experiment,) = every(root)
    lines = [line.strip() for line in ended.out.splitlines()]
    shown = next(line for line in lines if "python -m store show" in line)
    assert shlex.split(shown.partition(": ")[2])[-2:] == ["--root", str(root)]
    steps = [step.command for step in collect(root, experiment.id).steps]
    assert {"store", "sweeper", "promote"} <= {shlex.split(step)[2] for step in steps}
    suggested = lines[next(i for i, line in enumerate(lines) if line.startswith("Next:")) + 1]
    for command in (suggested, *steps):
        words = shlex.split(command)
        if words[2] != "sweeper":
            assert words[-2:] == ["--root", str(root)]
            continue
        overrides = [word for word in words[3:] if word != "-m"]
        with composing() as composer:
            assert composer.parser.parse_overrides(overrides)
            fixed = [word for word in overrides if not re.match(r"params\..*[,(]", word)]
            assert composer.compose(fixed).data.path == "my prices (1)/EURUSD=X.csv"
