import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from sweeper.space.axes import EXACT, Choices, Interval, Range
from sweeper.space.override_grammar import axis_from_override, axis_from_text, is_numeric_sweep


def parse(text):
    return OverridesParser.create().parse_override(text)


def listed(axis):
    return axis.at(np.arange(axis.size)).tolist()


@pytest.mark.parametrize(
    ("text", "values", "integer"),
    [
        ("5,10,20", [5, 10, 20], True),
        ("10,5", [10, 5], True),
        ("choice(1,2.5)", [1, 2.5], False),
        ("1e3,-2", [1000, -2], False),
        ("5", [5], True),
        ("-0.5", [-0.5], False),
        ("range(5,9)", [5, 6, 7, 8], True),
        ("range(3)", [0, 1, 2], True),
        ("range(20,31,5)", [20, 25, 30], True),
        ("range(20,30,5)", [20, 25], True),
        ("range(10,1,-3)", [10, 7, 4], True),
        ("range(start=1,stop=4)", [1, 2, 3], True),
        ("range(0,1,0.25)", [0, 0.25, 0.5, 0.75], False),
        ("range(1,0,-0.5)", [1, 0.5], False),
        ("range(0.1,1,0.1)", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], False),
        ("range(0.01,0.1,0.01)", [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09], False),
        ("range(0.5,0.1,-0.1)", [0.5, 0.4, 0.3, 0.2], False),
        ("range(-0.3,0.3,0.1)", [-0.3, -0.2, -0.1, 0, 0.1, 0.2], False),
        ("range(0,1e-4,5e-5)", [0, 5e-5], False),
        ("range(2,0.1,-0.3)", [2, 1.7, 1.4, 1.1, 0.8, 0.5, 0.2], False),
        ("range(1e15,3e15,1e15)", [1e15, 2e15], False),
        ("float(range(1,4))", [1, 2, 3], False),
        ("int(1.5,2.5)", [1, 2], True),
        ("sort(3,1,2)", [1, 2, 3], True),
        ("sort(3,1,2,reverse=true)", [3, 2, 1], True),
        ("sort(range(10,1,-1))", list(range(2, 11)), True),
        ("sort(range(1,10,3),reverse=true)", [7, 4, 1], True),
    ],
)  # fmt: skip
def test_discrete_forms(text, values, integer):
    axis = axis_from_text("params.x", text)
    assert listed(axis) == values
    assert axis.integer is integer
    assert axis.name == "params.x"


@pytest.mark.parametrize("text", ["range(9)", "4,3", "range(20,10,-4)", "sort(4,3)"])
def test_values_are_those_of_hydras_own_iterator(text):
    assert listed(axis_from_text("x", text)) == list(parse(f"x={text}").sweep_iterator())


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("interval(0.1,2)", Interval("x", 0.1, 2.0)),
        ("int(interval(5,60))", Interval("x", 5, 60, integer=True)),
        ("tag(log,interval(1e-3,1))", Interval("x", 1e-3, 1.0, log=True)),
        ("tag(log,int(interval(1,100)))", Interval("x", 1, 100, integer=True, log=True)),
        ("int(tag(log,interval(1,100)))", Interval("x", 1, 100, integer=True, log=True)),
    ],
)
def test_intervals(text, axis):
    assert axis_from_text("x", text) == axis


@given(
    start=st.decimals(-100, 100, places=3),
    step=st.decimals("0.001", 5, places=3),
    count=st.integers(1, 200),
    down=st.booleans(),
)
def test_a_range_of_fractions_has_the_values_that_one_would_type(start, step, count, down):
    step = -step if down else step
    typed = [float(str(start + place * step)) for place in range(count)]
    stop = start + count * step
    assert listed(axis_from_text("x", f"range({start:f},{stop:f},{step:f})")) == typed


def test_a_huge_range_lists_nothing():
    axis = axis_from_text("x", "range(0,100000000)")
    assert axis == Range("x", 0, 1, 10**8)
    assert axis.at(np.array([10**8 - 1])).tolist() == [10**8 - 1]


@pytest.mark.parametrize("text", ["shuffle(range(0,50))", "shuffle(4,5,6,7,8,9,10)"])
def test_shuffle_follows_the_seed(text):
    first = listed(axis_from_text("x", text, seed=1))
    assert first == listed(axis_from_text("x", text, seed=1))
    assert first != listed(axis_from_text("x", text, seed=2))
    assert first != listed(axis_from_text("y", text, seed=1))
    assert sorted(first) == list(range(int(min(first)), int(max(first)) + 1))
    assert first != sorted(first)


def test_repeats_are_dropped_and_said():
    axis = axis_from_text("x", "5,10,5,5")
    assert listed(axis) == [5, 10]
    assert axis.note == "x: 2 repeated value(s) dropped"


def test_null_is_a_value_where_the_parameter_can_be_off():
    axis = axis_from_text("risk.stop_loss", "null,0.02,null", optional=True)
    np.testing.assert_array_equal(listed(axis), [np.nan, 0.02])
    assert axis.find(float("nan")) == 0
    assert str(axis) == "choice(null,0.02)"


def test_the_parameters_type_decides():
    assert axis_from_text("x", "1,2", integer=False).integer is False
    assert axis_from_text("x", "range(1,3)", integer=False).integer is False
    assert axis_from_text("x", "1.0,2.0", integer=True).integer is True
    assert listed(axis_from_text("x", "range(5.0,8.0)", integer=True)) == [5, 6, 7]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("range(5,5)", "is empty"),
        ("range(5,1)", "is empty"),
        ("range(0.5,0.5)", "is empty"),
        ("range(0.5,0.1,0.1)", "is empty"),
        ("range(0,5,0)", "step must not be 0"),
        ("range(0,inf)", "finite numbers"),
        ("range(true,5)", "finite numbers"),
        ("range(0,1" + "0" * 400 + ")", "finite numbers"),
        ("range(0,1" + "0" * 30 + ")", r"whole numbers end at 2\^53"),
        (f"range({EXACT},{EXACT + 3})", r"whole numbers end at 2\^53"),
        ("range(0,1,0.0000001)", "lists 1.000e.7 values"),
        ("range(-1e308,1e308,1)", "lists 2.000e.308 values"),
        ("shuffle(range(0,1000001))", "lists 1.000e.6 values"),
        ("range(a,b)", "cannot read"),
        ("range(5,", "cannot read"),
        ("frob(1)", "Unknown function 'frob'"),
        ("~", "cannot read"),
        ("interval(2,1)", "low must be below high"),
        ("interval(1,1)", "low must be below high"),
        ("int(interval(2,1))", "low must be below high"),
        ("interval(0,inf)", "bounds must be finite"),
        ("interval(-1e308,1e308)", "bounds must be finite"),
        ("interval(nan,1)", "bounds must be finite"),
        ("int(interval(0,1e17))", r"whole numbers end at 2\^53"),
        ("tag(log,interval(0,1))", "needs low > 0"),
        ("tag(log,int(interval(-5,10)))", "needs low > 0"),
        ("tag(normal,interval(0,1))", "only tag known is log, got normal"),
        ("tag(log,range(1,5))", "tags belong to interval"),
        ("tag(log,choice(1,5))", "tags belong to interval"),
        ("1,nan", "finite numbers only, got nan"),
        ("1,inf", "finite numbers only, got inf"),
        ("1,a", "finite numbers only, got a"),
        ("1,'2'", "finite numbers only, got '2'"),
        ("1,true", "finite numbers only, got True"),
        ("true,false", "finite numbers only, got True"),
        ("1,null", "finite numbers only, got null"),
        ("1,[2,3]", r"finite numbers only, got \[2,3\]"),
        ("[1,2]", "not a sweep over numbers"),
        ("fast", "not a sweep over numbers"),
        ("", "not a sweep over numbers"),
        ("glob(*)", "not a sweep over numbers"),
        ("sort(range(1,10,2),reverse=true)", r"Hydra's sort\(\) changes the values"),
        ("sort(range(1,0,-0.5))", r"Hydra's sort\(\) changes the values"),
    ],
)
def test_errors_name_the_axis_and_fit_on_a_line(text, reason):
    with pytest.raises(ValueError, match=reason) as error:
        axis_from_text("params.fast", text)
    assert str(error.value).startswith("params.fast: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5,10.5", "takes whole numbers, got 10.5"),
        ("range(0.5,5)", "takes whole numbers, got 0.5"),
        ("range(1,2,0.25)", "takes whole numbers, got 1.25"),
        ("interval(5,60)", r"write int\(interval\(5,60\)\)"),
    ],
)
def test_a_whole_number_parameter_takes_whole_numbers(text, reason):
    with pytest.raises(ValueError, match=f"params.fast: .*{reason}"):
        axis_from_text("params.fast", text, integer=True, optional=True)


@pytest.mark.parametrize(
    ("override", "numeric"),
    [
        ("params.fast=5,10", True),
        ("params.fast=range(5,60)", True),
        ("params.fast=interval(5,60)", True),
        ("risk.stop_loss=null,0.05", True),
        ("params.fast=1,a", True),  # refused as an axis, rather than composed
        ("params.fast=5", False),
        ("strategy=sma,rsi", False),
        ("params.mode=true,false", False),
        ("strategy=glob(*)", False),
        ("data.symbols=[A],[B]", False),
        ("params.fast='5','6'", False),
        ("~params.fast", False),
        ("params.fast=", False),
    ],
)
def test_which_sweeps_are_numeric(override, numeric):
    assert is_numeric_sweep(parse(override)) is numeric


@pytest.mark.parametrize("prefix", ["", "+", "++"])
def test_the_key_of_the_override_names_the_axis(prefix):
    axis = axis_from_override(parse(f"{prefix}params.weights.rsi=1,2"))
    assert axis.name == "params.weights.rsi"


numbers = st.integers(-1000, 1000) | st.floats(-1e9, 1e9, allow_nan=False)
axes = (
    st.lists(numbers, min_size=1, max_size=6, unique_by=float).map(
        lambda values: Choices("x", values, all(isinstance(v, int) for v in values))
    )
    | st.builds(Range, st.just("x"), st.integers(-99, 99), st.sampled_from([-7, 1, 3]),
                st.integers(1, 99))
    | st.builds(lambda low, width, log: Interval("x", low, low + width, log=log),
                st.floats(1e-6, 1e3), st.floats(0.1, 1e3), st.booleans())
    | st.builds(lambda low, width, log: Interval("x", low, low + width, integer=True, log=log),
                st.integers(1, 99), st.integers(0, 99), st.booleans())
)  # fmt: skip


@given(axes)
def test_the_text_of_an_axis_reads_back(axis):
    again = axis_from_text("x", str(axis))
    if isinstance(axis, Choices):
        assert listed(again) == listed(axis)
        assert again.integer == axis.integer
    else:
        assert again == axis


def test_what_the_user_reads_about_a_range_includes_the_stop_rule():
    with pytest.raises(ValueError, match="stop is excluded"):
        axis_from_text("x", "range(1,1)")
