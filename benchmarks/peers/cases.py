"""What the engines must agree upon: 200 drawn configurations of a crossing of averages per case."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[np.float64]]

CONFIGURATIONS = 200
YEAR = 252.0
"""Periods in a year, told to every engine."""
DRAWN = {
    "commission": (0.0, 0.002),
    "slippage": (0.0, 0.001),
    "stop_loss": (0.03, 0.12),
    "take_profit": (0.05, 0.25),
    "trailing_stop": (0.03, 0.15),
    "risk_fraction": (0.005, 0.05),
}
"""Fractions, each drawn evenly from its range for every configuration of a case that has it."""


@dataclass(frozen=True)
class Case:
    """What a case's configurations share.

    Attributes:
        direction: long or both.
        drawn: names of `DRAWN` that are on.
        fill: next_open or same_close.
    """

    direction: str
    drawn: tuple[str, ...] = ()
    fill: str = "next_open"


TIE_DECIMALS = 7
"""Averages of the peers that agree to this many decimals are tied. vectorbt takes each window from
a running total, and where two averages are equal finds a difference of its rounding."""

COSTS = ("commission", "slippage")
STOPS = ("stop_loss", "take_profit")

CASES = {
    "vectorbt": {
        "long": Case("long"),
        "long, costs": Case("long", COSTS),
        "both": Case("both"),
        "both, costs": Case("both", COSTS),
        "long, stops": Case("long", STOPS),
        "long, stops, costs": Case("long", COSTS + STOPS),
        "both, stops, costs": Case("both", COSTS + STOPS),
        "both, trailing stop, costs": Case("both", (*COSTS, "trailing_stop")),
        "long, trailing stop and target": Case("long", ("trailing_stop", "take_profit")),
        "both, stops, costs, at the close": Case("both", COSTS + STOPS, "same_close"),
        "long, sized by risk, costs": Case("long", (*COSTS, "stop_loss", "risk_fraction")),
    },
    "backtesting": {
        "long": Case("long"),
        "long, commission": Case("long", ("commission",)),
        "both": Case("both"),
        "both, commission": Case("both", ("commission",)),
        "long, stops": Case("long", STOPS),
        "long, stops, commission": Case("long", ("commission", *STOPS)),
        "both, stops, commission": Case("both", ("commission", *STOPS)),
    },
}
"""By peer: vectorbt can do more of what we do, backtesting.py less."""

STOP_RULES = {
    "vectorbt": {"stop_order": "stop_first", "stops_from": "next_bar"},
    "backtesting": {"stop_order": "signal_first", "stops_from": "entry_bar"},
}
"""Settings of ours under which stops are watched when the peer watches them."""

CAPITAL = {"vectorbt": 10_000.0, "backtesting": 1e18}
"""backtesting.py trades whole shares: with so much cash that the remainder is nothing."""


def draw(peer: str, name: str) -> Columns:
    """The configurations of a case: (CONFIGURATIONS,) columns, the same at every call."""
    case = CASES[peer][name]
    random = np.random.default_rng([*peer.encode(), *name.encode()])
    fast = random.integers(2, 61, CONFIGURATIONS)
    slow = fast + random.integers(1, 191, CONFIGURATIONS)
    columns = {"fast": fast.astype(float), "slow": slow.astype(float)}
    for setting in case.drawn:
        columns[setting] = random.uniform(*DRAWN[setting], CONFIGURATIONS)
    return columns
