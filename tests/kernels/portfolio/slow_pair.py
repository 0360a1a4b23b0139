"""The obvious version of a pair's backtest: one bar at a time."""

import numpy as np

from tests.kernels.portfolio.slow_panel import after_costs, costs_of, last_mark


def spread_at(first, second, t, n):
    """Hedge ratio and z-score at bar t from the last n bars that both have; NaN without."""
    both = [s for s in range(t + 1) if np.isfinite(first[s]) and np.isfinite(second[s])]
    if not both or both[-1] != t or len(both) < n:
        return np.nan, np.nan
    y, x = np.log(first[both[-n:]]), np.log(second[both[-n:]])
    ratio = np.cov(x, y)[0, 1] / np.var(x, ddof=1)
    rest = y - ratio * x
    return ratio, (rest[-1] - rest.mean()) / rest.std(ddof=1)


def sides_of(zscores, entry, leave, stop):
    """Side wanted after each close of a window."""
    side, stopped, sides = 0, False, []
    for z in zscores:
        if np.isfinite(z):
            stopped = stopped and abs(z) > leave
            if side and abs(z) >= stop:
                side, stopped = 0, True
            elif (side == 1 and z >= -leave) or (side == -1 and z <= leave):
                side = 0
            elif side == 0 and not stopped and entry <= abs(z) < stop:
                side = -1 if z > 0 else 1
        sides.append(side)
    return sides


def pair_equity(opened, close, n, levels, commission, slippage, initial, start, stop, delisting):
    """Equity at each close of the window; opened and close are (2, T)."""
    n_bars = close.shape[1]
    points = [spread_at(close[0], close[1], t, n) for t in range(n_bars)]
    sides = sides_of([z for _, z in points[start:stop]], *levels)
    marks = last_mark(close)
    ends = [max(t for t in range(n_bars) if np.isfinite(close[i, t])) for i in range(2)]
    cash, shares, side, path = initial, np.zeros(2), 0, []
    for t in range(start, stop):
        for i in range(2):
            if shares[i] and ends[i] < t:
                value = shares[i] * close[i, ends[i]] * (1 + delisting)
                cash += value - costs_of(-value, commission, slippage)
                shares[i] = 0.0
        wanted = sides[t - start - 1] if t > start and min(ends) >= t else 0
        ratio = points[t - 1][0]
        ready = np.isfinite(ratio) if wanted else True
        ready = ready and all(np.isfinite(opened[i, t]) for i in range(2) if wanted or shares[i])
        if ready and (wanted != side or (not wanted and shares.any())):
            goal = {}
            if wanted:
                goal = {0: wanted / (1 + abs(ratio)), 1: -wanted * ratio / (1 + abs(ratio))}
            trades = [i for i in range(2) if i in goal or shares[i]]
            have = {i: shares[i] * opened[i, t] for i in trades}
            want = {i: goal.get(i, 0.0) for i in trades}
            after = after_costs(cash + sum(have.values()), want, have, commission, slippage)
            for i in trades:
                shares[i] = want[i] * after / opened[i, t]
            cash, side = after - sum(want[i] * after for i in trades), wanted
        path.append(cash + sum(shares[i] * marks[i, t] for i in range(2) if shares[i]))
    return np.array(path)
