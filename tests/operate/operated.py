"""A store with an approved profile on ingested bars, of which more arrive day by day."""

import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from operate.cli.app import app
from promote.config import Conf
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.gate.preset import Preset
from promote.promotion.apply import apply
from promote.promotion.approval import approve
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.cli.app import app as store_app
from store.data.calendars.calendar import sessions
from store.errors import StoreError
from store.registry import open_registry
from sweeper.sweep import sweep_cells
from tests.sweeper.planned import make_cell

EASY = Preset("easy", {"verify": 0.0})
SYMBOL = "PLANTED"
PAST, ALL = 900, 1_300
"""Bars there are at the promotion, and in all."""


def bars(n=ALL, seed=5, persistence=6.0, strength=0.35):
    """Daily bars of business days whose drift turns every week or so: a fast rule has an edge."""
    random = np.random.default_rng(seed)
    keep, drift = np.exp(-1 / persistence), np.empty(n)
    state = 0.0
    for i, shock in enumerate(random.standard_normal(n)):
        state = keep * state + np.sqrt(1 - keep**2) * shock
        drift[i] = state
    step = 0.01 * (strength * drift + random.standard_normal(n))
    return around(100 * np.exp(np.cumsum(step)), random)


def around(close, random):
    """Daily bars of business days with these closes."""
    n = close.size
    opened = np.r_[100.0, close[:-1]] * np.exp(0.001 * random.standard_normal(n))
    high = np.maximum(opened, close) * (1 + 0.003 * random.random(n))
    low = np.minimum(opened, close) * (1 - 0.003 * random.random(n))
    times = pd.bdate_range("2015-01-05", periods=n, tz="UTC")
    columns = {"open": opened, "high": high, "low": low, "close": close, "volume": 1e6}
    return pd.DataFrame({"time": times, **columns})


def ingest(root, frame, *options):
    """Bars that arrive: `store ingest` adds them to those that are kept."""
    path = Path("arrived") / f"{SYMBOL}.parquet"
    path.parent.mkdir(exist_ok=True)
    frame.to_parquet(path)
    words = ["ingest", "parquet", str(path), "-t", "1d", "--calendar", "XNYS", *options]
    done = CliRunner().invoke(store_app, [*words, "--root", str(root)])
    assert done.exit_code == 0, done.output


def build(frame=None, sweeps=("params.fast=2,3,4", "params.slow=5,6,8"), **sections):
    """Here, a store with an approved profile `fast`, on the first PAST of the bars.

    Sections of the config, such as `risk`, are those of the profile.
    """
    root = Path("results")  # relative: copies find their own bars
    frame = no_holidays(bars()) if frame is None else frame
    ingest(root, frame.iloc[:PAST])
    data = {"source": "stored", "path": "results", "symbols": [SYMBOL], "timeframe": "1d"}
    own = {"data": data, "store": {"root": str(root)}, "executor": "inline"}
    own |= {"strategy": {"direction": "both"}} | sections
    with redirect_stdout(StringIO()):
        sweep_cells([make_cell(*sweeps, **own)], ["python", "-m", "sweeper", "-m"])
    desk = Desk(root, Conf(Path("profiles")))
    log = open_registry(root)
    judged = judge(root, "latest/best", EASY, Question(allow_dirty=True), log)
    apply(desk, judged, Wish(profile="fast", by="ann@example.org", reason="it follows trends"))
    approve(desk, "fast", "ann@example.org")


def promote_again(operated):
    """Another configuration of the same sweep as the next version, which nobody has approved."""
    log = open_registry(operated.root)
    for ref in ("latest/0", "latest/1"):
        judged = judge(operated.root, ref, EASY, Question(allow_dirty=True), log)
        try:
            return apply(operated.desk, judged, Wish(profile="fast", by="ann@example.org"))
        except StoreError:  # the very configuration in force
            continue
    raise AssertionError("both are in force")


def no_holidays(frame):
    """The bars on days that the exchange is open."""
    days = pd.to_datetime(sessions("XNYS", 2015, 2021).days, utc=True)
    return frame[frame["time"].isin(days)].reset_index(drop=True)


@dataclass
class Operated:
    """One such store, copied for a test, which is the working directory.

    Attributes:
        frame: all bars, those to come included.
    """

    frame: pd.DataFrame
    root = Path("results")
    desk = Desk(Path("results"), Conf(Path("profiles")))

    def arrive(self, n, *options):
        """Bars up to the n-th are ingested."""
        ingest(self.root, self.frame.iloc[:n], *options)

    def run(self, *words, code=0):
        """A verb's output, after the exit code is compared."""
        done = CliRunner().invoke(app, [*words, "--root", "results", "--profiles", "profiles"])
        assert done.exit_code == code, f"{words}: {done.exit_code}: {done.output} {done.exception}"
        return done

    def json(self, *words, code=0):
        """A verb's JSON."""
        return json.loads(self.run(*words, "--json", code=code).stdout)
