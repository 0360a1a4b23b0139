"""A sweep over a universe in several processes has the rows of one in a single process."""

import numpy as np
import pytest

from store.query.results import Results
from sweeper.sweep import sweep

pytestmark = pytest.mark.kill

WORDS = (
    "strategy=momentum_rank",
    "data=synthetic_universe",
    "data.size=12",
    "data.bars=240",
    "params.lookback=range(5,25)",
    "params.skip=0,1,2",
    "params.k=2,3",
    "portfolio.cadence=10",
    "output=none",
)


def rows(root):
    table = Results(str(root)).runs("latest").to_pandas().sort_values("run")
    names = [name for name in table if name.startswith(("params.", "block_"))]
    return table[["run", "sharpe", "ic", "turnover", "precision_at_k", *names]]


def equal(one, other):
    assert len(one) == len(other) == 121
    for name in one:
        first, second = (np.stack(list(table[name])) for table in (one, other))
        np.testing.assert_array_equal(first, second)


def test_forked_processes_write_what_this_process_writes(tmp_path):
    for executor in ("inline", "local"):
        sweep(*WORDS, f"executor={executor}", f"store.root={tmp_path / executor}")
    equal(rows(tmp_path / "inline"), rows(tmp_path / "local"))
