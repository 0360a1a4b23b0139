"""Parallel coordinates, profiles and importance of one family."""

import numpy as np
import pytest

import store.report.parallel_coordinates as lines_module
from store.report.parallel_coordinates import OFF, importance, parallel, profiles
from tests.store.reported import family, grid

NAN = float("nan")


def test_each_line_is_a_run_worst_first():
    axes = grid(fast=(5, 10, 20), slow=(50, 100))
    found = parallel(family(axes, [0.1, 0.6, 0.3, 0.4, 0.5, 0.2]), "sharpe")
    assert [axis.name for axis in found.axes] == ["fast", "slow", "Sharpe"]
    assert found.places[0] == (0.0, 0.0, 0.0)
    assert found.places[-1] == (0.0, 1.0, 1.0)
    assert found.ranks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert found.texts[-1] == "run 2: fast 5 slow 100, Sharpe 0.60"
    assert found.axes[0].ticks == ((0.0, "5"), (0.3333, "10"), (1.0, "20"))
    assert found.note == ""


def test_off_lies_above_and_powers_are_spread():
    axes = {"stop": [NAN, 0.1, 0.2], "rate": [1e-4, 1e-3, 1.0], "n": [1, 2, 3]}
    found = parallel(family(axes, [1, 2, 3]), "max_drawdown")
    assert found.places[0][0] == OFF
    assert (OFF, "off") in found.axes[0].ticks
    assert found.places[1][1] == pytest.approx(0.25, abs=1e-4)


def test_ticks_are_few_and_as_the_values_are():
    axes = {"n": np.arange(100), "share": np.linspace(0, 1, 100), "rate": np.geomspace(1, 1e5, 100)}
    found = parallel(family(axes, np.arange(100)), "trades")
    texts = {axis.name: [text for _, text in axis.ticks] for axis in found.axes}
    assert texts["n"] == ["0", "20", "40", "59", "79", "99"]
    assert texts["share"] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    assert texts["rate"] == ["1", "10", "100", "1000", "10000", "100000"]


def test_of_many_a_part_is_drawn_and_says_so(monkeypatch):
    monkeypatch.setattr(lines_module, "MOST_LINES", 20)
    monkeypatch.setattr(lines_module, "BEST_LINES", 5)
    axes = grid(a=range(10), b=range(10))
    found = parallel(family(axes, np.arange(100)), "sharpe")
    assert len(found.places) == 20
    assert found.ranks[-5:] == tuple(np.round(np.arange(95, 100) / 99, 4))
    assert found.note == "20 of 100 runs: the best 5, and others evenly by rank"


def test_one_parameter_has_no_parallels():
    assert parallel(family({"a": [1, 2]}, [1, 2]), "sharpe") is None


def test_a_flat_metric_still_has_its_axis():
    found = parallel(family(grid(a=(1, 2), b=(1, 2)), np.ones(4)), "sharpe")
    assert {place[-1] for place in found.places} == {0.0}


def test_a_profile_is_the_metric_by_one_parameter():
    axes = grid(fast=(5, 10), slow=range(11))
    (fast, slow) = profiles(family(axes, np.arange(22.0)), {"fast": 5.0, "slow": NAN})
    assert (fast.name, fast.x) == ("fast", (5.0, 10.0))
    assert (fast.low, fast.middle, fast.high) == ((1.0, 12.0), (5.0, 16.0), (9.0, 20.0))
    assert fast.top == (10.0, 21.0)
    assert (fast.best, fast.centre) == (10.0, 5.0)
    assert (slow.best, slow.centre) == (10.0, None)
    worst = profiles(family(axes, np.arange(22.0), highest=False), {})[0]
    assert worst.top == (0.0, 11.0)


def test_the_best_tenth_is_asked_of_large_families_only(monkeypatch):
    axes = grid(fast=range(10), slow=range(10))
    small = importance(family(axes, axes["fast"]))
    assert small.effects == {"fast": pytest.approx(1.0), "slow": 0.0}
    assert small.among_best == {}
    monkeypatch.setattr(lines_module, "MANY", 99)
    assert importance(family(axes, axes["fast"])).among_best == {"fast": 1.0, "slow": 0.0}
