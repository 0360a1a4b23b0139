"""The contract that every file in kernels/strategies keeps. A new file needs a case to pass."""

import pkgutil

import numpy as np
import pytest
from numba import float64, int8, int64, void

import kernels.strategies
from kernels.strategy import HOLD
from kernels.strategy_contract import (
    StrategyContract,
    codes,
    function_of,
    known_codes,
    module_of,
    random_bars,
)
from tests.kernels.strategy_cases import GOLDEN, RANDOM

NATIVE = {
    np.int8: void(float64[:, ::1], int64[::1], float64[::1], int8[::1]),
    np.float64: void(float64[:, ::1], int64[::1], float64[::1], float64[::1]),
}
NAMES = [m.name for m in pkgutil.iter_modules(kernels.strategies.__path__)]
nan = np.nan


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
    module = module_of(case.strategy)
    bars = {column: np.array(values, np.float64) for column, values in case.bars.items()}
    got = codes(module, bars, module.Params(**case.params))
    np.testing.assert_array_equal(got, case.codes)


def test_random_bars_move_it(name):
    """Both sides, of all but those that are never short."""
    module = module_of(name)
    seen = known_codes(codes(module, random_bars(), module.Params(**RANDOM[name])))
    assert seen <= {-1, 0, 1, HOLD}
    assert {1, -1} <= seen or name in ("buy_hold", "turn_of_month")


def test_signal_has_the_native_signature(name):
    """One compiled form only, the one that the simulation takes."""
    module = module_of(name)
    codes(module, random_bars(), module.Params(**RANDOM[name]))
    function, kind = function_of(module)
    assert [tuple(s) for s in function.signatures] == [NATIVE[kind].args]


class OfEveryStrategy(StrategyContract):
    """The contract, but for holding, which has one code and no opinion on bars."""

    def test_it_takes_positions(self):
        if self.strategy != "buy_hold":
            super().test_it_takes_positions()

    def test_bars_without_values_give_no_position(self):
        if self.strategy != "buy_hold":
            super().test_bars_without_values_give_no_position()


for _name in NAMES:
    globals()[f"Test_{_name}"] = type(
        f"Test_{_name}", (OfEveryStrategy,), {"strategy": _name, "params": RANDOM.get(_name, {})}
    )
