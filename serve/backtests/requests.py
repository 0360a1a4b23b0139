"""Bodies and answers of POST /backtest and /batch-backtest: keys of `sweeper.backtest.Backtest`."""

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, create_model
from starlette.responses import Response

from serve.problems import Problem
from store.files.paths import is_name
from sweeper.backtest import BUILT_IN, Backtest

MOST_CONFIGS = 10_000
"""Of a batch that is answered at once; larger ones become a job."""
MOST_JOB = 100_000
Word = Annotated[str, Field(max_length=64)]


NAMES = (
    *("params", "symbol", "source", "start", "end", "holdout", "direction"),
    *("stop_loss", "take_profit", "trailing_stop", "risk_fraction", "commission", "slippage"),
    *("fill", "arm", "stop_order", "stops_from", "initial_capital", "periods_per_year"),
    "risk_free",
)
"""Fields of `Backtest` that a body may set, with its defaults."""
TYPES: Mapping[str, object] = {
    "params": Annotated[dict[Word, FiniteFloat], Field(max_length=100)],
    "holdout": FiniteFloat | Word,
    "arm": bool,
}
OPTIONAL = ("source", "start", "end")
TEXTS = ("symbol", "direction", "fill", "stop_order", "stops_from")


def _field(name: str) -> tuple[object, object]:
    """Type and default of a field of the body."""
    default = next(each.default for each in fields(Backtest) if each.name == name)
    if name in TYPES:
        return TYPES[name], {} if name == "params" else default
    if name in OPTIONAL:
        return Word | None, None
    if name in TEXTS:
        return Word, BUILT_IN if name == "symbol" else default
    return (FiniteFloat | None if default is None else FiniteFloat), default


class _Shape(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"strategy": "sma", "symbol": "NASDAQ", "params": {"fast": 20}}]
        },
    )

    strategy: Word
    timeframe: Word | None = None


_FIELDS: dict[str, Any] = {name: _field(name) for name in NAMES}
_Fields: Any = create_model("_Fields", __base__=_Shape, **_FIELDS)


class Asked(_Fields):  # type: ignore[misc]
    """One backtest; fractions, not percent; null switches a rule of risk off."""

    def backtest(self) -> Backtest:
        """The same for the engine.

        Raises:
            Problem: a timeframe that the built-in bars do not have, or a strategy by a path: only
                the command line imports files of a user.
        """
        given = dict(self.__dict__)
        if not is_name(given["strategy"]):
            raise Problem(422, f"strategy {self.strategy!r}: only names; GET /strategies has them")
        if (timeframe := given.pop("timeframe")) not in (None, "1d"):
            raise Problem(422, f"timeframe: the built-in bars are days, 1d, got {timeframe!r}")
        return Backtest(**given)


class Batch(BaseModel):
    """Many backtests; those that share strategy, bars and settings run in one kernel call."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"configs": [{"strategy": "sma"}, {"strategy": "rsi"}]}],
        },
    )

    configs: Annotated[list[Asked], Field(min_length=1, max_length=MOST_JOB)]


def metrics_json(metrics: dict[str, float] | list[dict[str, float]]) -> Response:
    """Metrics of one backtest or of many in strict JSON, infinity as a text."""
    every = [metrics] if isinstance(metrics, dict) else metrics
    for each in every:
        if math.inf in each.values() or -math.inf in each.values():
            each.update({name: str(v) for name, v in each.items() if math.isinf(v)})  # type: ignore[misc]
    return Response(orjson.dumps({"metrics": metrics}), media_type="application/json")
