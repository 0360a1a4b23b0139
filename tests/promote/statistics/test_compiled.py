"""Compiled statistics are found by a second process, and never outlive an edit."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from promote.statistics import cscv, cscv_scan, long_run_variance, spa, spa_blocks, weighted_maxima

ROOT = Path(cscv_scan.__file__).parents[2]
WORK = """
table = np.random.default_rng(1).standard_normal((40, 5))
cscv(table[:4], table[:4] ** 2, np.full(4, 9))
spa(table, 100)
spa_blocks(table[:32], table[:32] ** 2, np.full(32, 9), resamples=100)
"""
SECOND = f"""
import json
import numpy as np
from promote.statistics import cscv, spa, spa_blocks
from promote.statistics import cscv_scan, long_run_variance, weighted_maxima
{WORK}
functions = (
    *(cscv_scan.choose, cscv_scan.rank, long_run_variance.bootstrap_variance),
    weighted_maxima.weighted_maxima,
)
print(json.dumps([sum(f.stats.cache_misses.values()) for f in functions]))
"""


def test_a_second_process_compiles_nothing():
    exec(WORK, {"np": np, "cscv": cscv, "spa": spa, "spa_blocks": spa_blocks})
    done = subprocess.run(
        [sys.executable, "-c", SECOND], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "module", [cscv_scan, long_run_variance, weighted_maxima], ids=lambda module: module.__name__
)
def test_compiled_code_holds_nothing_of_other_files(module):
    """An edit of another file would not compile it again; types are no part of it."""
    tree = ast.parse(Path(module.__file__).read_text())
    names = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert names <= {"math", "numpy", "numba", "kernels.jit.array_types"}
