"""Strategies by name: what their files and their YAML say, as plain values."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from kernels.registry import names, panel_names
from store.cli.app import app
from store.errors import UnknownReference
from store.query.strategies import CONF, strategies, strategy


def test_every_strategy_of_the_folders_is_described():
    every = strategies()
    assert [one["name"] for one in every] == [*names(), *panel_names()]
    assert all(one["summary"] for one in every)
    without = [one["name"] for one in every if not one["params"]]
    # ranking takes a weight for each feature named, sleeves those of their members
    assert without == ["buy_hold", "ranking", "sleeves"]


def test_parameters_bounds_and_space_of_the_moving_averages():
    sma = strategy("sma")
    assert sma["params"]["fast"] == {"type": "int", "default": 20, "low": 1, "high": None}
    assert sma["space"] == yaml.safe_load((CONF / "sma.yaml").read_text())["strategy"]["space"]
    assert sma["constraint"] == "fast < slow"
    assert sma["summary"].startswith("Long while the fast average")


def test_an_unknown_name_lists_near_ones():
    with pytest.raises(UnknownReference, match=r"donchain: is no strategy; did you mean donchian"):
        strategy("donchain")


def test_the_verb_prints_them():
    page = CliRunner().invoke(app, ["strategies", "sma"]).output
    assert "fast int 20, 1 or more; swept range(2,102)" in page
    read = json.loads(CliRunner().invoke(app, ["strategies", "--json"]).output)
    assert {one["name"] for one in read} >= {"sma", "rsi"}
