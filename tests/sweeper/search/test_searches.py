"""One contract for every file of sweeper/search; a new file fails until it has its cases here."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sweeper.config.search import Goal
from sweeper.search import load, names, options
from sweeper.search import plan as planned
from sweeper.space.axes import Choices, Interval, Range
from sweeper.space.constraint import Constraint
from sweeper.space.space import Space
from tests.sweeper.search.test_learners import CASES as LEARNERS

GRID = (Range("params.fast", 5, 1, 20), Range("params.slow", 5, 3, 10))
MIXED = (
    Interval("params.fast", 1.0, 100.0, log=True),
    Interval("params.slow", 1, 100, integer=True),
    Choices("risk.stop_loss", [np.nan, 0.02, 0.05]),
)
ORDERED = Constraint("fast < slow")

CASES = {
    "grid": {
        "plain": (Space(GRID), None),
        "ordered": (Space(GRID, ORDERED), None),
        "no axis": (Space(()), None),
    },
    "list": {
        "plain": (Space(GRID), None),
        "ordered": (Space(GRID, ORDERED), None),
    },
    "random": {
        "plain": (Space(GRID), 60),
        "ordered": (Space(GRID, ORDERED), 60),
        "all there are": (Space(GRID, ORDERED), 10_000),
        "mixed": (Space(MIXED, ORDERED), 300),
        "whole interval": (Space((*GRID, Interval("z", -5, 5, integer=True))), 500),
        "beyond int64": (Space(tuple(Range(c, 0, 1, 1000) for c in "abcdefgh")), 300),
        "no axis": (Space(()), 5),
    },
}
ALL = [(kind, case) for kind, cases in CASES.items() for case in cases]
every_case = pytest.mark.parametrize(("kind", "case"), ALL)


SHARPE = (Goal("sharpe", "max"),)


def make(kind, space, n=None, seed=0):
    """A search; a list has every point of the space."""
    rows = space.values(np.arange(space.size)) if kind == "list" else None
    return planned(kind, space, {"n": n, "seed": seed, "goals": SHARPE, "rows": rows})


def plan(kind, case, seed=0):
    space, n = CASES[kind][case]
    return make(kind, space, n, seed)


def everything(search):
    return search.points(0, search.size())


def test_every_search_has_cases():
    """Here, or in test_learners.py if it learns."""
    assert {*CASES, *LEARNERS} == set(names())


@every_case
def test_points_are_inside_the_space_and_marked_by_its_constraint(kind, case):
    space, _ = CASES[kind][case]
    values, valid = everything(plan(kind, case))
    assert values.shape == (valid.size, len(space.axes))
    assert values.dtype == np.float64
    assert valid.dtype == np.bool_
    np.testing.assert_array_equal(valid, space.valid(values))
    for axis, column in zip(space.axes, values.T, strict=True):
        if isinstance(axis, Interval):
            assert ((axis.low <= column) & (column <= axis.high)).all()
            assert not axis.integer or (column == np.rint(column)).all()
        else:
            assert all(axis.find(value) is not None for value in column)


@every_case
def test_count_is_the_number_of_valid_points(kind, case):
    search = plan(kind, case)
    assert search.count() == everything(search)[1].sum() > 0


@every_case
@given(st.data())
@settings(max_examples=20)
def test_points_can_be_cut_anywhere(kind, case, data):
    search = plan(kind, case)
    values, valid = everything(search)
    start = data.draw(st.integers(0, search.size()))
    stop = data.draw(st.integers(start, search.size()))
    some, some_valid = search.points(start, stop)
    np.testing.assert_array_equal(some, values[start:stop])
    np.testing.assert_array_equal(some_valid, valid[start:stop])


@every_case
def test_the_same_plan_in_another_process_has_the_same_points(kind, case):
    search = plan(kind, case, seed=5)
    sent = pickle.dumps(search)
    assert len(sent) < 5000 or kind == "list"
    np.testing.assert_array_equal(everything(pickle.loads(sent))[0], everything(search)[0])
    np.testing.assert_array_equal(everything(plan(kind, case, seed=5))[0], everything(search)[0])


@every_case
def test_listed_values_and_whole_ranges_never_repeat(kind, case):
    search = plan(kind, case)
    values = everything(search)[0]
    if case != "mixed":
        assert len(np.unique(values, axis=0)) == search.size()


@every_case
def test_notes_of_the_axes_are_passed_on(kind, case):
    space, n = CASES[kind][case]
    noted = Choices("params.w", [1.0], note="params.w: 1 repeated value(s) dropped")
    search = make(kind, Space((*space.axes, noted), space.constraint), n)
    assert noted.note in search.notes


@pytest.mark.parametrize("kind", names())
def test_its_config_file_has_its_keys_and_defaults(kind):
    path = Path(__file__).parents[3] / "conf" / "search" / f"{kind}.yaml"
    config = OmegaConf.load(path)
    assert list(config)[:7] == ["kind", "n", "seed", "metric", "mode", "prune", "require"]
    assert config.kind == kind
    assert {key: config[key] for key in list(config)[7:]} == options(kind)


@pytest.mark.parametrize("kind", CASES)
def test_a_constraint_that_nothing_meets_is_refused(kind):
    n = next(iter(CASES[kind].values()))[1]
    with pytest.raises(ValueError, match="constraint 'fast < 0': met by") as error:
        make(kind, Space(GRID, Constraint("fast < 0")), n)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("n", [0, -1])
def test_no_points_are_refused(kind, n):
    with pytest.raises(ValueError, match=rf"search.n: .*got {n}"):
        make(kind, Space(GRID), n)


def test_an_unknown_search_lists_those_there_are():
    with pytest.raises(ValueError, match=r"no search 'gird'; did you mean grid\?"):
        load("gird")
    with pytest.raises(ValueError, match=r"no search '../evil'"):
        load("../evil")


# grid


def test_a_grid_is_the_product_in_order():
    search = make("grid", Space(GRID, ORDERED))
    values, valid = everything(search)
    want = [(fast, slow) for fast in range(5, 25) for slow in range(5, 35, 3)]
    assert values.tolist() == [list(pair) for pair in want]
    assert valid.tolist() == [fast < slow for fast, slow in want]


def test_a_grid_refuses_what_it_cannot_enumerate():
    with pytest.raises(ValueError, match=r"params.fast: .*cannot be enumerated; use search=random"):
        make("grid", Space(MIXED))
    with pytest.raises(ValueError, match=r"search: a grid of 1\.0e\+24 points has no end"):
        make("grid", CASES["random"]["beyond int64"][0])
    with pytest.raises(ValueError, match=r"search.n: a grid runs every point, got 100"):
        make("grid", Space(GRID), 100, 0)


# random


def test_random_draws_all_points_when_there_are_fewer_than_asked():
    search = plan("random", "all there are")
    space = CASES["random"]["all there are"][0]
    assert search.size() == space.size
    assert search.count() == space.count_valid()
    assert "fewer than 10,000: all are run" in search.notes[0]
    assert plan("random", "ordered").notes == ()


@pytest.mark.parametrize("case", ["plain", "ordered", "mixed"])
def test_random_stops_right_at_the_last_point_wanted(case):
    search = plan("random", case)
    assert search.count() == CASES["random"][case][1]
    assert everything(search)[1][-1]


@pytest.mark.parametrize("space", [Space(GRID, ORDERED), Space(MIXED, ORDERED)])
def test_more_points_keep_the_earlier_ones(space):
    few, many = (make("random", space, n, 3) for n in (20, 50))
    np.testing.assert_array_equal(everything(few)[0], many.points(0, few.size())[0])


@pytest.mark.parametrize("case", ["plain", "mixed", "beyond int64"])
def test_the_seed_changes_the_points(case):
    first, second = (everything(plan("random", case, seed))[0][:50] for seed in (0, 1))
    assert (first == second).all(axis=1).sum() < 5


@pytest.mark.parametrize("axes", [GRID, MIXED])
def test_random_needs_n(axes):
    with pytest.raises(ValueError, match=r"search.n: random needs how many"):
        make("random", Space(axes))


def test_a_constraint_that_almost_nothing_meets_is_refused(monkeypatch):
    monkeypatch.setattr("sweeper.search.random.PATIENCE", 100_000)
    space = Space(tuple(Range(c, 0, 1, 1000) for c in "abc"), Constraint("a + b + c < 10"))
    with pytest.raises(ValueError, match=r"met by \d of 131,072 draws; narrow the ranges"):
        make("random", space, 10, 0)


def test_random_points_are_uniform_and_their_axes_independent():
    axes = (Interval("a", 0.0, 1.0), Interval("b", 1.0, 1e4, log=True), Range("c", 0, 1, 5))
    values, _ = everything(make("random", Space(axes), 50_000, 11))
    digits = np.column_stack(
        [values[:, 0] * 4, np.log10(values[:, 1]), values[:, 2]],
    ).astype(int)
    counts = np.bincount(digits @ [20, 5, 1], minlength=80)
    statistic = ((counts - 625) ** 2 / 625).sum()
    assert abs(statistic - 79) < 5 * np.sqrt(2 * 79)


def test_valid_random_points_are_uniform_among_the_valid():
    space = Space((Range("a", 0, 1, 40), Range("b", 0, 1, 40)), Constraint("a < b"))
    counts = np.zeros(1600)
    for seed in range(300):
        values, valid = everything(make("random", space, 78, seed))
        np.add.at(counts, (values[valid] @ [40, 1]).astype(int), 1)
    drawn = counts[counts > 0]
    assert drawn.size == 780
    # drawn without replacement: the variance of a count is 300 * 0.1 * 0.9
    assert abs(((drawn - 30) ** 2 / 27).sum() - 779) < 5 * np.sqrt(2 * 779)
