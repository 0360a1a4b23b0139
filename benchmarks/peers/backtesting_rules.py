"""The strategies as backtesting.py users write them: indicators in `init`, orders in `next`."""

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from backtesting import Strategy


class Sided(Strategy):
    """Buys while the rule says +1; sells, or closes, while it says -1; else does nothing."""

    both: ClassVar[bool] = False
    stop_loss: ClassVar[float | None] = None
    take_profit: ClassVar[float | None] = None
    last = 0

    def side(self) -> int:
        """What the rule says at the newest bar."""
        raise NotImplementedError

    def next(self) -> None:
        """Order when the side changes, so that a stop exit is not bought back at once."""
        side = self.side()
        if side in (0, self.last):
            return
        self.last = side
        if side > 0:
            close = self.data.Close[-1]
            down, up = self.stop_loss, self.take_profit
            self.buy(
                sl=None if down is None else close * (1 - down),
                tp=None if up is None else close * (1 + up),
            )
        elif self.both:
            self.sell()
        else:
            self.position.close()


def average(values: Any, length: int) -> np.ndarray:
    """Simple moving average."""
    return pd.Series(values).rolling(int(length)).mean().to_numpy()


def smooth(values: Any, length: int) -> np.ndarray:
    """Exponential moving average."""
    return pd.Series(values).ewm(span=int(length), min_periods=int(length)).mean().to_numpy()


def strength(values: Any, period: int) -> np.ndarray:
    """Relative strength index."""
    moves = pd.Series(values).diff()
    rise, fall = (
        x.ewm(alpha=1 / period, min_periods=int(period)).mean()
        for x in (moves.clip(lower=0), -moves.clip(upper=0))
    )
    return (100 * rise / (rise + fall)).to_numpy()


class Sma(Sided):
    """Crossing of simple averages."""

    fast: ClassVar[float] = 20
    slow: ClassVar[float] = 50
    indicator = staticmethod(average)

    def init(self) -> None:
        """Both averages."""
        self.quick = self.I(self.indicator, self.data.Close, self.fast)
        self.calm = self.I(self.indicator, self.data.Close, self.slow)

    def side(self) -> int:
        """Above or below."""
        return int(np.sign(self.quick[-1] - self.calm[-1]))


class Ema(Sma):
    """Crossing of exponential averages."""

    indicator = staticmethod(smooth)


class Rsi(Sided):
    """RSI below and above thresholds."""

    period: ClassVar[float] = 14
    oversold: ClassVar[float] = 30
    overbought: ClassVar[float] = 70

    def init(self) -> None:
        """The index."""
        self.index = self.I(strength, self.data.Close, self.period)

    def side(self) -> int:
        """Oversold is up, overbought is down."""
        return int(self.index[-1] < self.oversold) - int(self.index[-1] > self.overbought)


class Macd(Sided):
    """The line against its signal line."""

    fast: ClassVar[float] = 12
    slow: ClassVar[float] = 26
    signal: ClassVar[float] = 9

    def init(self) -> None:
        """Line and signal line."""
        close = self.data.Close
        line = smooth(close, self.fast) - smooth(close, self.slow)
        self.line = self.I(lambda: line)
        self.smoothed = self.I(smooth, line, self.signal)

    def side(self) -> int:
        """Above or below."""
        return int(np.sign(self.line[-1] - self.smoothed[-1]))


class Bollinger(Sided):
    """The close outside its bands."""

    period: ClassVar[float] = 20
    width: ClassVar[float] = 2

    def init(self) -> None:
        """Both bands."""
        window = pd.Series(self.data.Close).rolling(int(self.period))
        mean, width = window.mean().to_numpy(), self.width * window.std(ddof=0).to_numpy()
        self.lower = self.I(lambda: mean - width)
        self.upper = self.I(lambda: mean + width)

    def side(self) -> int:
        """Below the lower band is up, above the upper one is down."""
        close = self.data.Close[-1]
        return int(close < self.lower[-1]) - int(close > self.upper[-1])


class Momentum(Sided):
    """The change over a lookback against a threshold."""

    lookback: ClassVar[float] = 120
    threshold: ClassVar[float] = 0.0

    def init(self) -> None:
        """The change."""
        close = pd.Series(self.data.Close)
        self.moved = self.I(lambda: close.pct_change(int(self.lookback)).to_numpy())

    def side(self) -> int:
        """Above or below."""
        return int(self.moved[-1] > self.threshold) - int(self.moved[-1] < -self.threshold)


class Donchian(Sided):
    """The close outside the channel of the bars before."""

    entry: ClassVar[float] = 20
    exit: ClassVar[float] = 10

    def init(self) -> None:
        """The upper edge of the long channel, the lower edge of the short one."""
        high, low = pd.Series(self.data.High), pd.Series(self.data.Low)
        self.top = self.I(lambda: high.rolling(int(self.entry)).max().shift(1).to_numpy())
        self.floor = self.I(lambda: low.rolling(int(self.exit)).min().shift(1).to_numpy())

    def side(self) -> int:
        """Above the top or below the floor."""
        close = self.data.Close[-1]
        return int(close > self.top[-1]) - int(close < self.floor[-1])


RULES: dict[str, type[Sided]] = {
    "sma": Sma,
    "ema": Ema,
    "rsi": Rsi,
    "macd": Macd,
    "bollinger": Bollinger,
    "momentum": Momentum,
    "donchian": Donchian,
}
