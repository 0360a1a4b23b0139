"""How to go on: commands that fit what was run."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.records.experiment import Experiment
from store.report.next_steps import steps
from tests.store.made_runs import group_of
from tests.store.reported import family, grid
from tests.store.views import NEXT

COMMAND = ["python", "-m", "sweeper", "-m", "strategy=sma,rsi", "params.fast=5,10,20", "name=a b"]
EXPERIMENT = Experiment(
    id="exp-20260102-030405-ab12",
    name="demo",
    status="done",
    created="2026",
    command=COMMAND,
    search={"kind": "grid"},
)
SPACE = {"params.fast": "5,10,20", "params.slow": "50,100"}
AXES = grid(fast=(5, 10, 20), slow=(50, 100))
FAMILY = family(AXES, np.arange(6.0), space=SPACE, overrides=["strategy=sma"])


EXPERIMENT = dataclasses.replace(EXPERIMENT, groups=[FAMILY.group])


def commands(experiment=EXPERIMENT, families=(FAMILY,), suggestion=NEXT, root="results", **changes):
    experiment = dataclasses.replace(experiment, **changes)
    return [one.command for one in steps(experiment, families, suggestion, Path(root))]


def test_after_a_grid():
    assert commands() == [
        "python -m store show exp-20260102-030405-ab12/6",
        "python -m store report exp-20260102-030405-ab12/3",
        "python -m sweeper strategy=sma params.fast=10 params.slow=50",
        "python -m promote check exp-20260102-030405-ab12/3",
        "python -m sweeper -m strategy=sma,rsi params.fast=5,10,20 'name=a b' split=walk_forward",
        "python -m sweeper -m 'name=a b' strategy=sma 'params.fast=range(5,21)' "
        "'params.slow=range(50,101)'",
    ]


def test_another_store_is_named():
    assert commands(root="/data/my store")[0].endswith("--root '/data/my store'")


def test_what_is_missing_comes_first():
    assert commands(status="interrupted")[0].endswith(
        "-m strategy=sma,rsi params.fast=5,10,20 'name=a b'"
    )
    assert commands(status="failed", families=(), suggestion=None)[1:] == [
        "python -m store errors exp-20260102-030405-ab12"
    ]


def test_a_baseline_alone_is_looked_at():
    show = "python -m store show exp-20260102-030405-ab12/best"
    errors = "python -m store errors exp-20260102-030405-ab12"
    assert commands(families=(), suggestion=None, counts={"done": 1}) == [show]
    assert commands(families=(), suggestion=None, counts={"done": 1, "failed": 2}) == [show, errors]


def test_what_was_done_is_not_proposed_again():
    split = dataclasses.replace(EXPERIMENT, groups=[group_of(windows=[{}, {}])])
    assert not any("walk_forward" in one for one in commands(split))
    dense = family(grid(fast=(5, 6, 7)), [1, 2, 3], space=SPACE)
    assert len(commands(families=(dense,), suggestion=None)) == 2
    middle = dataclasses.replace(NEXT, params={"fast": 6})
    assert not any("range" in one for one in commands(families=(dense,), suggestion=middle))
    assert not any("range" in one for one in commands(search={"kind": "random"}))
    assert (
        len(commands(suggestion=dataclasses.replace(NEXT, ref="exp-20260102-030405-ab12/6"))) == 5
    )
    assert not any("sweeper -m" in one for one in commands(command=[]))


def test_fractions_are_not_filled_by_whole_numbers():
    stop = family(grid(stop=(0.01, 0.05, 0.1)), [1, 2, 3], space={"params.stop": "..."})
    middle = dataclasses.replace(NEXT, params={"stop": 0.05})
    assert not any("range" in one for one in commands(families=(stop,), suggestion=middle))


@pytest.mark.parametrize("command", [one for one in commands() if " store " in one])
def test_the_stores_commands_are_understood(command, tmp_path):
    words = command.split()[3:]
    outcome = CliRunner().invoke(app, [*words, "--root", str(tmp_path)])
    assert outcome.exit_code == 2
    assert "there are no experiments" in outcome.output or "no experiment" in outcome.output
