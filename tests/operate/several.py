"""Profiles that hold several positions, promoted from small sweeps of a universe that grows."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from promote.config import Conf
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.gate.preset import Preset
from promote.promotion.apply import apply
from promote.promotion.approval import approve
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.registry import open_registry
from sweeper.sweep import sweep

EASY = Preset("easy", {"verify": 0.0, "look_ahead": 0.0})
ROOT, PRICES = Path("results"), Path("prices")
PAST, ALL, DIES = 200, 260, 215
"""Bars at the promotion and in all, and those of the symbol that ends first."""
RANKING = ("strategy=momentum_rank", "params.lookback=5,10", "params.k=2", "portfolio.cadence=5")
PAIRS = ("strategy=pairs", "params.first=0", "params.second=1,2", "params.length=20")
SLEEVES = (
    "strategy=sleeves",
    "+strategy.members.fast=momentum_rank",
    "+strategy.members.calm=low_volatility",
    "params.shares=simplex(0,1,0.5)",
    "params.fast.k=2",
    "params.calm.k=2",
    "params.cadence=10",
)


def frames():
    """Daily bars of five symbols by name; B ends soon after the promotion, E has ended before."""
    random = np.random.default_rng(8)
    times = pd.date_range("2020-01-01", periods=ALL, freq="D", tz="UTC")
    lives = {"A": ALL, "B": DIES, "C": ALL, "D": ALL, "E": 150}
    made = {}
    for name, n in lives.items():
        close = 50 * np.exp(np.cumsum(random.normal(0, 0.02, n)))
        opened = np.r_[50.0, close[:-1]] * np.exp(random.normal(0, 0.002, n))
        columns = {"open": opened, "close": close, "volume": 1e5}
        columns |= {"high": np.maximum(opened, close), "low": np.minimum(opened, close)}
        made[name] = pd.DataFrame({"time": times[:n], **columns})
    return made


def arrive(made, n):
    """The first n days become the files of the universe."""
    PRICES.mkdir(exist_ok=True)
    end = made["A"]["time"][n - 1]
    for name, frame in made.items():
        part = frame[frame["time"] <= end]
        if len(part):
            part.to_csv(PRICES / f"{name}.csv", index=False)


def promote(profile, *words):
    """Sweep here, promote the best run as an approved profile, and give it back."""
    with redirect_stdout(StringIO()):
        sweep(*words, "executor=inline", "output=none", f"store.root={ROOT}")
    desk = Desk(ROOT, Conf(Path("profiles")))
    judged = judge(ROOT, "latest/best", EASY, Question(allow_dirty=True), open_registry(ROOT))
    made = apply(desk, judged, Wish(profile=profile, by="ann@example.org", reason="a test"))
    approve(desk, profile, "ann@example.org")
    return made
