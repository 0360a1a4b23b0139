"""The contract of a strategy that lies outside the repository, as its author inherits it."""

import sys
import textwrap

import pytest

from kernels.strategy_contract import StrategyContract

STRATEGY = '''
    """Long after a bar that closed above its open."""
    from typing import NamedTuple

    from numba import njit

    from kernels.indicators import column
    from kernels.strategy import Row


    class Params(NamedTuple):
        """Least rise, a fraction of the open."""

        least: float = 0.0


    LIMITS = {"least": (0, None)}
    ROWS = (Row(column, "open"), Row(column, "close"))


    @njit(cache=True, error_model="numpy")
    def signal(indicators, rows, params, out):
        """Write +1 after a rise, else 0."""
        before, after = indicators[rows[0]], indicators[rows[1]]
        for i in range(out.size):
            out[i] = 1 if after[AT] > before[AT] * (1 + params[0]) else 0
'''


@pytest.fixture
def contract(tmp_path, monkeypatch):
    """The tests of a strategy that is written to a folder of its author."""

    def of(name, at):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(STRATEGY).replace("AT", at))
        (tmp_path / "my_tests.py").write_text(
            "from kernels.strategy_contract import StrategyContract\n\n\n"
            f'class TestMine(StrategyContract):\n    strategy = "{name}"\n'
        )
        monkeypatch.syspath_prepend(tmp_path)
        sys.modules.pop("my_tests", None)
        return __import__("my_tests").TestMine()

    return of


def methods_of(contract):
    return [getattr(contract, name) for name in dir(contract) if name.startswith("test_")]


def test_a_strategy_elsewhere_keeps_the_contract(contract):
    tests = methods_of(contract("rising_bars", "i"))
    assert len(tests) == len(methods_of(StrategyContract())) >= 9
    for test in tests:
        test()


def test_one_that_reads_the_next_bar_breaks_it(contract):
    leaking = contract("next_bars", "min(i + 1, out.size - 1)")
    with pytest.raises(AssertionError, match="not equal"):
        leaking.test_no_bar_sees_the_future()
    with pytest.raises(AssertionError, match="not equal"):
        leaking.test_a_longer_series_keeps_its_beginning()
