"""There are enough trades to be no anecdote: a hard floor; `min_trade_record` says how many."""

from promote.gate.verdict import Verdict


def check(trades: float, limit: float) -> Verdict:
    """Judge a number of trades.

    Args:
        trades: of the judged window; one that is open at its end counts.
        limit: the fewest that pass.
    """
    text = f"{trades:,.0f} trades in the judged window"
    return Verdict("min_trades", trades >= limit, trades, limit, "trades", text)
