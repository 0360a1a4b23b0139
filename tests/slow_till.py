"""Money and levels of the order engine's reference: see tests/slow_orders.py."""

import math


def on(x):
    return x is not None and not math.isnan(x)


class Till:
    """Cash, shares and the trade at hand; `s` are the settings, `atr` is a list or None."""

    def commission(self, shares, price, rate):
        s = self.s
        part = abs(shares) * price * rate + abs(shares) * s["commission_per_share"]
        if s["commission_minimum"] > 0 and part < s["commission_minimum"]:
            part = s["commission_minimum"]
        return part + s["commission_fixed"]

    def deal(self, shares, price, rate):
        self.cash -= shares * price + self.commission(shares, price, rate)
        self.shares += shares
        self.trade["fills"].append((shares, price))

    def buying_power(self, budget, price, rate):
        """Shares for a budget that has to cover the commission, too."""
        s = self.s
        left = budget - s["commission_fixed"]
        if left <= 0:
            return 0.0
        shares = left / (price * (1 + rate) + s["commission_per_share"])
        least = s["commission_minimum"]
        if least > 0 and shares * (price * rate + s["commission_per_share"]) < least:
            shares = max(0.0, (left - least) / price)
        return shares

    def rounded(self, shares, price):
        lot, least = self.s["lot"], self.s["min_notional"]
        if on(lot):
            shares = math.floor(shares / lot * (1 + 1e-12) + 1e-9) * lot
        return 0.0 if on(least) and shares * price < least else shares

    def worth(self, price):
        return self.cash + self.shares * price

    # --- levels of the trade
    def away(self, distance):
        """A distance in money."""
        t = self.trade
        return distance * (t["atr"] if self.s["risk_unit"] == "atr" else t["first"])

    def ahead(self, distance):
        return self.trade["first"] + self.trade["side"] * self.away(distance)

    def stops(self):
        """All stops in force, (level, reason)."""
        s, t, side = self.s, self.trade, self.trade["side"]
        out = []
        if on(s["stop_loss"]):
            out.append((self.ahead(-s["stop_loss"]), "stop_loss"))
        if on(self.own_stop):
            out.append((self.own_stop, "stop_loss"))
        if t["even"]:
            out.append((t["first"], "break_even"))
        if on(s["trailing_stop"]) and (t["trails"] or not on(s["trail_after"])):
            gap = s["trailing_stop"] * (t["atr"] if s["risk_unit"] == "atr" else t["best"])
            out.append((t["best"] - side * gap, "trailing_stop"))
        return out

    def nearest_stop(self):
        out = self.stops()
        if not out:
            return None
        side = self.trade["side"]
        edge = max(side * level for level, _ in out)
        return next(x for x in out if side * x[0] == edge)

    def nearest_target(self):
        side, out = self.trade["side"], []
        if on(self.s["take_profit"]):
            out.append(self.ahead(self.s["take_profit"]))
        if on(self.own_target):
            out.append(self.own_target)
        return min(out, key=lambda x: side * x) if out else None

    def part_level(self):
        if not on(self.s["scale_out_at"]) or self.trade["scaled"]:
            return None
        return self.ahead(self.s["scale_out_at"])
