"""The engines that a plan uses, said before it starts."""

import pytest

from sweeper.evaluate.engine_share import engines_line
from tests.sweeper.planned import make_cell, make_plan

SWEPT = ("params.fast=3,5", "params.slow=20,30")


@pytest.mark.parametrize(
    ("sweeps", "sections", "line"),
    [
        ((), {}, ""),
        (("risk.stop_loss=0.02,0.05",), {}, ""),
        ((), {"risk": {"max_bars": 5}}, "Engine: every configuration bar by bar"),
        (("risk.max_bars=null,5",), {}, "Engine: about"),
    ],
)
def test_which_engines(sweeps, sections, line):
    plan = make_plan(make_cell(*SWEPT, *sweeps, **sections))
    got = engines_line(plan.groups)
    assert got.startswith(line)
    assert bool(got) == bool(line)
