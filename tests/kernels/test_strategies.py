"""The contract that every file in kernels/strategies keeps. A new file needs a case to pass."""

import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from numba import float64, int8, int64, void

import kernels.strategies
from kernels.series.clock import CLOCK
from kernels.strategy import HOLD, Row
from tests.kernels.strategy_cases import GOLDEN, RANDOM

NATIVE = {
    np.int8: void(float64[:, ::1], int64[::1], float64[::1], int8[::1]),
    np.float64: void(float64[:, ::1], int64[::1], float64[::1], float64[::1]),
}
NAMES = [m.name for m in pkgutil.iter_modules(kernels.strategies.__path__)]
nan = np.nan


def load(name):
    return importlib.import_module(f"kernels.strategies.{name}")


def contract(module):
    """The jitted function of a file, and the type that it writes."""
    if hasattr(module, "weight"):
        return module.weight, np.float64
    return module.signal, np.int8


def resolve(argument, bars, params):
    """A Row's argument: a column, a param (whole numbers for int fields), or the number itself."""
    if isinstance(argument, str) and argument in bars:
        column = bars[argument].view()
        column.flags.writeable = False  # as the driver hands it over
        return column
    return getattr(params, argument) if isinstance(argument, str) else argument


def codes(module, bars, params, signal=None):
    """Codes as a driver gets them: rows in another order, strangers among them, some padded."""
    n = next(iter(bars.values())).size
    indicators = np.full((2 * len(module.ROWS) + 1, n + 7 * (n % 2)), nan)
    rows = np.arange(len(module.ROWS), dtype=np.int64)[::-1] * 2 + 1
    indicators[::2, :n] = 50 + np.arange(n)
    for row, place in zip(module.ROWS, rows, strict=True):
        arguments = [resolve(a, bars, params) for a in row.arguments]
        indicators[place, :n] = row.function(*arguments)
    function, kind = contract(module)
    out = np.full(n, 77 if kind is np.int8 else nan, kind)
    values = np.array(params, np.float64)
    (signal or function)(indicators, rows.copy(), values, out)
    return out


def random_bars(n=150):
    """Daily-looking bars with a sentiment column that is mostly silent."""
    rng = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    open_ = close * np.exp(rng.normal(0, 0.005, n))
    sentiment = np.where(rng.random(n) < 0.8, nan, rng.uniform(-1, 1, n))
    return {
        "open": open_,
        "high": np.maximum(open_, close) * 1.004,
        "low": np.minimum(open_, close) * 0.996,
        "close": close,
        "volume": rng.uniform(1e3, 1e4, n),
        "sentiment": sentiment,
        "session_bar": np.arange(n) % 30 * 1.0,
        "trading_days_left": 20.0 - np.arange(n) % 21,
        "trading_day_of_month": 1.0 + np.arange(n) % 21,
    }


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def test_every_strategy_has_a_case():
    assert {case.strategy for case in GOLDEN} == set(NAMES), "add a golden case to strategy_cases"
    assert set(RANDOM) == set(NAMES), "add params for random bars to strategy_cases"


@pytest.mark.parametrize(
    "case", GOLDEN, ids=[f"{case.strategy}-{k}" for k, case in enumerate(GOLDEN)]
)
def test_worked_by_hand(case):
    module = load(case.strategy)
    bars = {column: np.array(values, np.float64) for column, values in case.bars.items()}
    got = codes(module, bars, module.Params(**case.params))
    np.testing.assert_array_equal(got, case.codes)


@pytest.mark.parametrize("shock", [0.5, 1.5, nan])
def test_no_bar_sees_the_future(name, shock):
    """Up, down and out at every bar: one way alone hides a leak towards where a code already is."""
    module, bars = load(name), random_bars()
    params = module.Params(**RANDOM[name])
    before = codes(module, bars, params)
    for cut in range(1, before.size):
        changed = {column: values.copy() for column, values in bars.items()}
        for column, values in changed.items():
            if column not in CLOCK:  # what the calendar says does not change
                values[cut:] *= shock
        changed["sentiment"][cut:] = 4 * (shock - 1)
        np.testing.assert_array_equal(codes(module, changed, params)[:cut], before[:cut])


def test_longer_series_keeps_its_beginning(name):
    module, bars = load(name), random_bars()
    params = module.Params(**RANDOM[name])
    whole = codes(module, bars, params)
    for n in range(1, whole.size):
        beginning = {column: values[:n] for column, values in bars.items()}
        np.testing.assert_array_equal(codes(module, beginning, params), whole[:n])


def test_random_bars_move_it(name):
    """Only the four codes, and not always the same one: else the tests above see nothing."""
    module = load(name)
    seen = set(codes(module, random_bars(), module.Params(**RANDOM[name])).tolist())
    seen = {HOLD if code != code else code for code in seen}
    assert seen <= {-1, 0, 1, HOLD}
    assert {1, -1} <= seen or name in ("buy_hold", "turn_of_month")


def test_nothing_known_is_no_position(name):
    module = load(name)
    bars = {column: np.full(30, nan) for column in random_bars()}
    seen = set(codes(module, bars, module.Params(**RANDOM[name])).tolist())
    assert {HOLD if code != code else code for code in seen} <= {0, HOLD} or name == "buy_hold"


def test_jit_equals_python(name):
    module, bars = load(name), random_bars()
    params = module.Params(**RANDOM[name])
    expected = codes(module, bars, params, contract(module)[0].py_func)
    np.testing.assert_array_equal(codes(module, bars, params), expected)


def test_signal_has_the_native_signature(name):
    """One compiled form only, the one that the simulation takes."""
    module = load(name)
    codes(module, random_bars(), module.Params(**RANDOM[name]))
    function, kind = contract(module)
    assert [tuple(s) for s in function.signatures] == [NATIVE[kind].args]


def test_docstrings(name):
    module = load(name)
    for thing in (module, module.Params, contract(module)[0]):
        text = inspect.getdoc(thing)
        assert text
        assert not text.startswith("Params("), "NamedTuple's own docstring says nothing"


def test_params_and_limits_agree(name):
    module = load(name)
    defaults = module.Params()
    for field, kind in module.Params.__annotations__.items():
        assert type(getattr(defaults, field)) is kind
        assert kind in (int, float)
    for field, (lowest, highest) in module.LIMITS.items():
        value = getattr(defaults, field)
        assert lowest is None or lowest <= value
        assert highest is None or value <= highest


def test_rows_name_columns_and_fields(name):
    module = load(name)
    for row in module.ROWS:
        assert isinstance(row, Row)
        for argument in row.arguments:
            known = {*random_bars(), *module.Params._fields}
            assert argument in known if isinstance(argument, str) else argument > 0
    assert not set(random_bars()) & set(module.Params._fields)
