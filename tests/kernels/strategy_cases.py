"""A case for every strategy: the codes of a few bars, worked by hand."""

from typing import NamedTuple

import numpy as np

from kernels.strategy import HOLD

nan = np.nan


class Case(NamedTuple):
    """Golden codes worked by hand, and params for random bars where they need longer windows."""

    params: dict
    bars: dict
    codes: list
    random: dict


# Each golden row covers the first warm bar, a rise, a tie and a fall.
CASES = {
    "buy_hold": Case({}, {"close": [5, 6, 6, 4]}, [1, 1, 1, 1], {}),
    # Closes with their mean of 2 behind them: -, 10.5, 11.5, 12, 11.5, 11.
    "sma": Case(
        {"fast": 1, "slow": 2},
        {"close": [10, 11, 12, 12, 11, 11]},
        [HOLD, 1, 1, HOLD, -1, HOLD],
        {"fast": 3, "slow": 8},
    ),
    # RSI of 2: -, -, 100 (U 1, D 0), 50 (1/2, 1/2), 25 (1/4, 3/4), 12.5 (1/8, 7/8), 70.8.
    "rsi": Case(
        {"period": 2, "oversold": 25, "overbought": 50},
        {"close": [10, 12, 12, 11, 10, 9, 11]},
        [HOLD, HOLD, -1, HOLD, HOLD, 1, -1],
        {"period": 3, "oversold": 35, "overbought": 65},
    ),
    # Slow average (seed 33/3, then half way to each close): -, -, 11, 11, 10, 11.
    "ema": Case(
        {"fast": 1, "slow": 3},
        {"close": [10, 11, 12, 11, 9, 12]},
        [HOLD, HOLD, 1, HOLD, -1, 1],
        {"fast": 3, "slow": 8},
    ),
    # Fast is the close. Slow from the fifth bar: 7.87, 9.53, 9.5, 9.1, 9 (tie), 7.13, 9.2.
    "hma": Case(
        {"fast": 1, "slow": 4},
        {"close": [6, 6, 6, 6, 9, 9, 9, 9, 9, 6, 12]},
        [HOLD, HOLD, HOLD, HOLD, 1, -1, -1, -1, HOLD, -1, 1],
        {"fast": 5, "slow": 12},
    ),
    # Fast is the close, slow average from the third bar 11, 11, 12.5, 13.5, 11.75, 12.875 and its
    # average from the fifth 11.5, 12.5, 12.125, 12.5: gaps 1.5 > 1, 1 = 1, -1.75 < -.375,
    # 1.125 > .375.
    "macd": Case(
        {"fast": 1, "slow": 3, "signal": 3},
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14]},
        [HOLD, HOLD, HOLD, HOLD, 1, HOLD, -1, 1],
        {"fast": 3, "slow": 8, "signal": 4},
    ),
    # Deviations from the mean of 4: 1.73, 1 (tie), -1.51, -1 (tie), .70, 1.61.
    "bollinger": Case(
        {"period": 4, "width": 1},
        {"close": [10, 10, 10, 12, 12, 8, 8, 11, 16]},
        [HOLD, HOLD, HOLD, -1, HOLD, 1, HOLD, HOLD, -1],
        {"period": 6, "width": 1.2},
    ),
    # Change over two bars: -, -, 1, .5 (tie), -.5 (tie), -.67, 0, 1.
    "momentum": Case(
        {"lookback": 2, "threshold": 0.5},
        {"close": [4, 4, 8, 6, 4, 2, 4, 4]},
        [HOLD, HOLD, 1, HOLD, HOLD, -1, HOLD, 1],
        {"lookback": 5, "threshold": 0.02},
    ),
    # Entry at 13 > 12, tie with 13; exit low tie 11, then 10.5 < 11: out, not yet below the entry
    # low 10. Flat on the tie 10.5; 9 < 10.5: short; exit high tie 11, then 11.5 > 11: out.
    "donchian": Case(
        {"entry": 4, "exit": 2},
        {
            "high": [11, 12, 12, 12, 13, 14, 13, 13, 12, 12, 12, 12, 10, 11, 11, 11.5, 10],
            "low": [9, 9, 9, 9, 10, 10, 11, 11, 11, 10.5, 10.5, 9, 9, 9, 10, 10, 9.5],
            "close": [10, 11, 11, 11, 13, 13, 11, 12, 11, 10.5, 10.5, 9, 9.5, 10, 11, 11.5, 9.5],
        },
        [HOLD] * 4 + [1] + [HOLD] * 4 + [0, HOLD, -1] + [HOLD] * 3 + [0, HOLD],
        {"entry": 8, "exit": 4},
    ),
    # Trend: -, -, + - + + - + + + + -.  RSI of 2: -, -, + (50) + + - + + + + -, 50 no vote.
    # MACD as above, then 13.5, 14, 14, 13: + tie - + - + - -.
    "convergence": Case(
        {
            "fast": 1,
            "slow": 3,
            "rsi_period": 2,
            "macd_fast": 1,
            "macd_slow": 3,
            "macd_signal": 3,
            "min_votes": 2,
        },
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14, 13.5, 14, 14, 13]},
        [0, 0, 1, 0, 1, 1, -1, 1, 1, 1, 1, -1],
        {"fast": 3, "slow": 8, "macd_fast": 3, "macd_slow": 7, "macd_signal": 4, "min_votes": 3},
    ),
    # Ties with the threshold are no news; two bars after news: out; the other side at once.
    "news": Case(
        {"threshold": 0.5, "hold": 2},
        {"sentiment": [nan, 0.5, 0.75, nan, nan, -0.5, -0.75, 0.75, 0.6, 0.1, nan, nan]},
        [0, 0, 1, HOLD, 0, 0, -1, 1, 1, HOLD, 0, 0],
        {"threshold": 0.3, "hold": 3},
    ),
    # Trend -, + 0 - - - + 0 0; RSI of 2 -, -, 100 50 25 12.5 70.8 70.8 70.8; momentum -, -, + - -
    # - + + 0.
    # Sums 0, 5 (tie), 6, 1 (tie), -4, -5.5, -1.8, 3.2, -.8.
    "ensemble": Case(
        {
            "weights__trend": 1,
            "weights__rsi": 2,
            "weights__momentum": 4,
            "weights__sentiment": 8,
            "enter": 5,
            "leave": 1,
            "fast": 1,
            "slow": 2,
            "rsi_period": 2,
            "lookback": 2,
        },
        {
            "close": [10, 12, 12, 11, 10, 9, 11, 11, 11],
            "sentiment": [nan, 0.5, 0.5, 0.75, nan, -0.25, -0.75, nan, nan],
        },
        [HOLD, HOLD, 1, HOLD, 0, -1, HOLD, 0, HOLD],
        {"enter": 0.8, "fast": 3, "slow": 8, "rsi_period": 5, "lookback": 6},
    ),
}
