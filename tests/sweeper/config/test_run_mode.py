"""A command's mode: known from its words, or composed for where a file may say it."""

import pytest
from hydra._internal.hydra import Hydra

from sweeper.config import run_mode
from tests.sweeper.cli import run_cli

SMA = ("strategy=sma", "params.fast=5", "params.slow=20", "data=nasdaq")


@pytest.mark.parametrize("words", [(), SMA, ("-m", "params.fast=5,10", "search=random")])
def test_words_that_set_values_say_no_mode(words):
    assert run_mode.says_none(words, [word for word in words if "=" in word])


@pytest.mark.parametrize(
    "word",
    ["hydra.mode=MULTIRUN", "+experiment=demo", "~strategy", "experiment=demo", "hydra/sweeper=x"],
)
def test_words_that_may_lead_to_a_mode_are_composed_for(word):
    assert not run_mode.says_none([word], [word])


@pytest.mark.parametrize("option", ["--config-dir=mine", "-cn", "--experimental-rerun"])
def test_files_of_the_users_own_are_composed_for(option):
    assert not run_mode.says_none([option, *SMA], SMA)


def test_a_backtest_composes_once(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    composed, compose = [], Hydra.compose_config

    def count(self, *args, **options):
        composed.append(options.get("run_mode"))
        return compose(self, *args, **options)

    monkeypatch.setattr(Hydra, "compose_config", count)
    assert run_cli(monkeypatch, capsys, *SMA).code == 0
    assert len(composed) == 1
