"""Commands import what they need and no more: most of a short command's time is imports."""

import subprocess
import sys

import pytest

from sweeper.executors.ray.runtime_env import ROOT

PROGRAM = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
sys.stderr.write(" ".join(sys.modules))
"""

ALWAYS = {"ray", "plotly", "jinja2", "sqlalchemy", "alembic", "optuna", "arch", "openai"}
STORE = {"pandas", "pyarrow", "duckdb", "numba", "scipy", "exchange_calendars", "hydra", "kernels"}
BACKTEST = {"duckdb", "pyarrow.dataset", "store.query.results", "store.runs.compaction"}


def imported(*words, folder):
    """Modules that a command has imported by its end."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set(ended.stderr.split())


def test_a_list_of_experiments_takes_neither_tables_nor_kernels(tmp_path):
    modules = imported("store", "list", folder=tmp_path)
    assert "store.query.experiment_search" in modules
    assert not modules & (ALWAYS | STORE)


def test_one_backtest_takes_nothing_that_sweeps_and_stores_need(tmp_path):
    """Sessions of the exchange come from their file, which the first command has written."""
    words = ("sweeper", "strategy=sma", "data=nasdaq", "output=none")
    quiet = ("hydra.run.dir=.", "hydra.output_subdir=null", "hydra/job_logging=none")
    modules = imported(*words, *quiet, folder=tmp_path)
    assert "kernels.evaluate" in modules
    again = (
        imported(*words, *quiet, folder=tmp_path) if "exchange_calendars" in modules else modules
    )
    assert not again & (ALWAYS | BACKTEST | {"exchange_calendars"})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("package", ["store", "promote"])
def test_help_takes_no_library_of_numbers(package, tmp_path):
    assert not imported(package, "--help", folder=tmp_path) & (ALWAYS | STORE)
