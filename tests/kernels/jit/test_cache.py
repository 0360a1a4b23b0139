"""Compiled kernels are found by a second process, and never outlive an edit."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kernels.jit.cache
from kernels import evaluate
from tests.kernels.market import walk

ROOT = Path(kernels.jit.cache.SOURCES).parent
SECOND = """
import json
from kernels import evaluate
from kernels.engine.batch import run
from tests.kernels.crossing import mean, signal
from tests.kernels.market import walk
final = evaluate(walk(100), "tests.kernels.crossing")["final_equity"][0]
counts = [
    (f.__name__, sum(f.stats.cache_hits.values()), sum(f.stats.cache_misses.values()))
    for f in (run, signal, mean)
]
print(json.dumps([final, counts]))
"""


def files(folder):
    return {path: path.stat().st_mtime_ns for path in Path(folder).rglob("*") if path.is_file()}


def test_a_second_process_compiles_nothing(monkeypatch, tmp_path):
    first = evaluate(walk(100), "tests.kernels.crossing")["final_equity"][0]
    shared = Path(os.environ[kernels.jit.cache.VARIABLE])  # other tests may compile into it
    own = shutil.copytree(shared, tmp_path / shared.name)
    monkeypatch.setenv(kernels.jit.cache.VARIABLE, str(own))
    before = files(own)
    done = subprocess.run(
        [sys.executable, "-c", SECOND], cwd=ROOT, capture_output=True, text=True, check=True
    )
    final, counts = json.loads(done.stdout)
    assert final == first
    assert counts == [["run", 1, 0], ["signal", 1, 0], ["mean", 1, 0]]
    assert files(own) == before


OUTSIDE = """
from typing import NamedTuple
from numba import njit
from kernels.indicators import sma
from kernels.strategy import Row
class Params(NamedTuple):
    length: int = 3
ROWS = (Row(sma, "close", "length"),)
@njit(error_model="numpy")
def signal(indicators, rows, params, out):
    for i in range(out.size):
        out[i] = 1 if indicators[rows[0], i] > 100.0 else 0
"""


def test_a_strategy_outside_the_checkout_is_kept_too(tmp_path, monkeypatch):
    (tmp_path / "outside_rule.py").write_text(OUTSIDE)
    monkeypatch.syspath_prepend(tmp_path)
    first = evaluate(walk(100), "outside_rule")["final_equity"][0]
    second = SECOND.replace("tests.kernels.crossing", "outside_rule").replace("mean", "sma")
    done = subprocess.run(
        [sys.executable, "-c", second],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    final, counts = json.loads(done.stdout)
    assert final == first
    assert counts == [["run", 1, 0], ["signal", 1, 0], ["sma", 1, 0]]


@pytest.fixture
def sources(tmp_path, monkeypatch):
    folder = tmp_path / "kernels"
    (folder / "strategies").mkdir(parents=True)
    (folder / "a.py").write_text("x = 1\n")
    (folder / "strategies" / "b.py").write_text("y = 1\n")
    monkeypatch.setattr(kernels.jit.cache, "SOURCES", folder)
    monkeypatch.setenv(kernels.jit.cache.VARIABLE, os.environ[kernels.jit.cache.VARIABLE])
    return folder


def test_any_edit_moves_the_cache(sources):
    seen = {kernels.jit.cache.source_hash()}
    (sources / "strategies" / "b.py").write_text("y = 2\n")
    seen.add(kernels.jit.cache.source_hash())
    (sources / "a.py").rename(sources / "c.py")
    seen.add(kernels.jit.cache.source_hash())
    assert len(seen) == 3


def test_a_worker_keeps_the_folder_it_inherits(sources, tmp_path, monkeypatch):
    monkeypatch.setattr("numba.config.CACHE_DIR", "")
    monkeypatch.setenv(kernels.jit.cache.VARIABLE, str(tmp_path / "mine"))
    first = kernels.jit.cache.use_source_cache()
    assert first == tmp_path / "mine" / kernels.jit.cache.source_hash()
    assert kernels.jit.cache.use_source_cache() == first
    monkeypatch.delenv(kernels.jit.cache.VARIABLE)
    home = kernels.jit.cache.use_source_cache()
    assert home == tmp_path / ".cache" / "numba" / kernels.jit.cache.source_hash()


def test_a_folder_that_cannot_be_made_is_named(sources, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(kernels.jit.cache.VARIABLE, str(tmp_path / "file"))
    with pytest.raises(OSError, match=r"kernel cache .*; set NUMBA_CACHE_DIR to a folder"):
        kernels.jit.cache.use_source_cache()
