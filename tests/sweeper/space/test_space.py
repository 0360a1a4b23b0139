import itertools
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.space.axes import Choices, Interval, Range
from sweeper.space.constraint import Constraint
from sweeper.space.space import Space


def ranges(**sizes):
    return tuple(Range(f"params.{name}", 0, 1, size) for name, size in sizes.items())


lists = st.lists(st.integers(-5, 5) | st.sampled_from([0.5, float("nan")]), min_size=1, max_size=5,
                 unique_by=str)  # fmt: skip
discrete = lists.map(lambda values: Choices("", values)) | st.builds(
    Range, st.just(""), st.integers(-5, 5), st.sampled_from([-3, 1, 2]), st.integers(1, 5)
)


def named(axes):
    return tuple(
        Choices(name, a.values) if isinstance(a, Choices) else Range(name, a.start, a.step, a.size)
        for name, a in zip("abcd", axes, strict=False)
    )


spaces = st.lists(discrete, max_size=4).map(named).map(Space)


@given(spaces)
def test_points_are_the_product_with_the_last_axis_fastest(space):
    columns = [axis.at(np.arange(axis.size)).tolist() for axis in space.axes]
    want = np.array(list(itertools.product(*columns)))
    assert space.size == len(want)
    np.testing.assert_array_equal(space.values(np.arange(space.size)), want)


@given(spaces, st.data())
def test_index_of_undoes_values(space, data):
    number = data.draw(st.integers(0, space.size - 1))
    (point,) = space.values(np.array([number]))
    assert space.index_of(point) == number


def test_a_point_off_the_grid_has_no_index():
    axes = (Range("a", 5, 5, 3), Choices("b", [0.1, 0.2]))
    assert Space(axes).index_of([10, 0.2]) == 3
    off = [(7, 0.1), (0, 0.1), (20, 0.1), (10.5, 0.1), (10, 0.3), (np.nan, 0.1), (np.inf, 0.1)]
    assert [Space(axes).index_of(point) for point in off] == [None] * len(off)
    assert Space((*axes, Interval("c", 0.0, 1.0))).index_of([10, 0.2, 0.5]) is None


def test_sizes_beyond_int64_are_python_ints():
    assert Space(ranges(**dict.fromkeys("abcdefgh", 1000))).size == 10**24
    assert Space(()).size == 1
    assert Space(()).values(np.arange(1)).shape == (1, 0)


def test_an_interval_has_no_size():
    space = Space((Interval("params.x", 0.0, 1.0),))
    with pytest.raises(ValueError, match=r"params.x: interval\(0.0,1.0\) cannot be enumerated"):
        _ = space.size


CONSTRAINTS = [
    "a < b",
    "a * 2 <= b and c > 1",
    "a < b < c",
    "a < b and c < d and d != 2",
    "a < b and c < d and b < c",
    "a == b or not c < d",
    "(a + b + c + d) % 3 == 0",
    "params.a < limit",
    "params.limit > 3 and a < 2",
    "limit < 3",
    "limit > 3",
]


@pytest.mark.parametrize("text", CONSTRAINTS)
@pytest.mark.parametrize("block", [2**17, 3])
def test_count_valid_is_brute_force(text, block, monkeypatch):
    monkeypatch.setattr("sweeper.space.space.BLOCK", block)
    space = Space(ranges(a=4, b=7, c=5, d=3), Constraint(text), {"params.limit": 3.5})
    points = itertools.product(range(4), range(7), range(5), range(3))
    code = text.replace("params.", "")
    want = [eval(code, dict(zip("abcd", p, strict=True)) | {"limit": 3.5}) for p in points]
    assert space.valid(space.values(np.arange(space.size))).tolist() == want
    assert space.count_valid() == sum(want)


def test_count_valid_without_a_constraint_is_the_size():
    assert Space(ranges(a=10**6, b=10**6, c=10**6)).count_valid() == 10**18


def test_untied_clauses_are_counted_apart():
    space = Space(ranges(a=5000, b=5000, c=5000, d=5000, e=10), Constraint("a < b and c < d"))
    assert space.count_valid() == (5000 * 4999 // 2) ** 2 * 10


def test_a_large_plan_costs_no_memory():
    space = Space(ranges(fast=1000, slow=1000, hold=100), Constraint("0 < fast < slow"))
    tracemalloc.start()
    try:
        count = space.count_valid()
        points = space.values(np.arange(space.size - 10, space.size))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 999 * 998 // 2 * 100
    assert points[-1].tolist() == [999, 999, 99]
    assert peak < 20e6


def test_too_many_tied_combinations_are_refused():
    space = Space(ranges(a=10**5, b=10**5), Constraint("a < b"))
    with pytest.raises(ValueError, match=r"ties 10,000,000,000 combinations.*search=random"):
        space.count_valid()


def test_a_swept_number_hides_the_fixed_one():
    space = Space(ranges(slow=10), Constraint("slow > fast"), {"params.slow": -1.0, "fast": 4.0})
    assert space.valid(space.values(np.arange(10))).tolist() == [False] * 5 + [True] * 5


@pytest.mark.parametrize(
    ("axes", "constraint", "reason"),
    [
        (ranges(a=2) + ranges(a=3), None, "a: swept twice"),
        ((*ranges(a=2), Range("a", 0, 1, 2)), None, "a: swept twice"),
        (
            ranges(fast=2),
            "fast < slwo",
            r"no parameter 'slwo'; did you mean slow\? known here: fast, slow",
        ),
        (ranges(fast=2), "params < 1", "no parameter 'params'"),
    ],
)
def test_a_bad_space_is_refused(axes, constraint, reason):
    with pytest.raises(ValueError, match=reason):
        Space(axes, constraint and Constraint(constraint), {"params.slow": 50})


def test_notes_come_from_the_axes():
    axes = (Choices("a", [1.0], note="a: 1 repeated value(s) dropped"), *ranges(b=2))
    assert Space(axes).notes == ("a: 1 repeated value(s) dropped",)


def test_it_survives_a_pickle_and_its_values_are_read_only():
    given = np.array([3.0, 4.0])
    axis = Choices("a", given)
    given[0] = 9  # the caller's array stays the caller's
    space = pickle.loads(pickle.dumps(Space((axis,), Constraint("a > 3"))))
    assert space.valid(space.values(np.arange(2))).tolist() == [False, True]
    with pytest.raises(ValueError, match="read-only"):
        axis.values[0] = 1


@pytest.mark.parametrize(
    ("values", "integer", "reason"),
    [([], False, "at least one"), ([np.inf], False, "finite"), ([1e300], True, "whole numbers")],
)
def test_choices_check_their_values(values, integer, reason):
    with pytest.raises(ValueError, match=f"a: .*{reason}"):
        Choices("a", np.array(values), integer)


@given(st.floats(0, 1, exclude_max=True), st.floats(1e-9, 1e9), st.floats(1e-3, 1e9))
def test_an_interval_stays_within_its_bounds(uniform, low, width):
    ends = np.array([0.0, uniform, 1 - 2**-53])
    for axis in (Interval("a", low, low + width, log=True), Interval("a", low, low + width)):
        values = axis.quantile(ends)
        assert (low <= values).all()
        assert (values < low + width).all()
        assert (np.diff(values) >= 0).all()


@pytest.mark.parametrize(("low", "high"), [(1e-3, 10.0), (1.0, 1e6), (1e-300, 1e300)])
def test_a_log_interval_is_uniform_in_the_exponent(low, high):
    uniform = np.linspace(0, 1, 1001, endpoint=False)
    values = Interval("a", low, high, log=True).quantile(uniform)
    want = np.log(low) + uniform * (np.log(high) - np.log(low))
    np.testing.assert_allclose(np.log(values), want, rtol=0, atol=1e-12)


@pytest.mark.parametrize("log", [False, True])
def test_a_whole_number_interval_includes_both_ends(log):
    axis = Interval("a", 3, 7, integer=True, log=log)
    values = axis.quantile(np.linspace(0, 1, 10_000, endpoint=False))
    numbers, counts = np.unique(values, return_counts=True)
    assert numbers.tolist() == [3, 4, 5, 6, 7]
    if log:
        edges = np.log(np.arange(3, 9) - 0.5)
        np.testing.assert_allclose(counts, np.diff(edges) / (edges[-1] - edges[0]) * 1e4, atol=1.5)
    else:
        np.testing.assert_allclose(counts, 2000, atol=1.5)


def test_a_whole_number_interval_as_a_range():
    assert Interval("a", 3, 7, integer=True).as_range() == Range("a", 3, 1, 5)
    assert Interval("a", 3, 7, integer=True, log=True).as_range() is None
    assert Interval("a", 3, 7).as_range() is None
