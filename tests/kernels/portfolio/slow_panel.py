"""The obvious version of a panel's backtest: one bar, one symbol at a time."""

import numpy as np


def costs_of(value, commission, slippage):
    """Cash that trading a signed value at the quoted price costs."""
    if value > 0:
        return value * ((1 + slippage) * (1 + commission) - 1)
    return -value * (1 - (1 - slippage) * (1 - commission))


def after_costs(free, want, have, commission, slippage):
    """The equity E' with E' = E - costs of trading to want * E', by bisection."""
    low, high = 0.0, free
    for _ in range(200):
        middle = (low + high) / 2
        paid = sum(costs_of(want[i] * middle - have[i], commission, slippage) for i in want)
        low, high = (low, middle) if middle + paid > free else (middle, high)
    return low


def chosen_weights(scores, k, side):
    """Weights by symbol, ties to the earlier one; both sides get half of the equity each."""
    ranked = [i for i in range(len(scores)) if scores[i] == scores[i]]
    top = sorted(ranked, key=lambda i: (-scores[i], i))[:k]
    if side == "long":
        return dict.fromkeys(top, 1 / k)
    if side == "short":
        return dict.fromkeys(sorted(ranked, key=lambda i: (scores[i], i))[:k], -1 / k)
    rest = [i for i in ranked if i not in top]
    bottom = sorted(rest, key=lambda i: (scores[i], i))[:k]
    return dict.fromkeys(top, 0.5 / k) | dict.fromkeys(bottom, -0.5 / k)


def equity_of(opened, close, scores, k, cadence, commission, slippage, initial, side="long",
              start=0, stop=None, delisting=0.0):  # fmt: skip
    """Equity at each close of the window, and the turnover of all fills.

    Args:
        opened: (N, T) NaN where a symbol has no bar, as for close and scores.
    """
    n, n_bars = close.shape
    stop = n_bars if stop is None else stop
    first = last_mark(close)
    ends = [max((t for t in range(n_bars) if close[i, t] == close[i, t]), default=-1)
            for i in range(n)]  # fmt: skip
    alive = np.where(np.isfinite(close), scores, np.nan)
    begins = [t for t in range(start, stop) if np.isfinite(alive[:, t]).sum() >= k]
    rebalances = set(range(begins[0], stop - 1, cadence)) if begins else set()
    cash, shares, turnover, path, dead = initial, np.zeros(n), 0.0, [], False
    for t in range(start, stop):
        for i in range(n):
            if shares[i] and ends[i] < t and not dead:
                value = shares[i] * close[i, ends[i]] * (1 + delisting)
                moved = value * (1 - slippage) if value > 0 else -value * (1 + slippage)
                turnover += moved / path[-1]
                cash += value - costs_of(-value, commission, slippage)
                shares[i] = 0.0
        if t - 1 in rebalances and not dead:
            want = chosen_weights(alive[:, t - 1], k, side)
            trades = [i for i in range(n) if (i in want or shares[i]) and np.isfinite(opened[i, t])]
            have = {i: shares[i] * opened[i, t] for i in trades}
            goal = {i: want.get(i, 0.0) for i in trades}
            free = cash + sum(have.values())
            held_over = sum(shares[i] * first[i, t - 1] for i in range(n)
                            if shares[i] and i not in have)  # fmt: skip
            after = after_costs(free, goal, have, commission, slippage)
            if free + held_over <= 0 or after <= 0:
                dead = True
            else:
                for i in trades:
                    value = goal[i] * after - have[i]
                    moved = value * (1 + slippage) if value > 0 else -value * (1 - slippage)
                    turnover += moved / (free + held_over)
                    shares[i] = goal[i] * after / opened[i, t]
                cash = after - sum(goal[i] * after for i in trades)
        worth = 0.0 if dead else cash + sum(
            shares[i] * first[i, t] for i in range(n) if shares[i])  # fmt: skip
        if worth <= 0:
            worth, dead = 0.0, True
        path.append(worth)
    return np.array(path), turnover


def last_mark(close):
    """(N, T) the last close so far."""
    marks = close.copy()
    for i in range(close.shape[0]):
        for t in range(1, close.shape[1]):
            if not np.isfinite(marks[i, t]):
                marks[i, t] = marks[i, t - 1]
    return marks
