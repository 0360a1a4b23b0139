"""Metrics of the whole path of the equity: built in by a name and a line here.

All other metrics are made of sums, of the tally of trades and of the deepest fall, which the event
engine knows without a look at every bar. Where there is a metric of the path, every engine writes
the equity at each close and hands it over; where there is none, nothing of this is compiled.
"""

from kernels.engine.position import Account, worth
from kernels.engine.settings import Rules
from kernels.jit.array_types import Floats
from kernels.jit.inner import inner

PATH_METRICS: tuple[str, ...] = ()
"""Names, each with its definition as in `METRICS`, behind which they stand."""

WALKED = len(PATH_METRICS) > 0
"""The engines keep the equity at each close."""


@inner
def write_path(equity: Floats, n: int, rules: Rules, out: Floats) -> None:
    """Write the metrics of the path, in the order of PATH_METRICS.

    Args:
        equity: (>= n,) at each close of the window, quote currency, >= 0; after a 0 only zeros.
        n: bars in the window, >= 1.
        rules: their initial capital, periods per year and risk-free rate may be read.
        out: (len(PATH_METRICS),).
    """


@inner
def keep_flat(equity: Floats, a: int, b: int, cash: float) -> None:
    """Write the equity of bars a..b-1 of the window, which close without a position."""
    if WALKED:
        for i in range(a, b):
            equity[i] = cash


@inner
def keep_held(equity: Floats, start: int, left: int, account: Account, close: Floats) -> None:
    """Write the equity of the bars that close with a position, as `worth` has it.

    Args:
        equity: out, of the window.
        start: first bar of the window.
        left: first bar after the entry that does not close with the position.
        account: with the position.
        close: (>= left,) of the series.
    """
    if WALKED:
        for i in range(account.bar, left):
            equity[i - start] = worth(account, close[i])
