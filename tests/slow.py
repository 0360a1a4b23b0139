"""Reference versions: obvious, unjitted, and written apart from the kernels.

A backtest here is a list of what happens within each bar, in the order of time, played by a
`Broker` that knows cash and shares only. Nothing is fast, and nothing is shared with `kernels`.
"""

import math
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass
class Broker:
    """Buys and sells shares; shares < 0 is short."""

    cash: float
    commission: float
    slippage: float
    shares: float = 0.0
    trades: list = field(default_factory=list)
    fills: list = field(default_factory=list)  # notional / equity
    held: int = 0  # bars that closed with a position
    entry: dict = field(default_factory=dict)

    def equity(self, price):
        return self.cash + self.shares * price

    def deal(self, shares, price):
        """Add shares (or sell, if negative); returns the price after slippage."""
        price *= 1 + math.copysign(self.slippage, shares)
        equity = self.equity(price)
        if equity > 0:
            self.fills.append(abs(shares) * price / equity)
        self.cash -= shares * price + abs(shares) * price * self.commission
        self.shares += shares
        return price

    def open(self, side, share, price, bar):
        before = self.cash
        paid = price * (1 + side * self.slippage)
        shares = side * share * before / (paid * (1 + self.commission))
        paid = self.deal(shares, price)
        self.entry = {"bar": bar, "side": side, "price": paid, "size": abs(shares), "stake": before}

    def close(self, price, bar, reason):
        fills = len(self.fills)
        price = self.deal(-self.shares, price)
        self.shares = 0.0
        if self.cash <= 0:
            del self.fills[fills:]
            self.ruin(price, bar)
        else:
            side, size, paid = (self.entry[k] for k in ("side", "size", "price"))
            fees = size * (paid + price) * self.commission
            self.book(price, bar, side * size * (price - paid) - fees, reason)

    def ruin(self, price, bar):
        self.cash = self.shares = 0.0
        self.book(price, bar, -self.entry["stake"], "liquidation")

    def book(self, price, bar, pnl, reason):
        e = self.entry
        self.trades.append(
            {
                "entry_bar": e["bar"],
                "exit_bar": bar,
                "side": e["side"],
                "entry_price": e["price"],
                "exit_price": price,
                "size": e["size"],
                "pnl": pnl,
                "return_": pnl / (e["price"] * e["size"]),
                "exit_reason": reason,
            }
        )
        self.entry = {}


def on(value):
    """A stop or fraction that is set: None and NaN switch it off."""
    return value is not None and not math.isnan(value)


def adverse_stop(broker, best, s):
    """(level, reason) of the stop-loss or trailing stop, whichever is nearer, or None."""
    entry, long = broker.entry["price"], broker.shares > 0
    stops = []
    if on(s["stop_loss"]):
        stops.append((entry * (1 - s["stop_loss"] if long else 1 + s["stop_loss"]), "stop_loss"))
    if on(s["trailing_stop"]):
        trail = 1 - s["trailing_stop"] if long else 1 + s["trailing_stop"]
        stops.append((best * trail, "trailing_stop"))
    if not stops:
        return None
    return (max if long else min)(stops, key=lambda x: x[0])  # the first of equals: the stop-loss


def stop_hit(broker, ohlc, best, s):
    """(price, reason) of the stop a bar touches, or None. Long and short written out apart."""
    opened, high, low, _ = ohlc
    entry, stop = broker.entry["price"], adverse_stop(broker, best, s)
    if broker.shares > 0:
        target = entry * (1 + s["take_profit"]) if on(s["take_profit"]) else math.inf
        if stop and opened <= stop[0]:
            return opened, stop[1]
        if opened >= target:
            return opened, "take_profit"
        if stop and low <= stop[0]:
            return stop
        return (target, "take_profit") if high >= target else None
    target = entry * (1 - s["take_profit"]) if on(s["take_profit"]) else -math.inf
    if stop and opened >= stop[0]:
        return opened, stop[1]
    if opened <= target:
        return opened, "take_profit"
    if stop and high >= stop[0] and broker.equity(stop[0]) > 0:  # else the ruin is nearer
        return stop
    if broker.equity(high) <= 0:
        return ruined_at(broker, opened), "liquidation"
    return (target, "take_profit") if low <= target else None


def ruined_at(broker, opened):
    """The price at which a short that a bar ruins has lost all, or the bar's open above it."""
    return opened if broker.equity(opened) <= 0 else broker.cash / -broker.shares


def latched(codes, direction):
    """Code in force after each close, 0 before the first; and whether any came yet."""
    allowed = {"long": {1: 1, -1: 0}, "short": {1: 0, -1: -1}, "both": {1: 1, -1: -1}}[direction]
    now, seen, out = 0, False, []
    for code in codes:
        if code != 2:
            now, seen = allowed.get(int(code), 0), True
        out.append((now, seen))
    return out


class Replay:
    """One window, played bar by bar. bars: list of (open, high, low, close)."""

    def __init__(self, bars, codes, s):
        self.bars, self.s = bars, s
        self.broker = Broker(s["initial_capital"], s["commission"], s["slippage"])
        self.in_force = latched(codes, s["direction"])
        self.muted = None  # the code not to act upon
        self.best = None
        self.at_close = s["fill"] == "same_close"
        self.stop_first = s["stop_order"] == "stop_first"
        self.share = 1.0
        if on(s["risk_fraction"]):
            self.share = min(1.0, s["risk_fraction"] / s["stop_loss"])

    def side(self, code):
        return 0 if code == self.muted else code

    def held(self):
        return (self.broker.shares > 0) - (self.broker.shares < 0)

    def go_to(self, code, price, bar):
        broker = self.broker
        side, held = self.side(code), self.held()
        if held != side and held:
            broker.close(price, bar, "signal")
        if held != side and side and broker.cash > 0:
            broker.open(side, self.share, price, bar)
            self.best = broker.entry["price"]

    def lives_through(self, bar):
        """Whether the bar's range counts for the stops of the position."""
        later = self.at_close or self.s["stops_from"] == "next_bar"
        return bool(self.broker.shares) and bar >= self.broker.entry["bar"] + later

    def stopped(self, bar, before_order=False):
        """Leave at a stop within the bar; True if the position went."""
        hit = None
        if self.lives_through(bar):
            hit = stop_hit(self.broker, self.bars[bar], self.best, self.s)
        if hit and hit[1] == "liquidation":  # only a stop is asked before the order at the open
            hit = None
        if hit:
            self.broker.close(hit[0], bar, hit[1])
        elif not before_order:
            return self.ruined(bar)
        return bool(hit)

    def ruined(self, bar):
        """A short lives through a high that takes all it has; True if it does."""
        broker = self.broker
        opened, high, _, _ = self.bars[bar]
        held = broker.shares < 0 and bar >= broker.entry["bar"] + self.at_close
        if held and broker.equity(high) <= 0:
            broker.ruin(ruined_at(broker, opened), bar)
            return True
        return False

    def trade(self, bar):
        """All that is bought and sold on one bar."""
        opened, _, _, close = self.bars[bar]
        before = self.in_force[bar - 1] if bar else (0, False)
        now = self.in_force[bar]
        waiting = not self.at_close and self.side(before[0]) != self.held()
        stopped = self.stop_first and self.stopped(bar, before_order=waiting)
        if not self.at_close and not stopped:
            self.go_to(before[0], opened, bar)
        stopped = stopped or self.stopped(bar)
        if stopped:
            self.muted = before[0]
        if now != before:
            self.muted = now[0] if self.s["arm"] and not before[1] else None
        if self.at_close:
            if stopped and self.stop_first:
                self.muted = now[0]
            self.go_to(now[0], close, bar)

    def play(self):
        """(equity at each close, broker)."""
        equity = []
        for bar, (_, high, low, close) in enumerate(self.bars):
            self.trade(bar)
            if self.broker.equity(close) <= 0:
                if self.broker.shares:
                    self.broker.ruin(close, bar)
                return equity + [0.0] * (len(self.bars) - bar), self.broker
            equity.append(self.broker.equity(close))
            self.broker.held += bool(self.broker.shares)
            if self.lives_through(bar):
                self.best = max(self.best, high) if self.broker.shares > 0 else min(self.best, low)
        if self.broker.shares:
            self.mark(close, bar)
        return equity, self.broker

    def mark(self, close, bar):
        e = self.broker.entry
        fee = e["size"] * e["price"] * self.s["commission"]
        self.broker.book(close, bar, e["side"] * e["size"] * (close - e["price"]) - fee, "end")


def mean(values):
    return math.fsum(values) / len(values) if values else math.nan


def divide(a, b):
    if b:
        return a / b
    return math.inf if a > 0 else math.nan


def sharpe_of(r, periods, risk_free):
    """Annual Sharpe ratio of returns, so many a year; 0 without deviation."""
    m = mean(r)
    variance = mean([(x - m) ** 2 for x in r])
    if len(r) < 2 or variance <= 1e-12 * mean([x * x for x in r]):
        return 0.0
    excess = mean([x - risk_free / periods for x in r])
    return excess / math.sqrt(variance * len(r) / (len(r) - 1)) * math.sqrt(periods)


def sharpe_daily(equity, days, s):
    """That of the equity at the last bar of each day; days: the day of each bar, or None."""
    last = dict(zip(days or [], equity, strict=False))
    if len(last) < 2:
        return math.nan
    path = [s["initial_capital"], *last.values()]
    r = [b / a - 1 if a > 0 else 0.0 for a, b in pairwise(path)]
    return sharpe_of(r, s["periods_per_year"] * len(r) / len(equity), s["risk_free"])


def annual_return(growth, years):
    if growth == 1:
        return 0.0
    if years < 1 / 366:
        return math.nan
    return growth ** (1 / years) - 1


def metrics(equity, broker, s, years=None, days=None):
    """Every metric by its definition, from the equity and the list of trades."""
    n, periods, start = len(equity), s["periods_per_year"], s["initial_capital"]
    free = s["risk_free"] / periods
    path = [start, *equity]
    r = [b / a - 1 if a > 0 else 0.0 for a, b in pairwise(path)]
    m = mean(r)
    moment = {k: mean([(x - m) ** k for x in r]) for k in (2, 3, 4)}
    if moment[2] <= 1e-12 * mean([x * x for x in r]):
        moment = dict.fromkeys(moment, 0.0)
    std = math.sqrt(moment[2] * n / (n - 1)) if n > 1 else math.nan
    downside = math.sqrt(mean([min(x - free, 0.0) ** 2 for x in r]))
    downside = downside if downside * n**0.5 > 1e-12 else 0.0
    peak, drawdown = start, 0.0
    for e in equity:
        peak = max(peak, e)
        drawdown = max(drawdown, 1 - e / peak)
    drawdown = drawdown if drawdown > 1e-12 else 0.0  # rounding
    trades = broker.trades
    won = [t for t in trades if t["pnl"] > 0]
    lost = [t for t in trades if t["pnl"] < 0]
    annual = annual_return(equity[-1] / start, n / periods if years is None else years)
    nothing = not trades
    return {
        "total_return": equity[-1] / start - 1,
        "annual_return": annual,
        "volatility": std * math.sqrt(periods),
        "sharpe": 0.0 if nothing else sharpe_of(r, periods, s["risk_free"]),
        "sharpe_daily": sharpe_daily(equity, days, s),
        "sortino": 0.0
        if nothing or (m == free and downside == 0)
        else divide((m - free) * periods**0.5, downside),
        "calmar": annual
        if nothing or annual == drawdown == 0 or math.isnan(annual)
        else divide(annual, drawdown),
        "max_drawdown": drawdown,
        "win_rate": len(won) / len(trades) if trades else math.nan,
        "profit_factor": divide(
            math.fsum(t["pnl"] for t in won), -math.fsum(t["pnl"] for t in lost)
        ),
        "trades": len(trades),
        "winning_trades": len(won),
        "losing_trades": len(lost),
        "avg_win": mean([t["return_"] for t in won]),
        "avg_loss": mean([t["return_"] for t in lost]),
        "expectancy": mean([t["return_"] for t in trades]),
        "exposure": broker.held / n,
        "turnover": math.fsum(broker.fills) * periods / n,
        "final_equity": equity[-1],
        "skew": moment[3] / moment[2] ** 1.5 if moment[2] else math.nan,
        "kurtosis": moment[4] / moment[2] ** 2 if moment[2] else math.nan,
    }


def blocks(equity, initial):
    """Sums of r and r^2 in each 1/64 of the window."""
    n = len(equity)
    path = [initial, *equity]
    r = [b / a - 1 if a > 0 else 0.0 for a, b in pairwise(path)]
    edges = [round(n * k / 64) for k in range(65)]  # Python, too, rounds halves to even
    parts = [r[a:b] for a, b in pairwise(edges)]
    return [math.fsum(p) for p in parts], [math.fsum(x * x for x in p) for p in parts]
