"""Inputs without an end: refused in one line, within seconds."""

import os
import socket

import pytest
import yaml

from sweeper.config.bounded import CONFIG_VALUES, _count, load_yaml, require_file
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

SWEEP = ("-m", "executor=inline", "dry_run=true")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *SWEEP, *args)


def refused(ended, *words):
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert len(ended.err) < 600
    for word in words:
        assert word in ended.err


def bomb(levels=9, width=9):
    """YAML of a few lines that stands for width^levels values."""
    lines = ["a0: &a0 [1]"]
    for level in range(1, levels + 1):
        names = ",".join([f"*a{level - 1}"] * width)
        lines.append(f"a{level}: &a{level} [{names}]")
    return "\n".join(lines) + "\n"


def test_nodes_are_counted_as_often_as_they_are_used():
    root = yaml.compose(bomb(2, 3), Loader=yaml.SafeLoader)
    lists = [2, 1 + 3 * 2, 1 + 3 * (1 + 3 * 2)]
    assert _count(root, {}) == 1 + 3 + sum(lists)
    assert load_yaml(bomb(2, 3))["a2"][2][2] == [1]


@pytest.mark.parametrize("text", [bomb(), bomb(40), "[" * 5000, "&a [*a]"])
def test_a_bomb_is_refused_wherever_yaml_is_read(text, cli, tmp_path):
    folder = tmp_path / "conf" / "experiment"
    folder.mkdir(parents=True)
    (folder / "bomb.yaml").write_text(f"# @package _global_\n{text}")
    (tmp_path / "bomb.yaml").write_text(text)
    refused(cli(f"hydra.searchpath=[{tmp_path / 'conf'}]", "+experiment=bomb"))
    refused(cli("search=list", "search.path=bomb.yaml"), "bomb.yaml is not JSON or YAML (")


def test_a_config_of_many_values_is_refused_by_number(cli, tmp_path):
    folder = tmp_path / "conf" / "experiment"
    folder.mkdir(parents=True)
    values = ",".join(map(str, range(CONFIG_VALUES)))
    (folder / "long.yaml").write_text(f"# @package _global_\nmine: [{values}]\n")
    ended = cli(f"hydra.searchpath=[{tmp_path / 'conf'}]", "+experiment=long")
    refused(ended, "stands for 50,0", "more than 50,000")


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def listener(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)


def folder(path):
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "kind"), [(pipe, "pipe"), (device, "device"), (listener, "socket"), (folder, "folder")]
)
def test_what_is_no_file_is_refused_at_once(make, kind, cli, tmp_path):
    path = tmp_path / "input.csv"
    make(path)
    refused(cli("search=list", "search.path=input.csv"), f"search.path: input.csv is a {kind}, not")
    if kind != "folder":
        refused(cli("data=csv", "data.path=input.csv", "params.fast=5,10"), "data.path: ")
    with pytest.raises(ValueError, match=f"^x: .* is a {kind}, not a file; give a file"):
        require_file("x", path)


def test_a_pipe_as_an_experiment_file_is_not_waited_for(cli, tmp_path):
    place = tmp_path / "conf" / "experiment"
    place.mkdir(parents=True)
    os.mkfifo(place / "pipe.yaml")
    refused(cli(f"hydra.searchpath=[{tmp_path / 'conf'}]", "+experiment=pipe"), "pipe")


def test_a_missing_file_is_left_to_its_reader(cli):
    refused(cli("search=list", "search.path=none.yaml"), "cannot read none.yaml")


def test_a_range_of_a_thousand_million_is_refused_by_what_its_constraint_ties(cli):
    ended = cli("params.fast=range(1,1000000000)", "params.slow=50")
    refused(ended, "ties 999,999,999 combinations, more than the 100,000,000 counted")


def test_twenty_thousand_listed_values_are_refused_with_what_to_write(cli):
    values = ",".join(map(str, range(1, 20_001)))
    ended = cli(f"params.fast={values}", "params.slow=50")
    refused(ended, "params.fast: lists 20,000 values, more than 10,000; write a range()")
