"""There are as many trades as it takes to tell their mean gain from chance.

The minimum track record length (Bailey and Lopez de Prado 2012, equation 13) with a trade for a
period: few trades, or gains that come from one of them, need more. A fixed number of trades knows
nothing of that: after 5, a Sharpe ratio per trade has a standard error of 0.45.
"""

import numpy as np

from kernels.jit.array_types import Floats
from promote.gate.verdict import Verdict
from promote.statistics import min_track_record


def check(trade_returns: Floats, limit: float) -> Verdict:
    """Judge a record of trades.

    Args:
        trade_returns: (n,) fractions, costs included.
        limit: confidence, in (0.5, 1), that their true mean is above 0.
    """
    n = trade_returns.size
    if n < 3 or np.ptp(trade_returns) == 0:
        raise ValueError(f"{n} trades, too few or too alike to tell a gain from chance")
    ratio = float(trade_returns.mean() / trade_returns.std(ddof=1))
    standard = (trade_returns - trade_returns.mean()) / trade_returns.std()
    skew, kurtosis = float((standard**3).mean()), float((standard**4).mean())
    needed = float(np.ceil(min_track_record(ratio, skew, kurtosis, confidence=limit)))
    text = f"to be {100 * limit:g} % sure that its trades gain, it needs {needed:,.0f} of them"
    return Verdict("min_trade_record", n >= needed, n, needed, "trades", text)
