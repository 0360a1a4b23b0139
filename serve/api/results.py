"""GET: experiments, runs, strategies, ledger, comparison, SQL."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serve.api.answers import REFUSALS, Here, Ref, json_of
from serve.api.backtests import trades_of
from serve.problems import wants_page
from serve.reading.run_page import MOST, WORDS, run_page
from serve.reading.timed_sql import timed
from store.ledger import ledger as book
from store.query.compare import compare
from store.query.experiment_search import Wanted
from store.query.strategies import strategies, strategy
from store.records.experiment import objective

router = APIRouter(tags=["results"], responses={**REFUSALS})
Word = Annotated[str | None, Query(max_length=200)]
PAGE = "/view/strategies"
BRIEF = ("id", "name", "status", "created", "finished", "tags", "hypothesis", "search", "counts")


@router.get("/experiments")
def experiments(
    here: Here,
    symbol: Word = None,
    strategy: Word = None,
    tag: Word = None,
    status: Word = None,
    since: date | None = None,
    until: date | None = None,
    after: Annotated[str | None, Query(max_length=80, description="Id of the last one.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Response:
    """Experiments, newest first."""
    wanted = Wanted(
        symbol=symbol, strategy=strategy, tag=tag, status=status, since=since, until=until
    )
    every = here.results.experiments(wanted)
    ids = [each.id for each in every]
    first = ids.index(after) + 1 if after in ids else 0
    shown = every[first : first + limit]
    more = shown[-1].id if first + limit < len(every) else None
    rows = [
        {name: getattr(each, name) for name in BRIEF}
        | {"strategies": sorted({group.strategy for group in each.groups})}
        | {"symbols": sorted(each.data), "seconds": each.seconds}
        for each in shown
    ]
    return json_of({"experiments": rows, "total": len(every), "after": more})


@router.get("/experiments/{ref}")
def experiment(ref: Ref, here: Here) -> Response:
    """All that is known of an experiment: its record, windows, suggestion, and luck in words."""
    results = here.results
    record = results.resolve(ref).experiment
    return json_of(results.show(record.id) | {"summary": results.summary(record.id)})


@router.get("/experiments/{ref}/runs")
def runs(
    ref: Ref,
    here: Here,
    sort: Word = None,
    order: Annotated[str, Query(pattern="^(best|asc|desc)$")] = "best",
    filter: Annotated[str, Query(max_length=1000)] = "",
    strategy: Word = None,
    symbol: Word = None,
    window: Word = None,
    status: Word = None,
    after: Word = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Response:
    """A page of its runs, by the metric that it searched for unless `sort` names another."""
    results = here.results
    record = results.resolve(ref).experiment
    given = dict(zip(WORDS, (strategy, symbol, window, status), strict=True))
    page = run_page(
        results,
        record.id,
        sort=sort or objective(record)[0],
        order=order,
        filter=filter,
        where={name: value for name, value in given.items() if value is not None},
        after=after,
        limit=limit,
    )
    return json_of(asdict(page))


@router.get("/runs/{ref:path}")
def run(
    ref: Ref,
    here: Here,
    trace: Annotated[bool, Query(description="Backtested again: equity and trades.")] = False,
) -> Response:
    """One run, by its config hash or as ID/42."""
    results = here.results
    reference = results.resolve(ref)
    if reference.run is None:
        reference = results.resolve(f"{reference.experiment.id}/best")
    answer: dict[str, object] = results.show(str(reference))
    if trace:
        traced = results.retrace(str(reference))
        answer["equity"] = {
            "times": [time.isoformat() for time in traced.equity.index],
            "values": traced.equity.tolist(),
        }
        answer["trades"] = trades_of(traced.trades)
    return json_of(answer)


@router.get("/strategies", responses={303: {"description": "To a browser: their page."}})
def every_strategy(request: Request) -> Response:
    """Strategies by name: text, parameters with types, bounds and defaults, default space."""
    return RedirectResponse(PAGE, 303) if wants_page(request) else json_of(strategies())


@router.get("/strategies/{name}")
def named_strategy(name: Ref) -> Response:
    """One strategy."""
    return json_of(strategy(name))


@router.get("/ledger")
def ledger(here: Here, symbol: Word = None, strategy: Word = None) -> Response:
    """Configurations ever tried: a row per entry and subject."""
    return json_of(book.rows(here.root, symbol=symbol, strategy=strategy))


@router.get("/compare")
def comparison(
    here: Here,
    a: Annotated[str, Query(max_length=200)],
    b: Annotated[str, Query(max_length=200)],
) -> Response:
    """Two runs, or the best runs of two experiments: what differs, and what came of it."""
    return json_of(compare(here.results, a, b))


@router.get("/sql")
def sql(here: Here, query: Annotated[str, Query(max_length=10_000)]) -> Response:
    """One SELECT over runs, experiments, errors and ledger; no file, 10,000 rows, 10 seconds."""
    return json_of(timed(here.results, query))
