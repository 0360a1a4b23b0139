"""From runs to heat maps, histograms and thinned curves."""

import itertools

import numpy as np
import pandas as pd
import pytest

from store.report.equity import MOST_POINTS, thin
from store.report.maps import distribution, heat_map

NAN = float("nan")


def runs(*rows, names=("fast", "slow", "sharpe")):
    return pd.DataFrame(rows, columns=list(names)).assign(window="dev")


def grid(fast, slow):
    rows = [(f, s, f / s) for f, s in itertools.product(fast, slow)]
    return runs(*rows)


def test_a_grid_is_shown_run_by_run():
    frame = runs((5, 20, 0.1), (5, 50, 0.2), (10, 20, NAN), (10, 50, np.inf), (15, 50, 0.4))
    heat = heat_map(frame, ["fast", "slow"], "sharpe", "sma")
    assert (heat.x_name, heat.y_name, heat.x, heat.y) == ("fast", "slow", (5, 15), (20, 50))
    assert heat.z == ((0.1, None), (0.2, 0.4))
    assert heat.note == ""


def test_other_parameters_and_windows_give_way_to_their_median():
    rows = [
        (fast, slow, stop, 10 * fast + slow + stop)
        for fast, slow, stop in itertools.product((1, 2, 3), (4, 5, 6), (0.0, 0.1))
    ]
    frame = runs(*rows, names=("fast", "slow", "stop_loss", "sharpe"))
    heat = heat_map(frame, ["stop_loss", "fast", "slow"], "sharpe", "")
    assert (heat.x_name, heat.y_name) == ("fast", "slow")
    assert heat.z[0][0] == pytest.approx(14.05)
    assert heat.note == "Median over stop_loss"
    both = pd.concat([frame, frame.assign(window="test")])
    assert heat_map(both, ["stop_loss", "fast", "slow"], "sharpe", "").note == (
        "Median over stop_loss, 2 windows"
    )


def test_a_setting_that_is_off_has_no_place_on_an_axis():
    frame = runs((5, NAN, 0.1), (5, 0.02, 0.2), (10, 0.05, 0.3), (10, NAN, 0.4))
    heat = heat_map(frame, ["fast", "slow"], "sharpe", "")
    assert heat.y == (0.02, 0.05)
    assert heat.note == "Without the runs that have slow off"


def test_one_parameter_alone():
    heat = heat_map(runs((5, 50, 0.1), (10, 50, 0.3)), ["fast", "slow"], "sharpe", "")
    assert (heat.x_name, heat.x, heat.y_name, heat.z) == ("fast", (5, 10), "", ((0.1, 0.3),))


def test_nothing_to_show():
    assert heat_map(runs((5, 50, 0.1), (5, 50, 0.3)), ["fast", "slow"], "sharpe", "") is None
    assert heat_map(runs((5, 50, NAN), (6, 60, NAN)), ["fast", "slow"], "sharpe", "") is None


def test_many_whole_values_are_binned_by_whole_steps():
    heat = heat_map(grid(range(1, 251), (20, 50)), ["fast", "slow"], "sharpe", "")
    assert len(heat.x) == 50
    assert heat.x[:2] == (3.0, 8.0)  # 1..5, 6..10
    assert heat.z[0][0] == pytest.approx(3 / 20)
    assert heat.note == "Median over bins of fast"


def test_wide_ranges_are_binned_on_a_log_scale():
    values = np.geomspace(1e-4, 1, 400)
    heat = heat_map(grid(values, (20, 50)), ["fast", "slow"], "sharpe", "")
    steps = np.diff(np.log(heat.x))
    assert steps == pytest.approx(np.log(1e4) / 50, rel=0.1)


def test_a_random_search_gets_cells_with_several_runs_each():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.random((400, 3)), columns=["fast", "slow", "sharpe"])
    heat = heat_map(frame.assign(window="dev"), ["fast", "slow"], "sharpe", "", grid=False)
    assert (len(heat.x), len(heat.y)) == (10, 10)
    assert sum(value is None for row in heat.z for value in row) < 10


def test_a_distribution_counts_every_finite_run_or_says_so():
    values = np.concatenate([np.linspace(0, 1, 400), [NAN, np.inf, 1e9]])
    shown = distribution(values, "sharpe")
    assert sum(shown.counts) == 400
    assert len(shown.edges) == len(shown.counts) + 1
    assert shown.note.startswith("3 runs far off")
    assert distribution(np.linspace(0, 1, 50), "sharpe").note == ""
    assert sum(distribution(np.full(7, 0.5), "sharpe").counts) == 7
    assert distribution(np.array([NAN]), "sharpe") is None


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
