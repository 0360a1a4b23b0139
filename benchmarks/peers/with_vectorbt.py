"""vectorbt: many configurations as the columns of one portfolio, as its users write it."""

import time
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt

from benchmarks.peers.cases import CAPITAL, CASES, TIE_DECIMALS, YEAR
from benchmarks.peers.equity import Trades, of_equity, turnover
from benchmarks.peers.vectorbt_orders import range_stops, target_weights
from benchmarks.peers.vectorbt_rules import RULES

STOP_NAMES = {"stop_loss": "sl_stop", "trailing_stop": "sl_stop", "take_profit": "tp_stop"}


def start(name: str) -> "Vectorbt":
    """The engine with its default Numba functions, or those in Rust wherever it has them."""
    vbt.settings["engine"] = "auto" if name == "vectorbt-rust" else "numba"
    vbt.settings.returns["year_freq"] = f"{YEAR:g} days"
    return Vectorbt()


def portfolio(
    bars: pd.DataFrame,
    up: np.ndarray,
    down: np.ndarray,
    *,
    both: bool = False,
    at_close: bool = False,
    **options: Any,
) -> vbt.Portfolio:
    """Go long on `up`, short or flat on `down`; (n_bars, n) booleans decided at the close."""
    if not at_close:
        up, down = later(up), later(down)
        options["price"] = bars["open"]
    return vbt.Portfolio.from_signals(
        bars["close"],
        entries=pd.DataFrame(up, index=bars.index),
        exits=pd.DataFrame(down, index=bars.index),
        direction="both" if both else "longonly",
        freq="1D",
        **options,
    )


def later(signals: np.ndarray) -> np.ndarray:
    """Signals one bar later: what is decided at a close is done at the next open."""
    return np.vstack([np.zeros_like(signals[:1]), signals[:-1]])


def starts(signals: np.ndarray) -> np.ndarray:
    """The first bar of each spell: after a stop exit, the same spell shall not enter again."""
    return signals & ~later(signals)


def stops(bars: pd.DataFrame, **fractions: Any) -> dict[str, Any]:
    """Options for stops: from the price of the fill, filled at the stop or at a worse open."""
    options: dict[str, Any] = {STOP_NAMES[name]: value for name, value in fractions.items()}
    options |= {name: bars[name] for name in ("open", "high", "low")}
    options |= {"stop_entry_price": "fillprice", "stop_exit_price": "stopmarket"}
    return options | {"sl_trail": "trailing_stop" in fractions}


def metrics(pf: vbt.Portfolio) -> dict[str, np.ndarray]:
    """Every metric of ours that vectorbt has, for all columns.

    All trades count, a position that is open at the end too: vectorbt marks it at the last close,
    without an exit fee.
    """
    trades = pf.trades
    winning, losing = trades.winning, trades.losing
    found = {
        "total_return": pf.total_return(),
        "annual_return": pf.annualized_return(),
        "volatility": pf.annualized_volatility(),
        "sharpe": pf.sharpe_ratio(),
        "sortino": pf.sortino_ratio(),
        "calmar": pf.calmar_ratio(),
        "max_drawdown": -pf.max_drawdown(),
        "win_rate": trades.win_rate(),
        "profit_factor": trades.profit_factor(),
        "trades": trades.count(),
        "winning_trades": winning.count(),
        "losing_trades": losing.count(),
        "avg_win": winning.returns.mean(),
        "avg_loss": losing.returns.mean(),
        "expectancy": trades.returns.mean(),
        "exposure": pf.position_coverage(),
        "final_equity": pf.final_value(),
    }
    return {name: np.asarray(value, float) for name, value in found.items()}


def list_trades(records: pd.DataFrame) -> Trades:
    """One column's trades."""
    return Trades(
        side=1.0 - 2.0 * records["direction"].to_numpy(),
        size=records["size"].to_numpy(),
        entry=records["entry_price"].to_numpy(),
        exit=records["exit_price"].to_numpy(),
        entry_fee=records["entry_fees"].to_numpy(),
        pnl=records["pnl"].to_numpy(),
        closed=records["status"].to_numpy() == 1,
    )


class Vectorbt:
    """Answers about one series of bars."""

    bars: pd.DataFrame

    def versions(self) -> dict[str, str]:
        """Of what the numbers depend on."""
        return {"vectorbt": vbt.__version__, "numpy": np.__version__, "pandas": pd.__version__}

    def load(self, path: str) -> dict[str, Any]:
        """Read the bars from a .npz file."""
        columns = dict(np.load(path))
        self.bars = pd.DataFrame(columns, index=pd.to_datetime(columns.pop("time")))
        return {"bars": len(self.bars)}

    def parity(self, case: str, configurations: dict[str, list[float]]) -> dict[str, Any]:
        """Its metrics of the configurations of a case."""
        shared = CASES["vectorbt"][case]
        drawn = {name: np.array(values) for name, values in configurations.items()}
        options = {
            "init_cash": CAPITAL["vectorbt"],
            "fees": drawn.get("commission", 0.0),
            "slippage": drawn.get("slippage", 0.0),
        }
        on = {name: drawn[name] for name in STOP_NAMES if name in drawn}
        if on:
            options |= stops(self.bars, **on)
        if "risk_fraction" in drawn:
            share = np.minimum(1.0, drawn["risk_fraction"] / drawn["stop_loss"])
            options |= {"size": share, "size_type": "percent"}
        codes = self._crossing(drawn["fast"], drawn["slow"])
        pf = portfolio(
            self.bars,
            starts(codes == 1),
            starts(codes == -1),
            both=shared.direction == "both",
            at_close=shared.fill == "same_close",
            **options,
        )
        found = metrics(pf) | self._missing(pf)
        return {"metrics": {name: value.tolist() for name, value in found.items()}}

    def weights(self, lookbacks: list[int]) -> dict[str, Any]:
        """Equity of trading to weights, a list per lookback, and the CPU seconds of the metrics."""
        began = time.process_time()
        pf = target_weights(self.bars, lookbacks)
        metrics(pf)
        seconds = time.process_time() - began
        return {"equity": pf.value().to_numpy().T.tolist(), "seconds": seconds}

    def ranges(self, size: int, length: int, costs: dict[str, float]) -> dict[str, Any]:
        """CPU seconds of a grid of crossings with stops in average true ranges."""
        began = time.process_time()
        up, down = RULES["sma"](self.bars, size)
        options = stops(self.bars, **range_stops(self.bars, length))
        options |= {"fees": costs["commission"], "slippage": costs["slippage"]}
        pf = portfolio(self.bars, starts(up), starts(down), init_cash=10_000.0, **options)
        sharpe = metrics(pf)["sharpe"]
        return {"seconds": time.process_time() - began, "backtests": sharpe.size}

    def _missing(self, pf: vbt.Portfolio) -> dict[str, np.ndarray]:
        """Skew, kurtosis and turnover, which vectorbt lacks, from its equity and its trades."""
        cash, records = CAPITAL["vectorbt"], pf.trades.records
        rows = []
        for column, equity in enumerate(pf.value().to_numpy().T):
            moments = of_equity(equity, cash, YEAR)
            trades = list_trades(records[records["col"] == column])
            years = equity.size / YEAR
            rows.append([moments["skew"], moments["kurtosis"], turnover(trades, cash, years)])
        return dict(zip(("skew", "kurtosis", "turnover"), np.array(rows).T, strict=True))

    def _crossing(self, fast: np.ndarray, slow: np.ndarray) -> np.ndarray:
        """Codes of a crossing of averages: the side of the last one that was not a tie."""
        averages = vbt.MA.run(self.bars["close"], np.r_[fast, slow].astype(int), run_unique=True)
        quick, calm = np.hsplit(averages.ma.to_numpy(), 2)
        side = pd.DataFrame(np.sign((quick - calm).round(TIE_DECIMALS))).replace(0.0, np.nan)
        return side.ffill().fillna(0.0).to_numpy()

    def time(self, scenario: dict[str, Any], size: int) -> dict[str, Any]:
        """CPU seconds of backtesting a grid of about `size` configurations with all metrics."""
        began = time.process_time()
        up, down = RULES[scenario["strategy"]](self.bars, size)
        options: dict[str, Any] = {"fees": scenario["commission"], "init_cash": 10_000.0}
        options["slippage"] = scenario["slippage"]
        if scenario["stops"]:
            up, down = starts(up), starts(down)
            options |= stops(self.bars, **scenario["stops"])
        pf = portfolio(self.bars, up, down, both=scenario["direction"] == "both", **options)
        sharpe = metrics(pf)["sharpe"]
        return {"seconds": time.process_time() - began, "backtests": sharpe.size}
