"""Cases for every strategy: the codes of a few bars worked by hand, and params for random bars."""

from typing import NamedTuple

import numpy as np

from kernels.strategy import HOLD

nan = np.nan


class Golden(NamedTuple):
    """Codes worked by hand: of the first warm bar, a rise, a tie and a fall."""

    strategy: str
    params: dict
    bars: dict
    codes: list


# Lengths so short that votes can be worked out by hand.
LENGTHS = {
    "fast": 1,
    "slow": 3,
    "rsi_period": 2,
    "macd_fast": 1,
    "macd_slow": 3,
    "macd_signal": 3,
}

# High, low, close, code: channels of 4 bars in, 2 bars out.
BREAKOUTS = [
    (11, 9, 10, HOLD),
    (12, 9, 11, HOLD),
    (12, 9, 11, HOLD),
    (12, 9, 11, HOLD),
    (13, 10, 13, 1),  # first warm bar: above 12
    (14, 10, 13, HOLD),  # tie with 13
    (13, 11, 11, HOLD),
    (13, 11, 12, HOLD),
    (12, 11, 11, HOLD),  # tie with the way out at 11
    (12, 10.5, 10.5, 0),  # below 11, not below the way in at 10
    (12, 10.5, 10.5, HOLD),  # tie with 10.5
    (12, 9, 9, -1),
    (10, 9, 9.5, HOLD),
    (11, 9, 10, HOLD),
    (11, 10, 11, HOLD),  # tie with the way out at 11
    (11.5, 10, 11.5, 0),  # above 11, not above the way in at 12
    (10, 9.5, 9.5, HOLD),  # below a long's way out at 10, but flat
    (10, 9.6, 9.7, HOLD),
    (11, 9.6, 11, HOLD),  # above a short's way out at 10, but flat
]

CHANNELS = {name: [bar[k] for bar in BREAKOUTS] for k, name in enumerate(("high", "low", "close"))}

GOLDEN = [
    Golden("buy_hold", {}, {"close": [5, 6, 6, 4]}, [1, 1, 1, 1]),
    # Closes with their mean of 2 behind them: -, 10.5, 11.5, 12, 11.5, 11.
    Golden(
        "sma",
        {"fast": 1, "slow": 2},
        {"close": [10, 11, 12, 12, 11, 11]},
        [HOLD, 1, 1, HOLD, -1, HOLD],
    ),
    # RSI of 2: -, -, 100 (U 1, D 0), 50 (1/2, 1/2), 25 (1/4, 3/4), 12.5 (1/8, 7/8), 70.8.
    Golden(
        "rsi",
        {"period": 2, "oversold": 25, "overbought": 50},
        {"close": [10, 12, 12, 11, 10, 9, 11]},
        [HOLD, HOLD, -1, HOLD, HOLD, 1, -1],
    ),
    # Slow average (seed 33/3, then half way to each close): -, -, 11, 11, 10, 11.
    Golden(
        "ema",
        {"fast": 1, "slow": 3},
        {"close": [10, 11, 12, 11, 9, 12]},
        [HOLD, HOLD, 1, HOLD, -1, 1],
    ),
    # Fast is the close. Slow from the fifth bar: 7.87, 9.53, 9.5, 9.1, 9 (tie), 7.13, 9.2.
    Golden(
        "hma",
        {"fast": 1, "slow": 4},
        {"close": [6, 6, 6, 6, 9, 9, 9, 9, 9, 6, 12]},
        [HOLD, HOLD, HOLD, HOLD, 1, -1, -1, -1, HOLD, -1, 1],
    ),
    # Fast is the close, slow average from the third bar 11, 11, 12.5, 13.5, 11.75, 12.875 and its
    # average from the fifth 11.5, 12.5, 12.125, 12.5: gaps 1.5 > 1, 1 = 1, -1.75 < -.375,
    # 1.125 > .375.
    Golden(
        "macd",
        {"fast": 1, "slow": 3, "signal": 3},
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14]},
        [HOLD, HOLD, HOLD, HOLD, 1, HOLD, -1, 1],
    ),
    # Deviations from the mean of 4: 1.73, 1 (tie), -1.51, -1 (tie), .70, 1.61.
    Golden(
        "bollinger",
        {"period": 4, "width": 1},
        {"close": [10, 10, 10, 12, 12, 8, 8, 11, 16]},
        [HOLD, HOLD, HOLD, -1, HOLD, 1, HOLD, HOLD, -1],
    ),
    # Change over two bars: -, -, 1, .5 (tie), -.5 (tie), -.67, 0, 1.
    Golden(
        "momentum",
        {"lookback": 2, "threshold": 0.5},
        {"close": [4, 4, 8, 6, 4, 2, 4, 4]},
        [HOLD, HOLD, 1, HOLD, HOLD, -1, HOLD, 1],
    ),
    Golden(
        "donchian",
        {"entry": 4, "exit": 2},
        {
            "high": [high for high, _, _, _ in BREAKOUTS],
            "low": [low for _, low, _, _ in BREAKOUTS],
            "close": [close for _, _, close, _ in BREAKOUTS],
        },
        [code for _, _, _, code in BREAKOUTS],
    ),
    # Trend: -, -, + - + + - + + + + -.  RSI of 2: -, -, + (50) + + - + + + + -, 50 no vote.
    # MACD as above, then 13.5, 14, 14, 13: + tie - + - + - -.
    Golden(
        "convergence",
        {**LENGTHS, "min_votes": 2},
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14, 13.5, 14, 14, 13]},
        [0, 0, 1, 0, 1, 1, -1, 1, 1, 1, 1, -1],
    ),
    # Nothing moves and nobody votes; from the sixth bar trend + - - + + - -, RSI + - (50) + + - -,
    # MACD + - tie + - - +.
    Golden(
        "convergence",
        {**LENGTHS, "min_votes": 1},
        {"close": [10, 10, 10, 10, 10, 12, 10, 10.5, 11, 10.8, 10, 10.2]},
        [0, 0, 0, 0, 0, 1, -1, -1, 1, 1, -1, -1],
    ),
    # The first of these again, unanimous or flat: the tie of MACD is a vote missing.
    Golden(
        "convergence",
        {**LENGTHS, "min_votes": 3},
        {"close": [10, 11, 12, 11, 14, 14.5, 10, 14]},
        [0, 0, 0, 0, 1, 0, -1, 1],
    ),
    # Ties with the threshold are no news; two bars after news: out; the other side at once.
    Golden(
        "news",
        {"threshold": 0.5, "hold": 2},
        {"sentiment": [nan, 0.5, 0.75, nan, nan, -0.5, -0.75, 0.75, 0.6, 0.1, nan, -1, nan, nan]},
        [0, 0, 1, HOLD, 0, 0, -1, 1, 1, HOLD, 0, -1, HOLD, 0],
    ),
    # Trend -, + 0 - - - - + 0 0. RSI of 2: -, -, 100 50 25 12.5 6.25 76.6 76.6 76.6, of which 0 0
    # -1 0 .5 .75 .875 -.53 -.53 -.53. Momentum -, -, + - - - - + + 0. Weighted sums 0, 5 (tie), 6,
    # 1 (tie), -4, -5 (tie), -5.25, -2.06, 2.94, -1.06.
    Golden(
        "ensemble",
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
            "close": [10, 12, 12, 11, 10, 9, 8, 11, 11, 11],
            "sentiment": [nan, 0.5, 0.5, 0.75, nan, -0.1875, -0.25, -0.75, nan, nan],
        },
        [HOLD, HOLD, 1, HOLD, 0, HOLD, -1, HOLD, 0, HOLD],
    ),
    # The same channels as donchian's; the stop and the size are settings.
    Golden("turtle", {"entry": 4, "exit": 2}, CHANNELS, [bar[3] for bar in BREAKOUTS]),
    Golden("vol_momentum", {"lookback": 2}, {"close": [10, 11, 12, 11, 9]}, [nan, nan, 1, 0, -1]),
    # Range of two bars 9 to 12; only the first close outside of it in a session counts.
    Golden(
        "opening_range",
        {"bars": 2, "latest": 4},
        {
            "high": [11, 12, 12, 13, 14, 11, 11, 12, 11],
            "low": [10, 9, 10, 12, 8, 10, 10, 10, 9],
            "close": [11, 10, 12, 13, 8, 11, 11, 11, 9],
            "session_bar": [0, 1, 2, 3, 4, 0, 1, 2, 3],
        },
        [0, 0, HOLD, 1, HOLD, 0, 0, HOLD, -1],
    ),
    # RSI of 2: -, -, 100, 80 (1, 1/4), 93.3, 95.7, 14.6; mean of 3 from the third: 12, 13.2, 14.5.
    Golden(
        "rsi2",
        {"period": 2, "oversold": 85, "overbought": 90, "trend": 3},
        {"close": [10, 12, 14, 13.5, 16, 17, 9]},
        [HOLD, HOLD, HOLD, 1, 0, HOLD, HOLD],
    ),
    # Average ranges from the third bar: 1, 1.5, 1.25, 1.125; a close below 13 - 1.125 is out.
    Golden(
        "chandelier",
        {"entry": 2, "length": 2, "width": 1},
        {
            "high": [10, 11, 12, 13, 13, 12, 11],
            "low": [9, 10, 11, 11, 12, 11, 9],
            "close": [10, 11, 12, 13, 12, 11.5, 9.5],
        },
        [HOLD, HOLD, 1, 1, HOLD, 0, -1],
    ),
    Golden(
        "turn_of_month",
        {"before": 1, "after": 2},
        {
            "trading_days_left": [2, 1, 0, 20, 19, nan],
            "trading_day_of_month": [19, 20, 21, 1, 2, 3],
        },
        [0, 1, 1, 1, 0, HOLD],
    ),
    # Lowest and highest of 2 closes before: 9.5 and 10; 9 and 9.5; 9 and 9.4; 9.3 and 9.4.
    Golden(
        "limit_reversion",
        {"length": 2, "mean": 2},
        {"close": [10, 9.5, 9, 9.4, 9.3, 11]},
        [HOLD, HOLD, 1, 0, HOLD, -1],
    ),
]

# Params for random bars: windows longer than those above, short enough for 150 bars.
RANDOM = {
    "bollinger": {"period": 6, "width": 1.2},
    "buy_hold": {},
    "convergence": {"fast": 3, "slow": 8, "macd_fast": 3, "macd_slow": 7, "min_votes": 3},
    "donchian": {"entry": 8, "exit": 4},
    "ema": {"fast": 3, "slow": 8},
    "ensemble": {"enter": 0.8, "fast": 3, "slow": 8, "rsi_period": 5, "lookback": 6},
    "hma": {"fast": 5, "slow": 12},
    "macd": {"fast": 3, "slow": 8, "signal": 4},
    "momentum": {"lookback": 5, "threshold": 0.02},
    "news": {"threshold": 0.3, "hold": 3},
    "rsi": {"period": 3, "oversold": 35, "overbought": 65},
    "sma": {"fast": 3, "slow": 8},
    "turtle": {"entry": 8, "exit": 4},
    "vol_momentum": {"lookback": 5},
    "opening_range": {"bars": 3, "latest": 20},
    "rsi2": {"period": 2, "oversold": 30.0, "overbought": 65.0, "trend": 20},
    "chandelier": {"entry": 8, "length": 5, "width": 2.0},
    "turn_of_month": {"before": 2, "after": 3},
    "limit_reversion": {"length": 3, "mean": 4},
}
