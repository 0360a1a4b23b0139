"""backtesting.py: one configuration at a time, a Python call per bar."""

import time
from typing import Any, ClassVar

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.backtesting import Order
from backtesting.lib import FractionalBacktest

from benchmarks.peers.backtesting_rules import RULES
from benchmarks.peers.cases import CAPITAL, CASES, TIE_DECIMALS, YEAR
from benchmarks.peers.equity import Trades, of_equity, of_trades, turnover
from benchmarks.peers.grids import grid

backtesting.backtesting._tqdm = lambda iterable, **_: iterable  # no progress bar per backtest


def start(name: str) -> "Backtesting":
    """The engine."""
    return Backtesting()


class Scripted(Strategy):
    """Trades the changes of `codes`: +1 long, -1 short or flat, 0 before the first.

    Stops are set from the next open, which is the price of the fill: the script may look ahead for
    that, a strategy could not. A change enters once, so that after a stop exit it stays flat.
    """

    codes: ClassVar[np.ndarray]
    opens: ClassVar[np.ndarray]
    both: ClassVar[bool]
    stop_loss: ClassVar[float | None]
    take_profit: ClassVar[float | None]

    def init(self) -> None:
        """Nothing: declared indicators would make the simulation start after their warm-up."""

    def next(self) -> None:
        """Order at a change of code."""
        i = len(self.data) - 1
        code, before = self.codes[i], self.codes[i - 1]
        if code in (before, 0) or i + 1 == self.opens.size:
            return
        if code == 1:
            self._stop(self.buy(), 1, self.opens[i + 1])
        elif self.both:
            self._stop(self.sell(), -1, self.opens[i + 1])
        else:
            self.position.close()

    def _stop(self, order: Order, side: int, fill: float) -> None:
        """Give an order its stops, after the check that `buy` makes.

        That check measures from the last close, and refuses a stop which the next open gaps over.
        """
        if self.stop_loss is not None:
            order._replace(sl_price=fill * (1 - side * self.stop_loss))
        if self.take_profit is not None:
            order._replace(tp_price=fill * (1 + side * self.take_profit))


def all_trades(stats: pd.Series, commission: float) -> Trades:
    """The closed trades, and the open one, which backtesting.py leaves out of its figures."""
    closed, still = stats["_trades"], stats["_strategy"].trades
    fees = [abs(t.size) * t.entry_price * commission for t in still]
    price = stats["_strategy"].data.Close[-1]
    shares = np.r_[closed["Size"], [t.size for t in still]].astype(float)
    entry = np.r_[closed["EntryPrice"], [t.entry_price for t in still]]
    return Trades(
        side=np.sign(shares),
        size=np.abs(shares),
        entry=entry,
        exit=np.r_[closed["ExitPrice"], [price for _ in still]],
        entry_fee=np.abs(shares) * entry * commission,
        pnl=np.r_[closed["PnL"], [t.pl - fee for t, fee in zip(still, fees, strict=True)]],
        closed=np.arange(shares.size) < len(closed),
    )


def held(stats: pd.Series, bars: int) -> float:
    """Share of bars that closed with a position; its own figure counts the bar of an exit too."""
    closed, still = stats["_trades"], stats["_strategy"].trades
    spells = (closed["ExitBar"] - closed["EntryBar"]).sum()
    return float(spells + sum(bars - t.entry_bar for t in still)) / bars


class Backtesting:
    """Answers about one series of bars."""

    bars: pd.DataFrame

    def versions(self) -> dict[str, str]:
        """Of what the numbers depend on."""
        return {
            "backtesting": backtesting.__version__,
            "numpy": np.__version__,
            "pandas": pd.__version__,
        }

    def load(self, path: str) -> dict[str, Any]:
        """Read the bars from a .npz file."""
        columns = dict(np.load(path))
        frame = pd.DataFrame(columns, index=pd.to_datetime(columns.pop("time")))
        self.bars = frame.rename(columns=str.capitalize)
        return {"bars": len(self.bars)}

    def parity(self, case: str, configurations: dict[str, list[float]]) -> dict[str, Any]:
        """Its metrics of the configurations of a case."""
        both = CASES["backtesting"][case].direction == "both"
        points = zip(*configurations.values(), strict=True)
        rows = [self._one(dict(zip(configurations, point, strict=True)), both) for point in points]
        return {"metrics": {name: [row[name] for row in rows] for name in rows[0]}}

    def _one(self, one: dict[str, float], both: bool) -> dict[str, float]:
        """Metrics of one configuration, from backtesting.py's equity curve and trades."""
        cash, commission = CAPITAL["backtesting"], one.get("commission", 0.0)
        script = type(
            "Script",
            (Scripted,),
            {
                "codes": self._crossing(int(one["fast"]), int(one["slow"])),
                "opens": self.bars["Open"].to_numpy(),
                "both": both,
                "stop_loss": one.get("stop_loss"),
                "take_profit": one.get("take_profit"),
            },
        )
        test = Backtest(self.bars, script, cash=cash, commission=commission, exclusive_orders=True)
        stats = test.run()
        trades = all_trades(stats, commission)
        equity, years = stats["_equity_curve"]["Equity"].to_numpy(), len(self.bars) / YEAR
        found = of_equity(equity, cash, YEAR) | of_trades(trades)
        found["turnover"] = turnover(trades, cash, years)
        found["exposure"] = held(stats, len(self.bars))
        # Of its own figures these mean what ours mean.
        found["total_return"] = stats["Return [%]"] / 100
        found["final_equity"] = stats["Equity Final [$]"]
        found["max_drawdown"] = -stats["Max. Drawdown [%]"] / 100
        found["trades"] = float(stats["# Trades"]) + (~trades.closed).sum()
        return {name: float(value) for name, value in found.items()}

    def _crossing(self, fast: int, slow: int) -> np.ndarray:
        """Codes of a crossing of averages: the side of the last one that was not a tie."""
        close = self.bars["Close"]
        gap = close.rolling(fast).mean() - close.rolling(slow).mean()
        side = np.sign(gap.round(TIE_DECIMALS))
        return side.replace(0.0, np.nan).ffill().fillna(0.0).to_numpy()

    def time(self, scenario: dict[str, Any], size: int) -> dict[str, Any]:
        """CPU seconds of backtesting a grid of about `size` configurations with all metrics."""
        points = grid(scenario["strategy"], size)
        rules = RULES[scenario["strategy"]]
        options = {"both": scenario["direction"] == "both", **scenario["stops"]}
        began = time.process_time()
        test = FractionalBacktest(
            self.bars, rules, commission=scenario["commission"], exclusive_orders=True
        )
        count = len(next(iter(points.values())))
        for k in range(count):
            test.run(**options, **{name: values[k].item() for name, values in points.items()})
        return {"seconds": time.process_time() - began, "backtests": count}
