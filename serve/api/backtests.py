"""POST /backtest and /batch-backtest."""

import math
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from serve.api.answers import REFUSALS, Here, Ref, json_of
from serve.backtests.quick import Batcher, alone
from serve.backtests.requests import MOST_CONFIGS, Asked, Batch
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


async def quick_backtest(request: Request) -> Response:
    """The same route without the framework's parts, which take longer than a backtest."""
    batcher: Batcher = request.app.state.batcher
    backtest = _asked(await request.body()).backtest()
    return metrics_json(await batcher.metrics(backtest))


def metrics_json(metrics: dict[str, float] | list[dict[str, float]]) -> Response:
    """Metrics of one backtest or of many in strict JSON, as `json_of` writes them."""
    every = [metrics] if isinstance(metrics, dict) else metrics
    for each in every:
        if math.inf in each.values() or -math.inf in each.values():
            each.update({name: str(v) for name, v in each.items() if math.isinf(v)})  # type: ignore[misc]
    return Response(orjson.dumps({"metrics": metrics}), media_type="application/json")


def _asked(body: bytes) -> Asked:
    try:
        asked: Asked = Asked.model_validate_json(body)
        return asked
    except ValidationError as error:
        faults = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(faults) from error


class QuickBacktest(Route):
    """POST /backtest without a trace; other queries go on to the documented route."""

    def __init__(self) -> None:
        super().__init__("/backtest", quick_backtest, methods=["POST"], include_in_schema=False)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match only where no query is given."""
        if scope["type"] == "http" and (scope["query_string"] or scope["method"] != "POST"):
            return Match.NONE, {}
        return super().matches(scope)


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
