"""Live records for tests: the shadow's own fills, faithful or with faults."""

import pandas as pd

from operate.monitors.live import shadow_fills
from operate.shadow import state
from tests.operate.operated import SYMBOL


def shadow_of(operated):
    """The kept shadow with its bars and its closed trades."""
    kept = state.load(operated.root, "fast", 1)
    return kept, state.table_of(operated.root, kept), state.trades_of(operated.root, kept)


def faithful(operated, first, last=10**9, scale=0.1, fee=0.0005, dearer=0.0):
    """Fills of the shadow on bars first..last, an hour after the open, at a scale."""
    kept, table, trades = shadow_of(operated)
    times = pd.DatetimeIndex(table.index)
    fills = shadow_fills(trades, kept, times)
    fills = fills[(fills["bar"] >= first) & (fills["bar"] <= last)].reset_index(drop=True)
    price = fills["price"] * (1 + dearer * fills["side"])
    return pd.DataFrame(
        {
            "time": [(times[bar] + pd.Timedelta("15h30min")).isoformat() for bar in fills["bar"]],
            "symbol": SYMBOL,
            "side": ["buy" if side > 0 else "sell" for side in fills["side"]],
            "quantity": fills["quantity"] * scale,
            "price": price,
            "fee": fills["quantity"] * scale * price * fee,
            "order_id": [str(number) for number in range(len(fills))],
        }
    )


def take_in(operated, fills, *options, form="fills"):
    """Write a statement, take it in, and say what was new."""
    fills.to_csv("statement.csv", index=False)
    return operated.json("intake", "fast", "statement.csv", "--format", form, *options)


def moved(fills, row, days):
    """All fills of a row's bar some days later."""
    time = fills.loc[row, "time"]
    later = pd.Timestamp(time) + pd.tseries.offsets.BDay(days)
    return fills.assign(time=fills["time"].where(fills["time"] != time, later.isoformat()))
