"""POST /backtest and /batch-backtest."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serve.api.answers import REFUSALS, json_of
from serve.backtests.requests import Asked, Batch
from sweeper.backtest import Backtest, run_backtest, run_backtests

router = APIRouter(tags=["backtests"], responses={**REFUSALS})


@router.post("/backtest")
def backtest(
    asked: Asked,
    trace: Annotated[bool, Query(description="Equity and trades, too.")] = False,
) -> Response:
    """Metrics of one backtest; nothing is stored or counted."""
    if not trace:
        return json_of({"metrics": _metrics(asked.backtest())})
    result = run_backtest(asked.backtest())
    equity = {
        "times": [time.isoformat() for time in result.equity.index],
        "values": result.equity.tolist(),
    }
    trades = trades_of(result.trades)
    return json_of({"metrics": result.metrics, "equity": equity, "trades": trades})


def _metrics(backtest: Backtest) -> dict[str, float]:
    """The metrics alone, of the kernel that makes no trades: a tenth of the time."""
    try:
        return run_backtests([backtest])[0]
    except ValueError:
        return run_backtest(backtest).metrics  # refuses in its words, without a place in a batch


@router.post("/batch-backtest")
def batch_backtest(batch: Batch) -> Response:
    """Metrics of up to 10,000 backtests, in the order given; one refused refuses all."""
    return json_of({"metrics": run_backtests([asked.backtest() for asked in batch.configs])})


def trades_of(frame: Any) -> list[dict[str, Any]]:
    """Trades as plain values, times in ISO 8601."""
    rows: list[dict[str, Any]] = frame.to_dict("records")
    for row in rows:
        row["entry_time"], row["exit_time"] = (
            row[name].isoformat() for name in ("entry_time", "exit_time")
        )
    return rows
