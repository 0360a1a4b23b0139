"""Plateaus: by hand on a small grid, against the obvious loop, and where there is no grid."""

import itertools
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from store.analysis import neighbourhoods
from store.analysis.neighbourhoods import NEAREST, neighbours, plateau, ranked

NAN = float("nan")


def grid(*axes):
    """Columns a, b, ... of every combination, the last axis fastest."""
    points = np.array(list(itertools.product(*axes)), np.float64)
    return dict(zip("abcdefgh", points.T, strict=False))


def slow_neighbourhood(columns, place):
    """Which points lie at most one step away in each parameter, one obvious line each."""
    near = np.ones(len(next(iter(columns.values()))), bool)
    for values in columns.values():
        steps = {value: step for step, value in enumerate(np.unique(values))}
        own = steps[values[place]]
        near &= np.array([abs(steps[value] - own) <= 1 for value in values])
    return near


def test_a_grid_of_two_by_hand():
    columns = grid((5, 10, 50), (1, 2, 9))  # steps count, not distances
    metric = np.array([0.9, 0.1, 0.2, 0.3, 0.8, 0.5, 0.4, 0.6, 0.7])
    found = plateau(columns, metric)
    assert found.grid
    assert found.size.tolist() == [4, 6, 4, 6, 9, 6, 4, 6, 4]
    assert found.median[0] == pytest.approx((0.3 + 0.8) / 2)  # of .9 .1 .3 .8
    assert found.median[4] == 0.5
    assert found.median[8] == pytest.approx(0.65)  # of .8 .5 .6 .7
    assert found.score[0] == pytest.approx(0.55 / 0.9)
    assert found.best == 8


EMA = {  # Sharpe ratios of ema on NASDAQ, 1999 to 2014, by slow; fast 5, 10, ..., 25
    50: (0.418, 0.682, 0.616, 0.577, 0.353),
    70: (0.494, 0.476, 0.380, 0.338, 0.442),
    90: (0.441, 0.423, 0.373, 0.334, 0.377),
    110: (0.473, 0.386, 0.367, 0.448, 0.422),
}


def test_the_defaults_fill_their_place_in_the_grid():
    columns = grid(EMA, range(5, 26, 5))
    metric = np.array(list(EMA.values())).ravel()
    best = plateau(columns, metric).best
    assert (columns["a"][best], columns["b"][best]) == (50, 15)
    assert plateau(columns, metric).median[best] == pytest.approx((0.476 + 0.577) / 2)
    hole = (columns["a"] == 50) & (columns["b"] == 20)  # fast=20 slow=50 are the defaults
    without = plateau({name: values[~hole] for name, values in columns.items()}, metric[~hole])
    assert without.median[without.best] < 0.5


def test_one_parameter():
    found = plateau({"a": np.array([30.0, 10.0, 20.0])}, np.array([1.0, 3.0, 2.0]))
    assert found.size.tolist() == [2, 2, 3]
    assert found.median.tolist() == [1.5, 2.5, 2.0]
    assert found.best == 1


def test_a_needle_loses_to_a_plateau():
    columns = grid(range(9), range(9))
    metric = np.zeros(81)
    metric[8 * 9] = 3.0  # a corner
    metric[[30, 31, 32, 39, 40, 41, 48, 49, 50]] = 1.0
    found = plateau(columns, metric)
    assert found.best in (31, 39, 40, 41, 49)  # the middle of the plateau, or of one of its sides
    assert found.score[40] == 1.0
    assert np.isnan(found.score[72])  # the neighbours of the needle earn nothing at all
    assert found.median[72] == 0


@pytest.mark.parametrize("shape", [(6, 6), (10, 10), (5, 4), (12,), (4, 4, 4)])
@pytest.mark.parametrize("noise", ["normal", "exponential"])
def test_on_pure_noise_no_place_of_the_grid_is_preferred(shape, noise):
    columns, draws = grid(*(range(size) for size in shape)), 1000
    values = getattr(np.random.default_rng(7), noise)(size=(draws, np.prod(shape)))
    best = np.array([plateau(columns, one).best for one in values])
    size = plateau(columns, values[0]).size
    for neighbourhood in np.unique(size):
        places = size == neighbourhood
        share = places.mean()
        chance = 2 * np.sqrt(share * (1 - share) / draws)  # two standard errors of a fair choice
        assert abs(places[best].mean() - share) < 0.2 * share + chance


def test_equal_medians_are_stronger_the_more_values_they_are_over():
    columns = grid(range(5), range(5))
    metric = np.zeros(25)
    metric[[0, 1, 5, 6]] = 1.0  # fills the corner's neighbourhood
    metric[[12, 13, 14, 17, 18, 19, 22, 23, 24]] = 1.0  # that of (3, 3)
    judged = plateau(columns, metric)
    assert judged.median[[0, 18]].tolist() == [1.0, 1.0]
    assert judged.strength[18] > judged.strength[0]


def test_strength_by_hand():
    judged = plateau({"a": np.array([10.0, 20.0, 30.0])}, np.array([1.0, 3.0, 2.0]))
    high = NormalDist().inv_cdf((3 - 0.375) / 3.25)  # of ranks 1, 3, 2: -high, high, 0
    variance = (np.pi / 2 / 3.3, np.pi / 2 / (3 + np.pi / 2 - 1))  # of two values, and of three
    pair = [0.5 * (-high + high), 0.5 * (high + 0)]
    tails = [NormalDist(sigma=variance[0] ** 0.5).cdf(-score) for score in pair]
    expected = [0.75 * np.log(2 / 3) - np.log(tail) for tail in tails]
    assert judged.strength[[0, 2]] == pytest.approx(expected)
    assert judged.strength[1] == pytest.approx(-np.log(0.5))


def test_strength_asks_for_ranks_alone():
    columns, metric = grid(range(4), range(5)), np.random.default_rng(2).normal(size=20)
    strength = plateau(columns, metric).strength
    assert plateau(columns, np.exp(5 * metric)).strength.tolist() == strength.tolist()
    assert plateau(columns, -metric, highest=False).strength.tolist() == strength.tolist()


def test_lower_is_better_turns_both():
    columns = grid(range(5), range(5))
    depth = np.full(25, 0.5)
    depth[24], depth[[0, 1, 2, 5, 6, 7, 10, 11, 12]] = 0.1, 0.2
    found = plateau(columns, depth, highest=False)
    assert found.best == 6
    assert found.score[6] == 1.0
    assert found.score[24] == pytest.approx(0.2)  # a lone dip: own 0.1, around it 0.5


def test_a_grid_with_a_constraint_is_one():
    points = np.array([(f, s) for f in range(5, 30) for s in range(10, 60, 2) if f < s], float)
    columns = dict(zip("ab", points.T, strict=True))
    found = plateau(columns, np.arange(len(points), dtype=float))
    assert found.grid
    for place in (0, 17, len(points) - 1):
        assert found.size[place] == slow_neighbourhood(columns, place).sum()


def test_what_has_no_value_is_nobodys_neighbour():
    columns = grid((1, 2, 3), (1, 2, 3))
    metric = np.array([NAN, 9.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    found = plateau(columns, metric)
    assert np.isnan(found.median[0])
    assert np.isnan(found.score[0])
    assert found.size[4] == 8
    assert found.median[3] == 1.0  # of 9 1 2 1 1


def test_what_is_off_has_only_what_is_off_beside_it():
    columns = grid((1, 2, 3), (NAN, 0.1, 0.2, 0.3))
    found = plateau(columns, np.arange(12.0))
    assert found.grid
    assert found.size.tolist() == [2, 4, 6, 4, 3, 6, 9, 6, 2, 4, 6, 4]
    assert plateau(grid((1, 2, 3), (NAN, 0.1)), np.arange(6.0)).size.tolist() == [2, 2, 3, 3, 2, 2]


def test_who_is_nearly_alone_is_not_the_best():
    points = [*itertools.product(range(6), range(6)), (9.0, 9.0)]
    columns = dict(zip("ab", np.array(points, float).T, strict=True))
    metric = np.append(np.ones(36), 50.0)
    found = plateau(columns, metric)
    assert found.grid
    assert (found.size[36], found.median[36]) == (2, 25.5)  # only the corner (5, 5) is next to it
    assert found.best < 36


def test_scattered_points_have_the_nearest():
    rng = np.random.default_rng(4)
    points = rng.random((300, 2))
    hill = 1 - np.hypot(*(points - 0.5).T)
    found = plateau({"a": points[:, 0], "b": 10.0 ** points[:, 1]}, hill)
    assert not found.grid
    assert (found.size == NEAREST).all()
    ranks = points.argsort(axis=0).argsort(axis=0) / 299
    near = np.argsort(np.hypot(*(ranks - ranks[7]).T))[:NEAREST]
    assert found.median[7] == np.median(hill[near])
    assert np.hypot(*(points[found.best] - 0.5)) < 0.1


def test_points_that_come_twice_are_no_grid():
    found = plateau({"a": np.array([1.0, 1.0, 2.0])}, np.array([1.0, 3.0, 2.0]))
    assert not found.grid
    assert found.size.tolist() == [3, 3, 3]
    alike = plateau({"a": np.ones(2)}, np.array([1.0, 3.0]))
    assert (alike.median.tolist(), alike.best) == ([2.0, 2.0], 0)


def test_many_parameters_have_the_nearest():
    found = plateau(grid(*[(0, 1)] * 6), np.arange(64.0))
    assert not found.grid
    assert (found.size == NEAREST).all()


def test_one_none_and_nothing_finite():
    assert plateau({"a": np.array([3.0])}, np.array([0.5])).best == 0
    assert plateau({}, np.array([0.5])).median.tolist() == [0.5]
    assert plateau({"a": np.empty(0)}, np.empty(0)).best is None
    lost = plateau(grid((1, 2), (1, 2)), np.full(4, NAN))
    assert (lost.best, lost.size.max()) == (None, 0)
    scattered = plateau({"a": np.array([1.0, 1.0])}, np.full(2, NAN))
    assert (scattered.best, scattered.size.tolist()) == (None, [0, 0])
    endless = plateau({"a": np.array([1.0, 2.0])}, np.array([np.inf, -np.inf]))
    assert np.isnan(endless.median).all()


@given(
    values=arrays.arrays(np.float64, (4, 3, 5), elements=st.floats(-5, 5) | st.just(NAN)),
    order=st.permutations(range(60)),
)
def test_as_the_obvious_loop_says_in_any_order(values, order):
    metric, columns = values.ravel(), grid(range(4), (0.1, 1, 10), range(5))
    found = plateau({name: one[order] for name, one in columns.items()}, metric[order])
    for place, origin in enumerate(order):
        near = metric[slow_neighbourhood(columns, origin)]
        near = near[~np.isnan(near)]
        if np.isnan(metric[origin]):
            assert np.isnan(found.median[place])
            assert found.size[place] == 0
        else:
            assert found.median[place] == pytest.approx(np.median(near), rel=1e-12)
            assert found.size[place] == near.size


@pytest.mark.parametrize("scattered", [False, True])
def test_medians_are_those_of_the_neighbours(scattered):
    rng = np.random.default_rng(3)
    columns, metric = grid(range(5), range(4)), rng.normal(size=20)
    if scattered:
        columns = {name: rng.normal(size=20) for name in columns}
    metric[[2, 7]] = NAN
    found = plateau(columns, metric)
    assert found.grid is not scattered
    places = np.flatnonzero(~np.isnan(metric))
    for place, row in zip(places, neighbours(columns, metric, places), strict=True):
        near = row[row >= 0]
        assert place in near
        assert (near.size, np.median(metric[near])) == (found.size[place], found.median[place])


def test_neighbours_by_hand():
    columns, metric = grid((1, 2, 3), (1, 2)), np.array([1.0, 2.0, NAN, 4.0, 5.0, 6.0])
    (corner, middle) = neighbours(columns, metric, np.array([0, 3]))
    assert np.sort(corner[corner >= 0]).tolist() == [0, 1, 3]
    assert np.sort(middle[middle >= 0]).tolist() == [0, 1, 3, 4, 5]


def test_only_who_is_not_nearly_alone_can_be_the_best():
    found = plateau({"a": np.arange(4.0)}, np.array([9.0, NAN, 1.0, 2.0]))
    assert found.enough.tolist() == [False, False, True, True]
    assert (found.best, found.size.tolist()) == (2, [1, 0, 2, 2])


def test_parts_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    columns, metric = grid(range(20), range(20)), rng.normal(size=400)
    whole = plateau(columns, metric)
    monkeypatch.setattr("store.analysis.neighbourhoods.CELLS", 100)
    again = plateau(columns, metric)
    assert again.median.tolist() == whole.median.tolist()


def test_a_search_finds_what_the_table_of_cells_holds(monkeypatch):
    """On most of a grid with holes; a table for no cell at all is never made."""
    rng = np.random.default_rng(5)
    columns, metric = grid(range(9), (0.1, 0.3, 1.0), range(7)), rng.normal(size=189)
    kept = rng.permutation(189)[:180]
    columns = {name: values[kept] for name, values in columns.items()}
    metric = np.where(rng.random(180) < 0.1, NAN, metric[kept])
    held = plateau(columns, metric)
    monkeypatch.setattr(neighbourhoods, "SPARSE", 0)
    monkeypatch.setattr(neighbourhoods, "SMALL_TABLE", 0)
    searched = plateau(columns, metric)
    assert held.grid
    assert searched.grid
    assert np.array_equal(held.median, searched.median, equal_nan=True)
    assert (held.size.tolist(), held.best) == (searched.size.tolist(), searched.best)
    assert held.near(np.arange(180)).tolist() == searched.near(np.arange(180)).tolist()


@pytest.mark.parametrize(
    "values",
    [
        np.array([]),
        np.array([0.5, -0.0, 0.0, 0.5]),
        np.array([7.0, 3.0, 1e6, 3.0]),
        np.array([1e18, -1e18, np.inf, -np.inf, np.inf]),
        np.tile([5.0, 2.0, 9.0], 2000),
        np.concatenate([np.zeros(5000), np.linspace(0, 1, 5000)]),
    ],
)
@pytest.mark.parametrize("most", [100_000, 10])
def test_ranks_are_those_of_sorting_all_values(values, most, monkeypatch):
    monkeypatch.setattr(neighbourhoods, "MOST_VALUES", most)
    distinct, rank = ranked(values)
    want, place = np.unique(values, return_inverse=True)
    assert distinct.tolist() == want.tolist()
    assert rank.tolist() == place.tolist()
