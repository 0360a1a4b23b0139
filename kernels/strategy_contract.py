"""Contract that every strategy of one symbol keeps, as tests that an author inherits.

    from kernels.strategy_contract import StrategyContract

    class TestBreakout(StrategyContract):
        strategy = "my_quant.breakout"  # import path, or a name in kernels/strategies
        params = {"length": 20}         # with which random bars move it

pytest runs its methods; they are plain assertions and need nothing else.
"""

import importlib
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from kernels.jit.array_types import Floats
from kernels.registry import FOLDER, load, names
from kernels.series.clock import CLOCK
from kernels.strategy import HOLD, Row

Bars = dict[str, Floats]

SHOCKS = (0.5, 1.5, np.nan)
"""Factors by which later bars are changed: one direction alone hides a leak towards where a code
already is."""


def random_bars(n: int = 150, seed: int = 11) -> Bars:
    """Daily-looking bars of a random walk, with the columns of the clock and a sparse feature.

    Args:
        n: bars.
        seed: of the walk.

    Returns:
        (n,) open, high, low, close, volume; `sentiment` in [-1, 1], mostly NaN; the clock's.
    """
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, n)))
    open_ = close * np.exp(rng.normal(0, 0.005, n))
    sentiment = np.where(rng.random(n) < 0.8, np.nan, rng.uniform(-1, 1, n))
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


def module_of(strategy: str) -> ModuleType:
    """The file of a strategy, by its import path or its name in kernels/strategies."""
    return importlib.import_module(f"{FOLDER}.{strategy}" if strategy in names() else strategy)


def function_of(module: ModuleType) -> tuple[Any, type]:
    """The jitted function of a strategy's file, and the type that it writes."""
    if hasattr(module, "weight"):
        return module.weight, np.float64
    return module.signal, np.int8


def codes(module: ModuleType, bars: Bars, params: object, signal: Any = None) -> NDArray[Any]:
    """Codes as a driver gets them: rows in another order, strangers among them, some padded.

    Args:
        module: of the strategy.
        bars: (n,) by column.
        params: its `Params`.
        signal: function in the place of its own.

    Returns:
        (n,) int8 codes, or float64 weights.
    """
    n = next(iter(bars.values())).size
    indicators = np.full((2 * len(module.ROWS) + 1, n + 7 * (n % 2)), np.nan)
    rows = np.arange(len(module.ROWS), dtype=np.int64)[::-1] * 2 + 1
    indicators[::2, :n] = 50 + np.arange(n)
    for row, place in zip(module.ROWS, rows, strict=True):
        arguments = [_resolved(argument, bars, params) for argument in row.arguments]
        indicators[place, :n] = row.function(*arguments)
    function, kind = function_of(module)
    out: NDArray[Any] = np.full(n, 77 if kind is np.int8 else np.nan, kind)
    (signal or function)(indicators, rows.copy(), np.array(params, np.float64), out)
    return out


def _resolved(argument: Any, bars: Bars, params: object) -> object:
    """A row's argument: a column, read-only as the driver hands it over; a param; or a number."""
    if isinstance(argument, str) and argument in bars:
        column = bars[argument].view()
        column.flags.writeable = False
        return column
    return getattr(params, argument) if isinstance(argument, str) else argument


def known_codes(values: NDArray[Any]) -> set[float]:
    """The distinct codes or weights; NaN, no opinion, is HOLD."""
    return {HOLD if value != value else value for value in values.tolist()}


class StrategyContract:
    """Tests of one strategy; a subclass names it.

    Attributes:
        strategy: import path of its module, or its name in kernels/strategies.
        params: with which it takes positions on random bars; those left out have their defaults.
    """

    strategy: ClassVar[str]
    params: ClassVar[Mapping[str, float]] = {}

    def bars(self) -> Bars:
        """Bars of the tests; a strategy that reads features of its own adds them here."""
        return random_bars()

    def _ready(self) -> tuple[ModuleType, Bars, object]:
        module = module_of(self.strategy)
        return module, self.bars(), module.Params(**self.params)

    def test_it_can_be_loaded(self) -> None:
        """The registry takes it: `Params`, `ROWS`, `LIMITS` and one jitted function."""
        assert load(self.strategy).fields == module_of(self.strategy).Params._fields

    def test_no_bar_sees_the_future(self) -> None:
        """Codes before a bar stay when it and all later bars change, at every bar."""
        module, bars, params = self._ready()
        before = codes(module, bars, params)
        for shock in SHOCKS:
            for cut in range(1, before.size):
                changed = _shocked(bars, cut, shock)
                np.testing.assert_array_equal(codes(module, changed, params)[:cut], before[:cut])

    def test_a_longer_series_keeps_its_beginning(self) -> None:
        """Codes of the first n bars are those of a series that ends there."""
        module, bars, params = self._ready()
        whole = codes(module, bars, params)
        for n in range(1, whole.size):
            beginning = {column: values[:n] for column, values in bars.items()}
            np.testing.assert_array_equal(codes(module, beginning, params), whole[:n])

    def test_it_takes_positions(self) -> None:
        """Random bars give more than one code: else the tests of the future see nothing."""
        module, bars, params = self._ready()
        values = codes(module, bars, params)
        assert len(known_codes(values)) > 1, "choose params with which random bars move it"
        if values.dtype == np.int8:
            assert known_codes(values) <= {-1, 0, 1, HOLD}

    def test_bars_without_values_give_no_position(self) -> None:
        """All NaN: flat, or no opinion."""
        module, bars, params = self._ready()
        empty = {column: np.full(30, np.nan) for column in bars}
        assert known_codes(codes(module, empty, params)) <= {0, HOLD}

    def test_compiled_code_equals_python(self) -> None:
        """Numba's result is that of the function as it is written."""
        module, bars, params = self._ready()
        plain = codes(module, bars, params, function_of(module)[0].py_func)
        np.testing.assert_array_equal(codes(module, bars, params), plain)

    def test_defaults_are_within_limits(self) -> None:
        """Every default is of its declared type, and inside `LIMITS`."""
        module = module_of(self.strategy)
        defaults = module.Params()
        for field, kind in module.Params.__annotations__.items():
            assert kind in (int, float)
            assert type(getattr(defaults, field)) is kind
        for field, (lowest, highest) in module.LIMITS.items():
            value = getattr(defaults, field)
            assert lowest is None or lowest <= value
            assert highest is None or value <= highest

    def test_rows_name_columns_and_params(self) -> None:
        """Arguments of `ROWS` are columns of bars, params, or numbers above 0."""
        module, bars, _ = self._ready()
        names = {*bars, *module.Params._fields}
        for row in module.ROWS:
            assert isinstance(row, Row)
            for argument in row.arguments:
                assert argument in names if isinstance(argument, str) else argument > 0
        assert not set(bars) & set(module.Params._fields)

    def test_it_says_what_it_does(self) -> None:
        """The module, `Params` and the function have docstrings."""
        module = module_of(self.strategy)
        for documented in (module, module.Params, function_of(module)[0]):
            text = inspect.getdoc(documented) or ""
            assert text
            assert not text.startswith("Params("), "NamedTuple's own docstring says nothing"


def _shocked(bars: Bars, cut: int, shock: float) -> Bars:
    """Bars of which those from `cut` on are changed; the calendar stays."""
    changed = {column: values.copy() for column, values in bars.items()}
    for column, values in changed.items():
        if column == "sentiment":
            values[cut:] = 4 * (shock - 1)
        elif column not in CLOCK:
            values[cut:] *= shock
    return changed
