"""The contract that every file in kernels/strategies keeps. A new file needs a case to pass."""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from numba import float64, int8, int64, void

import kernels.strategies
from kernels.strategy import HOLD, Row

CONF = Path(__file__).parents[2] / "conf"
NATIVE = void(float64[:, ::1], int64[::1], float64[::1], int8[::1])
NAMES = [m.name for m in pkgutil.iter_modules(kernels.strategies.__path__)]
nan = np.nan


class Case(NamedTuple):
    """Golden codes worked by hand, and params for random bars where they need longer windows."""

    params: dict
    bars: dict
    codes: list
    random: dict


# Each golden row covers the first warm bar, a rise, a tie and a fall.
CASES = {
    "buy_hold": Case({}, {"close": [5, 6, 6, 4]}, [1, 1, 1, 1], {}),
    # Closes with their mean of 2 behind them: -, 10.5, 11.5, 12, 11.5, 11.
    "sma": Case(
        {"fast": 1, "slow": 2},
        {"close": [10, 11, 12, 12, 11, 11]},
        [HOLD, 1, 1, HOLD, -1, HOLD],
        {"fast": 3, "slow": 8},
    ),
    # RSI of 2: -, -, 100 (U 1, D 0), 50 (1/2, 1/2), 25 (1/4, 3/4), 12.5 (1/8, 7/8), 70.8.
    "rsi": Case(
        {"period": 2, "oversold": 25, "overbought": 50},
        {"close": [10, 12, 12, 11, 10, 9, 11]},
        [HOLD, HOLD, -1, HOLD, HOLD, 1, -1],
        {"period": 3, "oversold": 35, "overbought": 65},
    ),
    # Slow average (seed 33/3, then half way to each close): -, -, 11, 11, 10, 11.
    "ema": Case(
        {"fast": 1, "slow": 3},
        {"close": [10, 11, 12, 11, 9, 12]},
        [HOLD, HOLD, 1, HOLD, -1, 1],
        {"fast": 3, "slow": 8},
    ),
    # Fast is the close. Slow from the fifth bar: 7.87, 9.53, 9.5, 9.1, 9 (tie), 7.13, 9.2.
    "hma": Case(
        {"fast": 1, "slow": 4},
        {"close": [6, 6, 6, 6, 9, 9, 9, 9, 9, 6, 12]},
        [HOLD, HOLD, HOLD, HOLD, 1, -1, -1, -1, HOLD, -1, 1],
        {"fast": 5, "slow": 12},
    ),
    # Fast is the close, slow average from the third bar 11, 11, 12.5, 13.5, 11.75, 12.875 and its
    # average from the fifth 11.5, 12.5, 12.125, 12.5: gaps 1.5 > 1, 1 = 1, -1.75 < -.375,
    # 1.125 > .375.
    "macd": Case(
        {"fast": 1, "slow": 3, "signal": 3},
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14]},
        [HOLD, HOLD, HOLD, HOLD, 1, HOLD, -1, 1],
        {"fast": 3, "slow": 8, "signal": 4},
    ),
    # Deviations from the mean of 4: 1.73, 1 (tie), -1.51, -1 (tie), .70, 1.61.
    "bollinger": Case(
        {"period": 4, "width": 1},
        {"close": [10, 10, 10, 12, 12, 8, 8, 11, 16]},
        [HOLD, HOLD, HOLD, -1, HOLD, 1, HOLD, HOLD, -1],
        {"period": 6, "width": 1.2},
    ),
    # Change over two bars: -, -, 1, .5 (tie), -.5 (tie), -.67, 0, 1.
    "momentum": Case(
        {"lookback": 2, "threshold": 0.5},
        {"close": [4, 4, 8, 6, 4, 2, 4, 4]},
        [HOLD, HOLD, 1, HOLD, HOLD, -1, HOLD, 1],
        {"lookback": 5, "threshold": 0.02},
    ),
    # Entry at 13 > 12, tie with 13; exit low tie 11, then 10.5 < 11: out, not yet below the entry
    # low 10. Flat on the tie 10.5; 9 < 10.5: short; exit high tie 11, then 11.5 > 11: out.
    "donchian": Case(
        {"entry": 4, "exit": 2},
        {
            "high": [11, 12, 12, 12, 13, 14, 13, 13, 12, 12, 12, 12, 10, 11, 11, 11.5, 10],
            "low": [9, 9, 9, 9, 10, 10, 11, 11, 11, 10.5, 10.5, 9, 9, 9, 10, 10, 9.5],
            "close": [10, 11, 11, 11, 13, 13, 11, 12, 11, 10.5, 10.5, 9, 9.5, 10, 11, 11.5, 9.5],
        },
        [HOLD] * 4 + [1] + [HOLD] * 4 + [0, HOLD, -1] + [HOLD] * 3 + [0, HOLD],
        {"entry": 8, "exit": 4},
    ),
    # Trend: -, -, + - + + - + + + + -.  RSI of 2: -, -, + (50) + + - + + + + -, 50 no vote.
    # MACD as above, then 13.5, 14, 14, 13: + tie - + - + - -.
    "convergence": Case(
        {
            "fast": 1,
            "slow": 3,
            "rsi_period": 2,
            "macd_fast": 1,
            "macd_slow": 3,
            "macd_signal": 3,
            "min_votes": 2,
        },
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14, 13.5, 14, 14, 13]},
        [0, 0, 1, 0, 1, 1, -1, 1, 1, 1, 1, -1],
        {"fast": 3, "slow": 8, "macd_fast": 3, "macd_slow": 7, "macd_signal": 4, "min_votes": 3},
    ),
    # Ties with the threshold are no news; two bars after news: out; the other side at once.
    "news": Case(
        {"threshold": 0.5, "hold": 2},
        {"sentiment": [nan, 0.5, 0.75, nan, nan, -0.5, -0.75, 0.75, 0.6, 0.1, nan, nan]},
        [0, 0, 1, HOLD, 0, 0, -1, 1, 1, HOLD, 0, 0],
        {"threshold": 0.3, "hold": 3},
    ),
    # Trend -, + 0 - - - + 0 0; RSI of 2 -, -, 100 50 25 12.5 70.8 70.8 70.8; momentum -, -, + - -
    # - + + 0.
    # Sums 0, 5 (tie), 6, 1 (tie), -4, -5.5, -1.8, 3.2, -.8.
    "ensemble": Case(
        {
            "weights__trend": 1,
            "weights__rsi": 2,
            "weights__momentum": 4,
            "weights__sentiment": 8,
            "enter": 5,
            "leave": 1,
            "fast": 1,
            "slow": 2,
            "rsi_period": 2,
            "lookback": 2,
        },
        {
            "close": [10, 12, 12, 11, 10, 9, 11, 11, 11],
            "sentiment": [nan, 0.5, 0.5, 0.75, nan, -0.25, -0.75, nan, nan],
        },
        [HOLD, HOLD, 1, HOLD, 0, -1, HOLD, 0, HOLD],
        {"enter": 0.8, "fast": 3, "slow": 8, "rsi_period": 5, "lookback": 6},
    ),
}


def load(name):
    return importlib.import_module(f"kernels.strategies.{name}")


def resolve(argument, bars, params):
    """A Row's argument: a column, a param (whole numbers for int fields), or the number itself."""
    if isinstance(argument, str) and argument in bars:
        column = bars[argument].view()
        column.flags.writeable = False  # as the driver hands it over
        return column
    return getattr(params, argument) if isinstance(argument, str) else argument


def codes(module, bars, params, signal=None):
    """Codes as a driver gets them: rows in another order, strangers among them, padded by NaN."""
    n = next(iter(bars.values())).size
    indicators = np.full((2 * len(module.ROWS) + 1, n + 7), nan)
    rows = np.arange(len(module.ROWS), dtype=np.int64)[::-1] * 2 + 1
    indicators[::2, :n] = 50 + np.arange(n)
    for row, place in zip(module.ROWS, rows, strict=True):
        arguments = [resolve(a, bars, params) for a in row.arguments]
        indicators[place, :n] = row.function(*arguments)
    out = np.full(n, 77, np.int8)
    values = np.array(params, np.float64)
    (signal or module.signal)(indicators, rows.copy(), values, out)
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
    }


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def test_every_strategy_has_a_case():
    assert set(NAMES) == set(CASES), "add the new strategy's golden case to CASES"


def test_worked_by_hand(name):
    module, case = load(name), CASES[name]
    bars = {column: np.array(values, np.float64) for column, values in case.bars.items()}
    assert codes(module, bars, module.Params(**case.params)).tolist() == case.codes


@pytest.mark.parametrize("shock", [0.5, 1.5, nan])
def test_no_bar_sees_the_future(name, shock):
    """Up, down and out at every bar: one way alone hides a leak towards where a code already is."""
    module, bars = load(name), random_bars()
    params = module.Params(**CASES[name].random)
    before = codes(module, bars, params)
    for cut in range(1, before.size):
        changed = {column: values.copy() for column, values in bars.items()}
        for values in changed.values():
            values[cut:] *= shock
        changed["sentiment"][cut:] = 4 * (shock - 1)
        np.testing.assert_array_equal(codes(module, changed, params)[:cut], before[:cut])


def test_longer_series_keeps_its_beginning(name):
    module, bars = load(name), random_bars()
    params = module.Params(**CASES[name].random)
    whole = codes(module, bars, params)
    for n in range(1, whole.size):
        beginning = {column: values[:n] for column, values in bars.items()}
        np.testing.assert_array_equal(codes(module, beginning, params), whole[:n])


def test_random_bars_move_it(name):
    """Only the four codes, and not always the same one: else the tests above see nothing."""
    module = load(name)
    seen = set(codes(module, random_bars(), module.Params(**CASES[name].random)).tolist())
    assert seen <= {-1, 0, 1, HOLD}
    assert {1, -1} <= seen or name == "buy_hold"


def test_nothing_known_is_no_position(name):
    module = load(name)
    bars = {column: np.full(30, nan) for column in random_bars()}
    seen = set(codes(module, bars, module.Params(**CASES[name].random)).tolist())
    assert seen <= {0, HOLD} or name == "buy_hold"


def test_jit_equals_python(name):
    module, bars = load(name), random_bars()
    params = module.Params(**CASES[name].random)
    expected = codes(module, bars, params, module.signal.py_func)
    np.testing.assert_array_equal(codes(module, bars, params), expected)


def test_signal_has_the_native_signature(name):
    """One compiled form only, the one that the simulation takes."""
    module = load(name)
    codes(module, random_bars(), module.Params(**CASES[name].random))
    assert [tuple(s) for s in module.signal.signatures] == [NATIVE.args]


def test_docstrings(name):
    module = load(name)
    for thing in (module, module.Params, module.signal):
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


def flat(params, prefix=""):
    """Nested YAML params by field name: weights: {rsi: 1} is weights__rsi."""
    out = {}
    for key, value in params.items():
        nested = isinstance(value, dict)
        out.update(flat(value, f"{prefix}{key}__") if nested else {prefix + key: value})
    return out


def test_yaml_says_what_the_file_says(name):
    module = load(name)
    text = (CONF / "strategy" / f"{name}.yaml").read_text()
    assert text.startswith("# @package _global_\n")
    conf = yaml.safe_load(text)
    assert set(conf) == {"strategy", "params"}
    strategy = conf["strategy"]
    assert set(strategy) == {"name", "module", "direction", "constraint", "space"}
    assert (strategy["name"], strategy["module"]) == (name, module.__name__)
    assert strategy["direction"] in ("long", "short", "both")
    params, defaults = flat(conf["params"]), module.Params()._asdict()
    assert params == defaults
    assert list(map(type, params.values())) == list(map(type, defaults.values()))
    if strategy["constraint"] is not None:
        used = {n.id for n in ast.walk(ast.parse(strategy["constraint"])) if hasattr(n, "id")}
        assert used <= set(defaults)
        assert eval(strategy["constraint"], {}, defaults)  # our own file, ours to run


def test_space_lies_within_the_limits(name):
    module = load(name)
    space = yaml.safe_load((CONF / "strategy" / f"{name}.yaml").read_text())["strategy"]["space"]
    assert set(space) <= set(module.Params._fields)
    for field, sweep in space.items():
        values = [float(v) for v in re.findall(r"-?\d+\.?\d*", sweep)]
        if sweep.startswith("range("):
            assert all(v.is_integer() for v in values), "fractional steps surprise: list them"
            values = list(range(*map(int, values)))
        lowest, highest = module.LIMITS.get(field, (None, None))
        assert len(values) > 1
        assert lowest is None or min(values) >= lowest
        assert highest is None or max(values) <= highest


@pytest.mark.parametrize("path", sorted((CONF / "experiment").glob("*_grid.yaml")), ids=str)
def test_grids_sweep_params_of_their_strategy(path):
    conf = yaml.safe_load(path.read_text())
    ((_, strategy),) = conf["defaults"][0].items()
    fields = {f"params.{field.replace('__', '.')}" for field in load(strategy).Params._fields}
    assert set(conf["hydra"]["sweeper"]["params"]) <= fields
    assert conf["name"] == path.stem.replace("_", "-")
