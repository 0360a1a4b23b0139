"""What the table of engines says of given timings, and the grids that are timed."""

import numpy as np
import pytest

from benchmarks.__main__ import benchmarks, main
from benchmarks.peers.grids import AXES, grid
from benchmarks.report.table import (
    HEADER,
    Measured,
    Result,
    digits,
    markdown,
    replace_table,
    verdict,
)
from kernels.registry import load

FOUND = {
    "sweeper": Measured(100, (1e-6, 2e-6, 1e-6), 170.0),
    "vectorbt": Measured(100, (300e-6, 600e-6, 310e-6), 600.0),
    "vectorbt-rust": Measured(100, (200e-6, 300e-6, 250e-6), 500.0),
    "backtesting": Measured(100, (8e-3, 9e-3, 9e-3), 120.0),
}


def result(target, other=None):
    return Result("sma", FOUND, target, other)


def test_ratios_are_taken_round_by_round():
    times = result(200.0).times("vectorbt-rust")
    assert (times.typical, times.lowest, times.highest) == pytest.approx((200.0, 150.0, 250.0))


@pytest.mark.parametrize(("target", "judged"), [(199.0, "199 reached"), (201.0, "201 missed")])
def test_the_target_is_judged_by_the_faster_vectorbt(target, judged):
    assert result(target).judged() == (judged, "")


def test_speed_is_that_of_the_median_round():
    assert FOUND["sweeper"].speed == "10.0 ns a bar, 1,000,000/s, 170 MB"
    assert [digits(x) for x in (0.5917, 12.34, 6570.4)] == ["0.59", "12.3", "6,570"]


def test_a_row_of_the_page_has_a_cell_for_every_column():
    for line in (markdown(result(200.0)), markdown(result(200.0, 8_000.0))):
        assert line.count("|") == HEADER[0].count("|") == HEADER[1].count("|")
    assert "| 8,000 reached |" in markdown(result(200.0, 8_000.0))


def test_the_terminal_shows_every_engine():
    shown = verdict(result(400.0))
    assert "vectorbt-rust  2,500 ns a bar, 4,000/s, 500 MB: times 200 (150 to 250)" in shown
    assert shown.count("target 400 missed") == 2


def test_only_what_stands_between_the_marks_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- x: begin -->\nold\n<!-- x: end -->\nbelow\n")
    replace_table(page, "x", "a machine", ["| row |"])
    text = page.read_text()
    assert text.startswith("above\n<!-- x: begin -->\na machine.\n")
    assert text.endswith("| row |\n<!-- x: end -->\nbelow\n")
    assert "old" not in text
    replace_table(page, "x", "a machine", ["| row |"])
    assert page.read_text() == text


def test_a_page_without_marks_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("<!-- x: begin -->\n")
    with pytest.raises(ValueError, match="no lines <!-- x: begin --> and <!-- x: end -->"):
        replace_table(page, "x", "a machine", [])


@pytest.mark.parametrize("strategy", AXES)
def test_a_grid_is_unique_and_of_about_the_size_asked_for(strategy):
    assert tuple(AXES[strategy]) == load(strategy).fields
    for size in (1, 50, 800):
        columns = grid(strategy, size)
        points = np.column_stack(list(columns.values()))
        assert len(np.unique(points, axis=0)) == len(points)
        assert 0.6 * size <= len(points) <= 1.6 * size


def test_a_grid_never_exceeds_its_axes():
    assert all(column.size == 55 * 199 for column in grid("sma", 10**7).values())


def test_the_folder_is_the_list_of_benchmarks(capsys):
    assert {"engines", "parity"} <= set(benchmarks())
    assert all(benchmarks().values())
    assert main(["speed"]) == 2
    assert "no benchmark 'speed'; there are" in capsys.readouterr().out
