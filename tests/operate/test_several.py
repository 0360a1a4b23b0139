"""A ranking, a pair and sleeves go from a promotion to a target with a weight per symbol."""

import contextlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from operate.cli.app import app
from operate.target.reader import UNIVERSE, read_target
from promote.config import Conf
from promote.profiles.files import find
from promote.promotion.verify import verify
from store.data import DataSpec, load
from sweeper.backtest import Backtest, run_backtest
from tests.operate import several
from tests.operate.several import PAIRS, PAST, RANKING, SLEEVES

DATA = ("data=csv", "data.path=prices", "data.universe=mine")
CONF = Conf(Path("profiles"))
CASES = {"ranked": RANKING, "paired": PAIRS, "shared": SLEEVES}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A store with one approved profile of each kind."""
    folder = tmp_path_factory.mktemp("several")
    with contextlib.chdir(folder):
        several.arrive(several.frames(), PAST)
        for name, words in CASES.items():
            several.promote(name, *words, *DATA)
    return folder


@pytest.fixture
def desk(template, tmp_path, monkeypatch):
    """A copy of it as the working directory, and the bars to come."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return SimpleNamespace(frames=several.frames())


def run(*words, code=0):
    """A verb's JSON, after the exit code is compared."""
    places = ["--root", "results", "--profiles", "profiles", "--json"]
    done = CliRunner().invoke(app, [*words, *places])
    assert done.exit_code == code, f"{words}: {done.output} {done.exception}"
    return json.loads(done.stdout) if code in (0, 3) else done


def shadow(name, code=0):
    """A shadow long after all bars have closed."""
    return run("shadow", name, "--now", "2022-01-01", code=code)


def profile_of(name):
    return find(CONF.profiles, name)


def own_weights(name):
    """Weights at the last close by a backtest of the profile's params on the same bars."""
    found = profile_of(name)
    (data,) = load(DataSpec.from_config(dict(found.data)))
    bars = {member.symbol: member.frame for member in data.members}
    told = {key: found.settings[key] for key in ("side", "cadence", "commission", "slippage")}
    asked = Backtest(strategy=found.strategy["module"], params=found.params, panel=bars, **told)
    last = run_backtest(asked).holdings.iloc[-1]
    return {symbol: weight for symbol, weight in last.items() if weight}


@pytest.mark.parametrize("name", CASES)
def test_a_profile_repeats_bit_for_bit(desk, name):
    faults = [each.faults for each in verify(several.ROOT, CONF, name) if each.faults]
    assert faults == []


@pytest.mark.parametrize("name", CASES)
def test_a_target_has_the_weight_of_each_symbol_that_is_held(desk, name):
    first = shadow(name)
    assert (first["prefix"], first["fresh_bars"], first["bars"]) == ("first", 0, PAST)
    quiet = 0
    for n in range(PAST + 1, PAST + 5):
        several.arrive(desk.frames, n)
        report = shadow(name)
        assert (report["prefix"], report["bars"]) == ("equal", n)
        target = read_target(f"results/targets/{name}.json", now=0)
        assert target["schema"] == UNIVERSE
        assert target["weight"] == sum(target["weights"].values())
        if not target["trading"]:  # what is decided at the close is what is held at it
            quiet += 1
            assert target["weights"] == pytest.approx(own_weights(name), rel=1e-9)
    assert quiet


def test_a_ranking_decides_for_the_best_of_the_last_close(desk):
    params = profile_of("ranked").params
    skip, lookback = int(params["skip"]), int(params["lookback"])
    decisions = 0
    for n in range(PAST, PAST + 5):
        several.arrive(desk.frames, n)
        target = shadow("ranked")["target"]
        if target["trading"]:
            decisions += 1
            closes = {s: f["close"].iloc[:n] for s, f in desk.frames.items() if len(f) >= n}
            gains = {s: c.iloc[-1 - skip] / c.iloc[-1 - skip - lookback] for s, c in closes.items()}
            assert set(target["weights"]) == set(sorted(gains, key=gains.get)[-2:])
            assert list(target["weights"].values()) == pytest.approx([0.5, 0.5], rel=1e-9)
    assert decisions


def test_a_symbol_that_ends_leaves_what_was_as_it_was(desk):
    several.arrive(desk.frames, several.DIES)
    before = shadow("ranked")
    several.arrive(desk.frames, several.DIES + 12)
    after = shadow("ranked")
    assert after["prefix"] == "equal"
    assert after["trades"] >= before["trades"]
    assert "B" not in after["target"]["weights"]


def test_a_pair_is_two_weights_of_opposite_sign_and_takes_no_new_symbol(desk):
    assert profile_of("paired").data["symbols"] == ["A", "B", "C", "D", "E"]
    held = []
    for n in range(PAST, PAST + 3):
        several.arrive(desk.frames, n)
        target = shadow("paired")["target"]
        if target["weights"]:
            held.append(target)
            first, second = target["weights"].values()
            assert first * second < 0
            assert target["side"] == "both"
    assert held
    new = desk.frames["C"].iloc[: PAST + 3]
    new.to_csv("prices/AA.csv", index=False)
    several.arrive(desk.frames, PAST + 3)
    assert shadow("paired")["prefix"] == "equal"


def test_a_ranking_takes_a_new_listing(desk):
    shadow("ranked")
    several.arrive(desk.frames, PAST + 8)
    new = desk.frames["C"].iloc[PAST + 2 : PAST + 8]
    new.to_csv("prices/NEW.csv", index=False)
    assert shadow("ranked")["prefix"] == "equal"


def test_a_revised_bar_of_one_symbol_is_named(desk):
    several.arrive(desk.frames, PAST + 5)
    shadow("ranked")
    desk.frames["C"].loc[PAST + 1, ["close", "high"]] *= 1.01
    several.arrive(desk.frames, PAST + 5)
    report = shadow("ranked", code=3)
    assert report["prefix"] == "data"
    assert f"{desk.frames['C']['time'][PAST + 1]:%Y-%m-%d}" in report["detail"]


def test_a_hole_at_the_last_close_is_named_once_it_shows(desk):
    several.arrive(desk.frames, PAST + 3)
    symbol = next(iter(shadow("ranked")["target"]["weights"]))
    whole = desk.frames[symbol]
    desk.frames[symbol] = whole.drop(index=PAST + 3).reset_index(drop=True)
    several.arrive(desk.frames, PAST + 4)
    assert symbol not in shadow("ranked")["target"]["weights"]
    several.arrive(desk.frames, PAST + 5)
    report = shadow("ranked", code=3)
    assert f"{symbol} had no bar and counted as ended" in report["detail"]


def test_fills_of_several_positions_are_refused_and_equity_is_taken(desk):
    shadow("ranked")
    several.arrive(desk.frames, PAST + 5)
    shadow("ranked")
    times = pd.date_range(desk.frames["A"]["time"][PAST], periods=5, freq="D")
    pd.DataFrame({"time": times, "equity": np.linspace(100, 101, 5)}).to_csv("own.csv", index=False)
    refused = run("intake", "ranked", "own.csv", "--format", "fills", code=2)
    assert "whose fills are not compared" in " ".join(refused.output.split())
    assert run("intake", "ranked", "own.csv", "--format", "equity")["new"] == 5
    verdicts = run("monitors", "ranked")
    assert verdicts["fidelity"]["verdict"] == "inconclusive"
