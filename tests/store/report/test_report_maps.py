"""From runs to heat maps and thinned curves."""

import numpy as np
import pytest

from store.report.equity import MOST_POINTS, thin
from store.report.heat_map import Cells, _medians, heat_map
from tests.store.reported import grid

NAN = float("nan")


def columns(*rows, names=("fast", "slow")):
    """Axes and, from the last place of each row, the metric."""
    table = np.array(rows, np.float64).T
    return dict(zip(names, table[:-1], strict=True)), table[-1]


def heat_of(axes, metric, **options):
    return heat_map(axes, metric, "sharpe", "sma", **options)


def test_a_grid_is_shown_run_by_run():
    rows = (5, 20, 0.1), (5, 50, 0.2), (10, 20, NAN), (10, 50, np.inf), (15, 50, 0.4)
    heat = heat_of(*columns(*rows), best=4, centre=1)
    assert (heat.x_name, heat.y_name, heat.x, heat.y) == ("fast", "slow", (5, 15), (20, 50))
    assert heat.z == ((0.1, None), (0.2, 0.4))
    assert (heat.note, heat.single_steps) == ("", True)
    assert (heat.best, heat.centre) == ((1, 1), (0, 1))


def test_other_parameters_are_cut_where_the_plateau_is():
    axes = grid(stop_loss=(0.0, 0.1), fast=(1, 2, 3), slow=(4, 5, 6))
    metric = 10 * axes["fast"] + axes["slow"] + axes["stop_loss"]
    heat = heat_of(axes, metric, best=17, centre=4)
    assert (heat.x_name, heat.y_name) == ("fast", "slow")
    assert heat.z[0][0] == 14.0
    assert heat.note == "At stop_loss 0, where the best plateau is"
    assert (heat.best, heat.centre) == (None, (1, 1))  # the best has another stop_loss


def test_what_is_off_can_be_where_the_plateau_is():
    axes = grid(stop_loss=(NAN, 0.1), fast=(1, 2, 3), slow=(4, 5, 6))
    axes["take_profit"] = np.tile([0.1, 0.2], 9)
    heat = heat_of(axes, np.arange(18.0), centre=0)
    assert heat.note == "At stop_loss off, take_profit 0.1, where the best plateau is"
    assert heat.z[0][0] == 0.0


def test_without_a_plateau_or_a_grid_others_give_way_to_their_median():
    axes = grid(stop_loss=(0.0, 0.1), fast=(1, 2, 3), slow=(4, 5, 6))
    metric = 10 * axes["fast"] + axes["slow"] + axes["stop_loss"]
    heat = heat_of(axes, metric)
    assert heat.z[0][0] == pytest.approx(14.05)
    assert heat.note == "Median over stop_loss"
    assert heat_of(axes, metric, centre=4, grid=False).note == "Median over stop_loss"


def test_a_setting_that_is_off_has_no_place_on_an_axis():
    rows = (5, NAN, 0.1), (5, 0.02, 0.2), (10, 0.05, 0.3), (10, NAN, 0.4)
    heat = heat_of(*columns(*rows), best=3)
    assert heat.y == (0.02, 0.05)
    assert heat.note == "Without the runs that have slow off"
    assert heat.best is None


def test_one_parameter_alone():
    heat = heat_of(*columns((5, 50, 0.1), (10, 50, 0.3)), best=1)
    assert (heat.x_name, heat.x, heat.y_name, heat.z) == ("fast", (5, 10), "", ((0.1, 0.3),))
    assert heat.best == (1, 0)


def test_nothing_to_show():
    assert heat_of(*columns((5, 50, 0.1), (5, 50, 0.3))) is None
    assert heat_of(*columns((5, 50, NAN), (6, 60, NAN))) is None


def test_many_whole_values_are_binned_by_whole_steps():
    axes = grid(fast=range(1, 251), slow=(20, 50))
    heat = heat_of(axes, axes["fast"] / axes["slow"], best=2)
    assert len(heat.x) == 50
    assert heat.x[:2] == (3.0, 8.0)  # 1..5, 6..10
    assert heat.z[0][0] == pytest.approx(3 / 20)
    assert (heat.note, heat.single_steps) == ("Median over bins of fast", False)
    assert heat.best == (0, 0)


def test_wide_ranges_are_binned_on_a_log_scale():
    axes = grid(fast=np.geomspace(1e-4, 1, 400), slow=(20, 50))
    steps = np.diff(np.log(heat_of(axes, axes["fast"]).x))
    assert steps == pytest.approx(np.log(1e4) / 50, rel=0.1)


def test_a_random_search_gets_cells_with_several_runs_each():
    rng = np.random.default_rng(5)
    fast, slow, metric = rng.random((3, 400))
    heat = heat_of({"fast": fast, "slow": slow}, metric, grid=False)
    assert (len(heat.x), len(heat.y)) == (10, 10)
    assert sum(value is None for row in heat.z for value in row) < 10


def test_short_curves_are_drawn_whole():
    assert thin([np.ones(MOST_POINTS)]).size == MOST_POINTS


def test_long_curves_keep_their_ends_and_extremes():
    rng = np.random.default_rng(3)
    curves = [np.exp(np.cumsum(rng.normal(0, 0.01, 100_000))) for _ in range(3)]
    kept = thin(curves)
    assert kept.size <= MOST_POINTS
    assert (kept[0], kept[-1]) == (0, 99_999)
    assert (np.diff(kept) > 0).all()
    for curve in curves:
        assert {int(curve.argmax()), int(curve.argmin())} <= set(kept.tolist())


@pytest.mark.parametrize("n", [30, 3_000])  # few and many values a cell
def test_a_cell_is_the_median_of_its_values(n):
    draw = np.random.default_rng(n)
    x, y, values = draw.integers(0, 3, n), draw.integers(0, 4, n), draw.normal(size=n)
    table = _medians(Cells(np.arange(3.0), x), Cells(np.arange(4.0), y), values)
    for row, column in np.ndindex(4, 3):
        own = values[(x == column) & (y == row)]
        np.testing.assert_equal(table[row, column], np.median(own) if own.size else np.nan)
