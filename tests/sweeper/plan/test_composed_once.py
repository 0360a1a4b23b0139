"""The config of a swept cell, out of the one that Hydra has composed: as if it were composed."""

import pytest
from hydra.types import RunMode
from omegaconf import OmegaConf

from sweeper.plan import composed_once, request
from sweeper.plan.compose import composing
from tests.sweeper.cli import run_cli

SWEPT = ("params.fast=5,10", "risk.stop_loss=0.01,0.02")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("strategy=rsi", "data=nasdaq", "executor=inline"),
        ("+experiment=demo", "name=a b", "tags=[a,b]"),
        ("split=walk_forward", "search=random", "search.n=20", "hydra.job.name=mine"),
        ("hydra.job.config.override_dirname.exclude_keys=[strategy]", "strategy=ema", "holdout=0"),
    ],
)
def test_it_is_what_hydra_would_compose(words, monkeypatch):
    loaders = []
    monkeypatch.setattr(
        request.Composer, "of", lambda loader, compose, *more: loaders.append(loader)
    )
    with composing():
        (loader,) = loaders
        typed = [*words, *SWEPT, "hydra.mode=MULTIRUN"]
        multirun = loader.load_configuration("config", typed, RunMode.MULTIRUN)
        own = list(multirun.hydra.overrides.task)
        cell = composed_once.as_cell(multirun, composed_once.unswept(own))
        composed = loader.load_sweep_config(multirun, composed_once.unswept(own))
    assert OmegaConf.to_yaml(cell) == OmegaConf.to_yaml(composed)
    assert OmegaConf.is_struct(cell) == OmegaConf.is_struct(composed)
    assert OmegaConf.get_type(cell) is OmegaConf.get_type(composed)


def test_a_sweep_of_numbers_composes_nothing_more(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "hydra._internal.config_loader_impl.ConfigLoaderImpl.load_sweep_config", None
    )
    ended = run_cli(monkeypatch, capsys, "-m", "strategy=sma", SWEPT[0], "executor=inline")
    assert (ended.code, ended.err) == (0, "")
