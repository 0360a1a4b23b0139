"""What a sweep suggests runs again as it stands, and gives the numbers that were stored."""

import json

import numpy as np
import pandas as pd
import pytest

from store.query.results import Results
from tests.sweeper.cli import run_cli

WEIGHTED = (
    "strategy=ensemble",
    "data=csv",
    "data.path=mood.csv",
    "params.weights.trend=0,0.5,1",
    "params.weights.sentiment=0,0.5,1",
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with bars that have a mood."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 600)))
    prices = dict.fromkeys(("open", "high", "low", "close"), close)
    mood = rng.normal(0, 1, 600)
    frame = pd.DataFrame({**prices, "volume": 1.0, "sentiment": mood})
    frame.index = pd.date_range("2020-01-01", periods=600, freq="D", name="time")
    frame.to_csv("mood.csv")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("params.fast=5,10,20", "params.slow=50,99", "risk.stop_loss=0.05,null", "fill=same_close"),
        ("+experiment=sma_grid", "params.slow=100,200,220", "strategy.direction=both"),
        ("strategy=sma,rsi", "data=nasdaq,sp500", "search=random", "search.n=20", "name=a b"),
        ("search=bayes", "search.n=20", "data.start=2005-01-01", "costs.slippage=0.001"),
        WEIGHTED,
    ],
)
def test_its_overrides_compose_the_same_configuration(here, monkeypatch, capsys, words):
    swept = run_cli(monkeypatch, capsys, "-m", *words)
    assert swept.code == 0
    results = Results("results")
    found = results.suggestion()
    assert f"  python -m sweeper {found['overrides'][0]}" in swept.out
    assert found["advice"] in swept.out
    assert "--root" not in found["advice"]
    alone = run_cli(monkeypatch, capsys, *found["overrides"], "output=json")
    (metrics,) = json.loads(alone.out).values()
    stored = results.show(found["ref"])["metrics"]
    assert metrics == {name: stored[name] for name in metrics}


def test_weights_are_suggested_in_json(here, monkeypatch, capsys):
    told = run_cli(monkeypatch, capsys, "-m", *WEIGHTED, "output=json")
    weights = json.loads(told.out)["suggestion"]["weights"]
    assert weights.keys() == {"trend", "rsi", "momentum", "sentiment"}
    assert (weights["rsi"], weights["momentum"]) == (1.0, 1.0)
    assert 0 <= weights["trend"] <= 1
