"""The first compilation of the kernels is said, to who waits at a terminal."""

import io
import sys

import pytest

from kernels.jit import cache
from sweeper.evaluate.compiling import COMPILING, compiling_note


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("compiled", [True, False])
def test_it_is_said_at_a_terminal_while_nothing_is_compiled(there, compiled, tmp_path, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    monkeypatch.setattr(sys, "stderr", Terminal() if there else io.StringIO())
    (tmp_path / "engine").mkdir()
    if compiled:
        (tmp_path / "engine" / "batch.run-1.py311.nbi").touch()
    assert cache.is_cold() is not compiled
    assert compiling_note() == (COMPILING if there and not compiled else "")
