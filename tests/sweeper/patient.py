"""Sweeps that take their time without using any: what there is to kill, on every machine."""

import sys

from store.ledger import verify
from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode

SWEEP = [sys.executable, "-m", "sweeper", "-m", "data=nasdaq", "metrics=[patience:patience]"]
GRID = ("params.fast=range(2,42)", "params.slow=range(50,90)")

METRIC = '''
import time
from pathlib import Path

from store.luck import measuring

measuring.HISTORIES = measuring.HISTORIES[-1:]  # as in all tests that are not about luck
FILE = Path(__file__).with_name("patience")

def patience(equity, trades, periods_per_year):
    """The bars of a backtest, counted as slowly as the file next to this one says."""
    time.sleep(float(FILE.read_text() or 0))
    return float(len(equity))
'''


def prepare(folder, seconds=0.02):
    """Put the metric where a sweep in `folder` finds it; it takes so long a run until `hurry`."""
    (folder / "patience.py").write_text(METRIC)
    (folder / "patience").write_text(str(seconds))


def hurry(folder):
    """Let what is left be done at once."""
    (folder / "patience").write_text("0")


def committed(root):
    """How many blocks the store holds."""
    return len(list(root.glob("v1/*/blocks/*.parquet")))


def rows(root):
    """The bytes of all rows by run number, without the experiment's id; NaN equals NaN."""
    table = Results(root).runs("latest").sort_by("run")
    return encode(table.drop_columns(["experiment_id"]).combine_chunks())


def finished(root):
    """The only experiment of a store, which has ended well and is counted exactly."""
    (one,) = experiments.every(root)
    assert one.status == "done"
    assert one.counts["done"] + one.counts["skipped"] == one.counts["planned"]
    assert verify.verify(root) == []
    return one
