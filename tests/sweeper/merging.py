"""Sweeps that merge their blocks whenever there are two."""

import numpy as np
import pytest

from store.records import experiment as experiments
from store.runs import segments
from sweeper.config.error_text import Interrupted
from sweeper.run import recorder
from sweeper.run.driver import sweep_cells
from tests.sweeper.interrupting import interrupt_after


def stopped_while_merging(root, cells, command, monkeypatch, blocks):
    """Interrupt a sweep of a store after so many blocks, some of them merged by then."""
    monkeypatch.setattr(segments, "MANY", 1)
    monkeypatch.setattr(recorder, "SAVE_SECONDS", -1.0)
    monkeypatch.setattr(recorder, "SAVE_SHARE", np.inf)
    with monkeypatch.context() as patch:
        interrupt_after(patch, blocks)
        with pytest.raises(Interrupted):
            sweep_cells(cells, command)
    (stopped,) = experiments.every(root)
    assert "segments/000000.parquet" in stopped.files
