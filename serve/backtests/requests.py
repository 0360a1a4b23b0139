"""Bodies of POST /backtest and /batch-backtest: the keys of `sweeper.backtest.Backtest`."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from serve.problems import Problem
from store.files.paths import is_name
from sweeper.backtest import Backtest

MOST_CONFIGS = 10_000
Word = Annotated[str, Field(max_length=64)]


class Asked(BaseModel):
    """One backtest; fractions, not percent; null switches a rule of risk off."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"strategy": "sma", "symbol": "NASDAQ", "params": {"fast": 20}}]
        },
    )

    strategy: Word
    params: Annotated[dict[Word, FiniteFloat], Field(max_length=100)] = {}
    symbol: Word = "NASDAQ"
    source: Word | None = None
    timeframe: Word | None = None
    start: Word | None = None
    end: Word | None = None
    direction: Word = "long"
    stop_loss: FiniteFloat | None = None
    take_profit: FiniteFloat | None = None
    trailing_stop: FiniteFloat | None = None
    risk_fraction: FiniteFloat | None = None
    commission: FiniteFloat = 0.0005
    slippage: FiniteFloat = 0.0002
    fill: Word = "next_open"
    arm: bool = False
    stop_order: Word = "signal_first"
    stops_from: Word = "entry_bar"
    initial_capital: FiniteFloat = 10_000.0
    periods_per_year: FiniteFloat | None = None
    risk_free: FiniteFloat = 0.0

    def backtest(self) -> Backtest:
        """The same for the engine.

        Raises:
            Problem: a timeframe that the built-in bars do not have, or a strategy by a path: only
                the command line imports files of a user.
        """
        if not is_name(self.strategy):
            raise Problem(422, f"strategy {self.strategy!r}: only names; GET /strategies has them")
        if self.timeframe not in (None, "1d"):
            raise Problem(422, f"timeframe: the built-in bars are days, 1d, got {self.timeframe!r}")
        given: dict[str, Any] = dict(self)
        del given["timeframe"]
        return Backtest(**given)


class Batch(BaseModel):
    """Many backtests; those that share strategy, bars and settings run in one kernel call."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"configs": [{"strategy": "sma"}, {"strategy": "rsi"}]}],
        },
    )

    configs: Annotated[list[Asked], Field(min_length=1, max_length=MOST_CONFIGS)]
