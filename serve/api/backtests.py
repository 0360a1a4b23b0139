"""POST /backtest and /batch-backtest."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serve.api.answers import REFUSALS, Here, Ref, json_of
from serve.backtests.quick import alone
from serve.backtests.requests import MOST_CONFIGS, Asked, Batch, metrics_json
from serve.jobs.batch import METRICS, start_batch
from serve.jobs.folder import find
from serve.problems import Problem
from sweeper.backtest import run_backtest, run_backtests

router = APIRouter(tags=["backtests"], responses={**REFUSALS})


@router.post("/backtest")
def backtest(
    asked: Asked,
    trace: Annotated[bool, Query(description="Equity and trades, too.")] = False,
) -> Response:
    """Metrics of one backtest; nothing is stored or counted."""
    if not trace:
        return json_of({"metrics": alone(asked.backtest())})
    result = run_backtest(asked.backtest())
    equity = {
        "times": [time.isoformat() for time in result.equity.index],
        "values": result.equity.tolist(),
    }
    trades = trades_of(result.trades)
    return json_of({"metrics": result.metrics, "equity": equity, "trades": trades})


@router.post("/batch-backtest", responses={202: {"description": "A job, its id under Location."}})
def batch_backtest(batch: Batch, here: Here) -> Response:
    """Metrics in the order given, of up to 10,000; of more a job. One refused refuses all."""
    backtests = [asked.backtest() for asked in batch.configs]
    if len(backtests) > MOST_CONFIGS:
        job = start_batch(here.root, [asked.model_dump() for asked in batch.configs])
        answer = {"id": job.id, "metrics": f"/jobs/{job.id}/metrics"}
        return json_of(answer, 202, {"Location": f"/jobs/{job.id}"})
    return metrics_json(run_backtests(backtests))


@router.get("/jobs/{name}/metrics")
def batch_metrics(name: Ref, here: Here) -> Response:
    """Metrics of a batch that was a job, once it is done."""
    job = find(here.root, name)
    file = job.folder / METRICS
    if not file.is_file():
        raise Problem(409, f"{job.id}: is {job.state}; it has metrics once it is done")
    return Response(file.read_bytes(), media_type="application/json")


def trades_of(frame: Any) -> list[dict[str, object]]:
    """Trades as plain values, times in ISO 8601."""
    rows: list[dict[str, Any]] = frame.to_dict("records")
    for row in rows:
        row["entry_time"], row["exit_time"] = (
            row[name].isoformat() for name in ("entry_time", "exit_time")
        )
    return rows
