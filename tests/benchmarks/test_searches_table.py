"""The planted optimum is where it is said to be, and the page says what was measured on it."""

import re

import numpy as np
import pandas as pd
import pytest

from benchmarks.planted.bars import bars, planted
from benchmarks.planted.clues import Params
from benchmarks.report.part import Part
from benchmarks.searches import GRIDS, SEARCHES, Span, area, compared, highest, points
from kernels import evaluate
from tests.documents import DOCS


def rows(part):
    """The cells of the page's table of a part."""
    mark = f"searches-{part}"
    found = re.findall(
        rf"<!-- {mark}: begin -->\n(.*?)\n<!-- {mark}: end -->", DOCS["benchmarks.md"], re.S
    )
    assert len(found) == 1
    lines = [line for line in found[0].splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines[2:]]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_summit_is_where_it_was_planted(seed):
    frame = bars(seed)
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    summit = planted(seed)
    moved = summit + 0.2 * np.vstack([np.zeros(4), np.eye(4), -np.eye(4)])
    params = dict(zip(Params._fields, moved.T, strict=True))
    free = {"commission": 0.0, "slippage": 0.0}
    sharpe = evaluate(columns, "benchmarks.planted.clues", params, free)["sharpe"]
    assert (sharpe[0] > sharpe[1:]).all()


def test_figures_of_runs_by_hand():
    found = pd.DataFrame({"sharpe": [2.0, 1.0, 0.5, -1.0], "max_drawdown": [0.5, 0.2, 0.3, 0.0]})
    assert highest(found) == 2.0
    assert area(found) == pytest.approx((2 - 1) * 0.5 + (1 - 0.5) * 0.8 + 0.5 * 0.8)


def test_seeds_are_paired():
    row = compared("tpe", [1.0, 2.0, 3.0, 4.0, 5.5], [0.5, 1.0, 2.75, 4.75, 4.0])
    assert row == ("tpe", "4 of 5", "3.00", "2.75", "0.16")  # 5 of 32 orders


def test_points_of_a_grid_keep_the_constraint():
    grid = {"fast": Span(2, 5), "slow": Span(3, 5, 0.5)}
    assert np.column_stack(list(points(grid).values())).tolist() == [
        [2, 3], [2, 3.5], [2, 4], [2, 4.5], [3, 3.5], [3, 4], [3, 4.5], [4, 4.5],
    ]  # fmt: skip
    for spans in GRIDS.values():
        assert np.prod([np.arange(*span).size for span in spans.values()]) == 10**6


def test_a_part_is_a_table_of_the_page():
    assert Part("20 seeds.", ("a", "b"), [("x", "1")]).markdown() == [
        *("20 seeds.", "", "| a | b |", "| --- | --- |", "| x | 1 |")
    ]


def test_the_page_has_every_sampler_and_those_that_learn_beat_random():
    found = rows("bayes")
    assert [row[0] for row in found] == list(SEARCHES)
    for name, won, ours, others, p in found:
        if "learns nothing" not in name:
            wins, seeds = map(int, won.split(" of "))
            assert seeds >= 20
            assert wins >= 0.9 * seeds
            assert float(ours) > float(others)
            assert float(p) < 1e-4


def test_the_page_has_refine_near_the_best_of_a_grid_on_the_demo_data():
    found = {row[0]: row for row in rows("refine")}
    assert len(found) == 8
    for name, (_, _, _, ran, reached, _) in found.items():
        assert float(ran.split(": ")[1].removesuffix(" %")) <= 2
        assert reached.endswith("reached") or "sp500" in name
