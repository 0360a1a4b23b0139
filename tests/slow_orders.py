"""Reference of the order engine: docs/orders.md in plain Python, written apart from the kernels.

A `Desk` plays one window bar by bar. It keeps a list of fills of the trade at hand; everything that
is asked of the trade (average price, profit) is worked out from that list.
"""

import math
from itertools import pairwise

from tests.slow_till import Till, on


def true_ranges(bars):
    return [max(h, before[3]) - min(low, before[3]) for before, (_, h, low, _) in pairwise(bars)]


def wilder(bars, n):
    """ATR after each bar, NaN for the first n."""
    ranges, out = true_ranges(bars), [math.nan] * len(bars)
    for i in range(n, len(bars)):
        out[i] = sum(ranges[:n]) / n if i == n else (out[i - 1] * (n - 1) + ranges[i - 1]) / n
    return out


def deviations(bars, n):
    """Standard deviation, ddof 1, of the last n returns."""
    returns = [b[3] / a[3] - 1 for a, b in pairwise(bars)]
    out = [math.nan] * len(bars)
    for i in range(n, len(bars)):
        own = returns[i - n : i]
        mean = sum(own) / n
        out[i] = math.sqrt(sum((r - mean) ** 2 for r in own) / (n - 1))
    return out


class Desk(Till):
    """Bars of a whole series; plays [start, stop)."""

    def __init__(self, bars, codes, s, *, last=None, funding=None, levels=None, periods=252.0):
        self.bars, self.codes, self.s, self.periods = bars, codes, s, periods
        self.last = last or [False] * len(bars)
        self.funding = funding
        self.levels = levels
        self.atr = wilder(bars, int(s["atr_length"])) if s["risk_unit"] == "atr" else None
        self.dev = deviations(bars, int(s["vol_length"])) if on(s["vol_target"]) else None
        self.cash, self.shares = s["initial_capital"], 0.0
        self.trade = None
        self.trades, self.equity = [], []
        self.code, self.muted, self.seen = 0, False, False
        self.order = None
        self.freed = -math.inf  # bar of the last exit
        self.own_stop = self.own_target = math.nan
        self.counts = {"through": 0, "touched": 0, "ambiguous": 0}

    # --- leaving
    def out(self, price, bar, reason):
        slipped = price * (1 - self.trade["side"] * self.s["slippage"])
        left = self.worth(slipped) - self.commission(self.shares, slipped, self.s["commission"])
        if left <= 0:
            self.wiped(slipped, bar)
            return
        self.deal(-self.shares, slipped, self.s["commission"])
        self.cash = left
        self.finish(bar, reason, left - self.trade["stake"])

    def wiped(self, price, bar):
        self.trade["fills"].append((-self.shares, price))
        self.cash = 0.0
        self.finish(bar, "liquidation", -self.trade["stake"])

    def finish(self, bar, reason, pnl):
        t = self.trade
        into = [(q, p) for q, p in t["fills"] if q * t["side"] > 0]
        outof = [(q, p) for q, p in t["fills"] if q * t["side"] < 0]
        size = sum(abs(q) for q, _ in into)
        paid = sum(abs(q) * p for q, p in into)
        got = sum(abs(q) * p for q, p in outof)
        self.trades.append(
            {
                "entry_bar": t["bar"],
                "exit_bar": bar,
                "side": t["side"],
                "entry_price": paid / size,
                "exit_price": got / size,
                "size": size,
                "pnl": pnl,
                "return_": pnl / paid,
                "exit_reason": reason,
            }
        )
        self.shares, self.trade = 0.0, None
        if reason != "end":
            self.freed = bar

    # --- entering
    def may_enter(self, i):
        wait = self.s["cooldown"] if on(self.s["cooldown"]) else -1
        return not self.last[i] and i > self.freed + wait and self.cash > 0

    def enter(self, price, i, *, limit, inside, at_close):
        """Fill the order; False if nothing is bought."""
        s, side, decided = self.s, self.order["side"], self.order["bar"]
        self.order = None
        if not limit:
            price *= 1 + side * s["slippage"]
        rate = s["maker_commission"] if limit and on(s["maker_commission"]) else s["commission"]
        atr = self.atr[decided] if self.atr else math.nan
        if self.atr and math.isnan(atr):
            return False
        scale = 1.0
        if self.dev:
            if math.isnan(self.dev[decided]):
                return False
            yearly = self.dev[decided] * math.sqrt(self.periods)
            scale = s["vol_target"] / yearly if yearly > 0 else math.inf
        shares = self.rounded(self.wanted_size(price, rate, side, atr, scale), price)
        if not shares > 0:
            return False
        self.trade = {
            "side": side, "bar": i, "first": price, "unit": shares, "stake": self.cash, "atr": atr,
            "best": price, "inside": inside, "at_close": at_close, "even": False, "trails": False,
            "scaled": False, "added": 0, "fills": [],
        }  # fmt: skip
        self.deal(side * shares, price, rate)
        return True

    def wanted_size(self, price, rate, side, atr, scale):
        s = self.s
        most = s["leverage"] * self.cash
        room = self.buying_power(most, price, rate)
        if s["size"] == "units":
            return min(s["size_value"] * scale, room)
        if s["size"] == "fixed":
            return min(min(most, s["size_value"] * scale) / price, room)
        if s["size"] == "fraction":
            money = s["size_value"] * self.cash
        elif self.risked() is not None:
            gap = self.stop_gap(price, side, atr)
            if gap is None or not gap > 0:
                return 0.0
            money = min(s["leverage"], self.risked() / gap) * self.cash
        else:
            money = self.cash if self.dev else most
        return self.buying_power(min(most, money * scale), price, rate)

    def risked(self):
        s = self.s
        if s["size"] == "risk" and on(s["size_value"]):
            return s["size_value"]
        return s["risk_fraction"] if on(s["risk_fraction"]) else None

    def stop_gap(self, price, side, atr):
        """Distance of the first stop, as a fraction of the price."""
        s = self.s
        for name in ("stop_loss", "trailing_stop"):
            if on(s[name]):
                return s[name] * atr / price if self.atr else s[name]
        return side * (price - self.own_stop) / price if on(self.own_stop) else None

    # --- one bar
    def lives_through(self, i):
        late = self.trade["at_close"] or self.s["stops_from"] == "next_bar"
        return i >= self.trade["bar"] + (1 if late else 0)

    def margin(self):
        return self.s["maintenance_margin"] if on(self.s["maintenance_margin"]) else 0.0

    def broken_at(self, i, inside):
        """Price at which the bar liquidates the position, or None."""
        o, h, low, _ = self.bars[i]
        m, side = self.margin(), self.trade["side"]
        worst = low if side > 0 else h
        if (side > 0 and self.cash >= 0) or self.worth(worst) > m * abs(self.shares) * worst:
            return None
        level = -self.cash / (self.shares * (1 - side * m))
        return o if not inside and side * o <= side * level else level

    def liquidated(self, i, inside):
        level = self.broken_at(i, inside)
        if level is None:
            return False
        if on(self.s["maintenance_margin"]):
            self.out(level, i, "liquidation")
        else:
            self.wiped(level, i)
        return True

    def through_bar(self, i):
        """True if the bar takes the position out."""
        t, side = self.trade, self.trade["side"]
        inside = t["inside"] and t["bar"] == i
        if not self.lives_through(i):
            return (i > t["bar"] or not t["at_close"]) and self.liquidated(i, t["inside"])
        o, h, low, _ = self.bars[i]
        worst, best = (low, h) if side > 0 else (h, low)
        stop, target = self.nearest_stop(), self.nearest_target()
        if not inside and stop and side * o <= side * stop[0]:
            self.out(o, i, stop[1])
            return True
        if not inside and target is not None and side * o >= side * target:
            self.out(o, i, "take_profit")
            return True
        if stop and self.stopped_at(stop, worst):
            self.out_at_stop(i, stop, target, best, inside)
            return True
        if self.liquidated(i, inside):
            return True
        if i > t["bar"]:
            self.add(o, best)
        if inside:
            return False
        self.leave_part(o, best)
        if target is not None and side * best >= side * target:
            self.out(target, i, "take_profit")
            return True
        return False

    def stopped_at(self, stop, worst):
        side = self.trade["side"]
        kept = self.worth(stop[0]) > self.margin() * abs(self.shares) * stop[0]
        return side * worst <= side * stop[0] and kept

    def out_at_stop(self, i, stop, target, best, inside):
        t, side = self.trade, self.trade["side"]
        gains = [x for x in (target, self.part_level()) if x is not None]
        if not inside and gains and side * best >= min(side * g for g in gains):
            self.counts["ambiguous"] += 1
        past_entry = inside and side * stop[0] > side * t["first"]
        self.out(t["first"] if past_entry else stop[0], i, stop[1])

    def leave_part(self, opened, best):
        t, s, side = self.trade, self.s, self.trade["side"]
        part = self.part_level()
        if part is None or side * best < side * part:
            return
        t["scaled"] = True
        price = part if side * part >= side * opened else opened
        share = s["scale_out_part"] if on(s["scale_out_part"]) else 0.5
        size = self.rounded(share * abs(self.shares), price)
        if 0 < size < abs(self.shares):
            self.deal(-side * size, price * (1 - side * s["slippage"]), s["commission"])

    def add(self, opened, best):
        t, s, side = self.trade, self.s, self.trade["side"]
        while on(s["pyramiding"]) and t["added"] < s["pyramiding"]:
            level = self.ahead((t["added"] + 1) * s["add_at"])
            if side * best < side * level:
                return
            t["added"] += 1
            price = (opened if side * opened > side * level else level) * (1 + side * s["slippage"])
            free = s["leverage"] * self.worth(price) - abs(self.shares) * price
            size = self.rounded(
                min(t["unit"], self.buying_power(free, price, s["commission"])), price
            )
            if size > 0:
                self.deal(side * size, price, s["commission"])

    def displaced(self, i):
        """A stop inside the bar that goes before the order at its open."""
        if self.s["stop_order"] != "stop_first" or not self.lives_through(i):
            return False
        o, h, low, _ = self.bars[i]
        t, side = self.trade, self.trade["side"]
        inside = t["inside"] and t["bar"] == i
        worst, best = (low, h) if side > 0 else (h, low)
        stop, target = self.nearest_stop(), self.nearest_target()
        if not inside and stop and side * o <= side * stop[0]:
            self.out(o, i, stop[1])
        elif not inside and target is not None and side * o >= side * target:
            self.out(o, i, "take_profit")
        elif (
            stop
            and side * worst <= side * stop[0]
            and self.worth(stop[0]) > self.margin() * abs(self.shares) * stop[0]
        ):
            self.out(stop[0], i, stop[1])
        elif (
            not inside
            and target is not None
            and side * best >= side * target
            and self.broken_at(i, False) is None
        ):
            self.out(target, i, "take_profit")
        return self.trade is None

    def want(self):
        return 0 if self.muted else self.code

    def play(self, start=0, stop=None):
        stop = len(self.bars) if stop is None else stop
        for i in range(start, stop):
            self.bar(i)
            if self.equity and self.equity[-1] == 0.0:
                self.equity += [0.0] * (stop - start - len(self.equity))
                return self
        if self.trade:
            close = self.bars[stop - 1][3]
            pnl = self.worth(close) - self.trade["stake"]
            self.trade["fills"].append((-self.shares, close))
            self.finish(stop - 1, "end", pnl)
        return self

    def bar(self, i):
        s, (o, _, _, c) = self.s, self.bars[i]
        same_close = s["fill"] == "same_close"
        if self.trade and self.funding and on(self.funding[i]):
            self.cash -= self.shares * o * self.funding[i]
        stopped = self.trade is not None and self.due_at_open(i, o, same_close)
        if not self.trade and self.order and self.may_enter(i) and not stopped:
            self.work(i, same_close)
        if self.trade and self.through_bar(i):
            stopped = True
        if self.trade and self.last[i]:
            self.out(c, i, "session")
            stopped = True
        self.decide(i, stopped, same_close)
        if same_close and self.want() != (self.trade["side"] if self.trade else 0):
            self.trade_at_close(c, i)
        if self.order and self.order["kind"] != "market" and i >= self.order["until"]:
            self.order, self.muted = None, True
        if self.levels:
            self.own_stop, self.own_target = self.levels[0][i], self.levels[1][i]
        self.close(i)

    def due_at_open(self, i, opened, same_close):
        """Leave what is due; True if a stop went before it."""
        turned = not same_close and self.want() != self.trade["side"]
        old = on(self.s["max_bars"]) and i >= self.trade["bar"] + self.s["max_bars"]
        if not turned and not old:
            return False
        if self.displaced(i):
            return True
        if turned:
            self.out(opened, i, "signal")
        else:
            self.out(opened, i, "max_bars")
            self.muted, self.order = True, None
        return False

    def trade_at_close(self, close, i):
        if self.trade:
            self.out(close, i, "signal")
        market = self.order and self.order["kind"] == "market" and self.may_enter(i)
        if market and not self.enter(close, i, limit=False, inside=False, at_close=True):
            self.muted = True

    def work(self, i, same_close):
        o, h, low, _ = self.bars[i]
        order = self.order
        if order["kind"] == "market":
            if not same_close and not self.enter(o, i, limit=False, inside=False, at_close=False):
                self.muted = True
            return
        side, level = order["side"], order["level"]
        if order["kind"] == "stop":
            hit = h >= level if side > 0 else low <= level
            price = max(o, level) if side > 0 else min(o, level)
        else:
            through = low < level if side > 0 else h > level
            touched = low <= level if side > 0 else h >= level
            if touched:
                self.counts["through" if through else "touched"] += 1
            hit = touched if self.s["limit_fill"] == "touch" else through
            price = min(o, level) if side > 0 else max(o, level)
        if hit and not self.enter(
            price, i, limit=order["kind"] == "limit", inside=price != o, at_close=False
        ):
            self.muted = True

    def decide(self, i, stopped, same_close):
        s, raw = self.s, int(self.codes[i])
        allowed = {"long": {1: 1, 0: 0, -1: 0}, "short": {1: 0, 0: 0, -1: -1}}
        code = allowed.get(s["direction"], {1: 1, 0: 0, -1: -1}).get(raw, 2)
        turned = code != 2 and (code != self.code or not self.seen)
        if turned:
            dropped = stopped and same_close and s["stop_order"] == "stop_first"
            self.muted = dropped or (s["arm"] and not self.seen)
            turned = code != self.code or not self.seen
            self.code, self.seen = code, True
        elif stopped:
            self.muted = True
        limit = self.levels[2][i] if self.levels else math.nan
        if turned or self.want() == 0:
            side = self.want()
            held = self.trade["side"] if self.trade else 0
            self.order = self.new_order(i, side, limit) if side and side != held else None
        elif self.order and self.order["kind"] != "market" and on(limit):
            self.order["level"] = limit

    def new_order(self, i, side, limit):
        s, c = self.s, self.bars[i][3]
        order = {"side": side, "bar": i, "kind": s["entry"], "until": i + s["entry_valid"]}
        if on(limit):
            order |= {"kind": "stop" if s["entry"] == "stop" else "limit", "level": limit}
        elif s["entry"] != "market":
            gap = s["entry_distance"] * (self.atr[i] if self.atr else c)
            order["level"] = c + side * gap if s["entry"] == "stop" else c - side * gap
        return order

    def close(self, i):
        s, c = self.s, self.bars[i][3]
        if self.shares < 0:
            self.cash -= -self.shares * c * s["borrow_rate"] / self.periods
        elif self.shares > 0 and self.cash < 0:
            self.cash -= -self.cash * s["cash_rate"] / self.periods
        value = self.worth(c)
        if value <= 0:
            if self.trade:
                self.wiped(c, i)
            self.cash = 0.0
            self.equity.append(0.0)
            return
        self.equity.append(value)
        if not self.trade:
            return
        t, (_, h, low, _) = self.trade, self.bars[i]
        side = t["side"]
        if t["inside"] and i == t["bar"]:
            t["best"] = max(t["best"], c) if side > 0 else min(t["best"], c)
        elif self.lives_through(i):
            t["best"] = max(t["best"], h) if side > 0 else min(t["best"], low)
        gain = side * (c - t["first"])
        if on(s["break_even"]) and gain >= self.away(s["break_even"]):
            t["even"] = True
        if on(s["trail_after"]) and gain >= self.away(s["trail_after"]):
            t["trails"] = True
