"""A metric of the path, added by the recipe of CONTRIBUTING.md to a copy of the checkout."""

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from sweeper.sweep import sweep_cells
from tests.sweeper.planned import make_cell

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("kernels", "store", "sweeper", "promote", "conf", "hydra_plugins")

BOTH_ENGINES = """
import dataclasses, json, sys, time
import numpy as np
from kernels import METRICS, Settings
from kernels.evaluate import evaluate_runs, trace
from kernels.registry import load
from kernels.series.bars import prepare

def index(equity, initial):
    path = np.r_[initial, equity]
    falls = 1 - path / np.maximum.accumulate(path)
    return np.sqrt(np.mean(falls[1:] ** 2))

random, strategy = np.random.default_rng(1), load("sma")
params = np.array([[2.0, 5.0], [5.0, 20.0], [3.0, 90.0]])
windows, apart = [(0, 700), (233, 690)], 0.0
for sigma in (0.01, 0.2):
    for direction in ("long", "both"):
        for own in ({}, {"stop_loss": 0.03}, {"trailing_stop": 0.05, "fill": "same_close"}):
            close = 100 * np.exp(np.cumsum(sigma * random.standard_normal(700)))
            opened = np.r_[100.0, close[:-1]]
            high = np.maximum(opened, close) * (1 + sigma * random.random(700))
            low = np.minimum(opened, close) * (1 - sigma * random.random(700) / 2)
            series = prepare({"open": opened, "high": high, "low": low, "close": close})
            settings = Settings(direction=direction, **own)
            both = [dataclasses.replace(settings, engine=name) for name in ("events", "scalar")]
            events, scalar = (evaluate_runs(series, strategy, params, s, windows) for s in both)
            k = METRICS.index("ulcer_index")
            np.testing.assert_array_equal(events.metrics[..., k], scalar.metrics[..., k])
            for row, number in zip(params, events.metrics[:, 1, k], strict=True):
                traced = trace(series, strategy, row, settings, windows[1])
                apart = max(apart, abs(index(traced.equity, 10_000.0) - number))
print(json.dumps({"apart": apart, "metrics": METRICS}))
"""

PROMOTE = """
import json
from pathlib import Path
from promote.config import Conf
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.gate.preset import Preset
from promote.promotion.apply import apply
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.registry import open_registry

root = Path("results")
log = open_registry(root)
easy = Preset("easy", {"verify": 0.0})
judged = judge(root, "latest/best", easy, Question(allow_dirty=True), log)
desk = Desk(root, Conf(Path("profiles")))
apply(desk, judged, Wish(profile="fast", by="ann@example.org", reason="from before"))
print(json.dumps({verdict.check: verdict.word for verdict in judged.verdicts}))
"""


def edit(path, *replaced):
    text = path.read_text()
    for old, new in replaced:
        assert text.count(old) == 1, f"{old!r} in {path.name}"
        text = text.replace(old, new)
    path.write_text(text)


def follow_the_recipe(copy):
    """The two files of the recipe, the function as it is printed there."""
    (block,) = re.findall(
        r"   ```python\n(.*?def ulcer_index.*?)   ```", (ROOT / "CONTRIBUTING.md").read_text(), re.S
    )
    edit(
        copy / "kernels" / "engine" / "path_metrics.py",
        ("PATH_METRICS: tuple[str, ...] = ()", 'PATH_METRICS: tuple[str, ...] = ("ulcer_index",)'),
        ("@inner\ndef write_path", textwrap.dedent(block) + "\n\n@inner\ndef write_path"),
        (
            '        out: (len(PATH_METRICS),).\n    """\n',
            '        out: (len(PATH_METRICS),).\n    """\n'
            "    out[0] = ulcer_index(equity, rules.initial_capital, n)\n",
        ),
    )
    edit(
        copy / "store" / "runs" / "columns.py",
        ('frozenset({"volatility", ', 'frozenset({"ulcer_index", "volatility", '),
        ('        "total_return",\n', '        "total_return",\n        "ulcer_index",\n'),
        ('HEADINGS = {"annual', 'HEADINGS = {"ulcer_index": "ulcer", "annual'),
    )


def python(copy, *words):
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_OPT": "1"}  # compiles in half
    environment.pop("NUMBA_CACHE_DIR", None)
    ended = subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.kill
def test_the_ulcer_index_is_two_files_and_what_was_stored_before_promotes(tmp_path, monkeypatch):
    copy = tmp_path / "copy"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(copy)
    with redirect_stdout(StringIO()):
        sweep_cells(
            [make_cell("params.fast=5,10", "params.slow=20,30", executor="inline")], ["before"]
        )
    follow_the_recipe(copy)
    answer = json.loads(python(copy, "-c", BOTH_ENGINES))
    assert answer["metrics"][-1] == "ulcer_index"
    assert answer["apart"] < 1e-12
    assert json.loads(python(copy, "-c", PROMOTE)) == {"verify": "pass"}
    words = (
        "executor=inline",
        "params.fast=5,10,15",
        "params.slow=20,30",
        "search.metric=ulcer_index",
    )
    shown = python(copy, "-m", "sweeper", "-m", *words, "search.mode=min")
    assert re.search(r"ulcer +\S*%|ulcer", shown)
