"""Gap: what live earned less than was promised, by cause, adding up to the cent.

The live position is the shadow's at the scale of the live account, plus differences by cause: a
missing, late, extra or wrongly sized fill. Each difference earns what the market moves while it is
held; each matched fill pays its price; fees and the bars themselves are compared as they are.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.monitors.account import Account, scales
from operate.monitors.live import Live, shadow_fills
from operate.monitors.promise import Promise

CAUSES = ("deflation", "market", "signal", "size", "price", "fees", "outage", "rest")


@dataclass(frozen=True)
class Row:
    """One cause.

    Attributes:
        cause: one of CAUSES.
        amount: quote currency; below 0 it cost money.
        n: fills or bars it is made of.
        interval: 95 % of what luck alone explains around it; both ends the amount where exact.
    """

    cause: str
    amount: float
    n: int
    interval: tuple[float, float]

    def row(self) -> dict[str, object]:
        """As JSON types."""
        return {"cause": self.cause, "amount": self.amount, "n": self.n,
                "interval": list(self.interval)}  # fmt: skip


def gap_rows(live: Live, account: Account, promise: Promise) -> tuple[list[Row], float]:
    """Rows by cause and their total: live profit less the promised one.

    Args:
        live: records and shadow.
        account: live, on the bars that are compared.
        promise: means per bar, as fractions of the capital.

    Raises:
        ValueError: nothing is known of the account.
    """
    if not account.profit.size or not np.isfinite(account.profit).all():
        raise ValueError(
            f"{live.profile.ref}: nothing to compare: no live equity and no live fill on a fresh "
            "bar; take in a statement with `python -m operate intake`"
        )
    capital = float(account.capital.sum())
    bars = account.profit.size
    promised = promise.backtest * capital
    deflation = (promise.mean - promise.backtest) * capital
    scaled = _scaled(live, account)
    market = scaled - promise.mean * capital
    luck = 1.96 * promise.sigma * math.sqrt(float((account.capital**2).sum()))
    amounts = _fill_amounts(live, account)
    total = float(account.profit.sum()) - promised
    parts = {"deflation": deflation, "market": market, **{k: v for k, (v, _) in amounts.items()}}
    rest = total - math.fsum(parts.values())
    rows = [
        Row("deflation", deflation, bars, (deflation, deflation)),
        Row("market", market, bars, (-luck, luck)),
        *(Row(cause, value, n, (value, value)) for cause, (value, n) in amounts.items()),
        Row("rest", rest, bars, (rest, rest)),
    ]
    order = {cause: place for place, cause in enumerate(CAUSES)}
    return sorted(rows, key=lambda row: order[row.cause]), total


def _scaled(live: Live, account: Account) -> float:
    """Profit of the shadow on the account's bars, at the live scale, fees paid."""
    equity = live.table["equity"].to_numpy(float)
    step = np.diff(equity, prepend=equity[0])
    span = slice(account.first, account.first + account.profit.size)
    if live.matched.pairs:
        return float((scales(live)[span] * step[span]).sum())
    before = np.concatenate([[equity[0]], equity[:-1]])[span]
    return float((account.capital * step[span] / before).sum())


def _fill_amounts(live: Live, account: Account) -> dict[str, tuple[float, int]]:
    """Amount and number of fills of each cause that fills show."""
    first, last = account.first, account.first + account.profit.size - 1
    none = dict.fromkeys(("signal", "size", "price", "fees", "outage"), (0.0, 0))
    if not live.matched.pairs:
        return none
    close = live.table["close"].to_numpy(float)
    held = _Held(close, first, last)
    scale = scales(live)
    price, slips = 0.0, 0
    for pair in live.matched.pairs:
        expected = scale[pair.bar] * pair.shadow
        held.hold("size", pair.bar, pair.side * (pair.quantity - expected), pair.shadow_price)
        if pair.late:
            there = pair.bar + pair.late
            held.hold("signal", pair.bar, -pair.side * pair.quantity, pair.shadow_price)
            held.hold("signal", there, pair.side * pair.quantity, pair.price, count=0)
        else:
            price -= pair.side * pair.quantity * (pair.price - pair.shadow_price)
            slips += 1
    for fault in live.matched.faults:
        if fault.cause in ("missing", "outage"):
            cause = "outage" if fault.cause == "outage" else "signal"
            held.hold(cause, fault.bar, -fault.side * scale[fault.bar] * fault.quantity,
                      fault.price)  # fmt: skip
        elif fault.cause in ("extra", "side"):
            held.hold("signal", fault.bar, fault.side * fault.quantity, fault.price)
    _hold_stages(held, live, scale, first, last)
    fees = _fees(live, scale, first, last)
    return {
        **{cause: held.amount(cause) for cause in ("signal", "size", "outage")},
        "price": (price, slips),
        "fees": (fees, len(live.fills)),
    }


def _hold_stages(held: "_Held", live: Live, scale: Floats, first: int, last: int) -> None:
    """Positions that live did not take on, or scaled late, as live and its stages began."""
    close = live.table["close"].to_numpy(float)
    for fault in live.matched.joined:
        held.hold("size", fault.bar, fault.side * fault.quantity, fault.price)
    for bar in range(first + 1, last + 1):  # a stage begins: the shadow's share changes at once
        if (step := scale[bar] - scale[bar - 1]) != 0:
            held.hold("size", bar, -_initial(live, bar) * step, close[bar - 1], count=0)
    if first > 0:  # a position that the shadow held already when live began
        held.hold("signal", first, -_initial(live, first) * scale[first], close[first - 1], count=0)


class _Held:
    """Positions held beyond the shadow's, by cause, and what they earned."""

    def __init__(self, close: Floats, first: int, last: int) -> None:
        self._close, self._first, self._last = close, first, last
        self._amounts: dict[str, float] = {}
        self._counts: dict[str, int] = {}

    def hold(self, cause: str, bar: int, quantity: float, price: float, count: int = 1) -> None:
        """A signed quantity bought at a price in a bar, and held to the last bar."""
        if quantity and self._first <= bar <= self._last:
            earned = quantity * (self._close[self._last] - price)
            self._amounts[cause] = self._amounts.get(cause, 0.0) + float(earned)
            self._counts[cause] = self._counts.get(cause, 0) + count

    def amount(self, cause: str) -> tuple[float, int]:
        """Amount that a cause earned, and its fills."""
        return self._amounts.get(cause, 0.0), self._counts.get(cause, 0)


def _initial(live: Live, first: int) -> float:
    """Signed quantity that the shadow held before the first bar."""
    fills = shadow_fills(live.trades, live.shadow, pd.DatetimeIndex(live.table.index))
    earlier = fills[fills["bar"] < first]
    return float((earlier["side"] * earlier["quantity"]).sum())


def _fees(live: Live, scale: Floats, first: int, last: int) -> float:
    """Fees of the scaled shadow less those that live has paid; unknown ones are taken as none."""
    commission = float(live.profile.settings.get("commission") or 0.0)
    ours = shadow_fills(live.trades, live.shadow, pd.DatetimeIndex(live.table.index))
    ours = ours[(ours["bar"] >= first) & (ours["bar"] <= last)]
    assumed = commission * scale[ours["bar"].to_numpy(int)] * ours["quantity"] * ours["price"]
    theirs = live.fills[(live.fills["bar"] >= first) & (live.fills["bar"] <= last)]
    return float(assumed.sum() - np.nansum(theirs["fee"].to_numpy(float)))
