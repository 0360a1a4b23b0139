"""The application: routes behind the guard, and errors as problem documents."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from serve.access.guard import Guard
from serve.access.tokens import Tokens
from serve.api import backtests, jobs, operations, profiles, results
from serve.api.answers import Place
from serve.backtests.shortcut import Shortcut
from serve.pages import acts, login, run, static
from serve.pages import operations as operation_pages
from serve.pages import results as result_pages
from serve.pages.refusal import refusal_page
from serve.problems import Problem, document, status_of, wants_page
from store.files import machine_errors

PARTS = (
    *(login, static, result_pages, run, acts, operation_pages),
    *(backtests, results, jobs, profiles, operations),
)
DESCRIPTION = "Backtests, sweeps and their results. Fractions, not percent; times in UTC."


def create_app(place: Place, tokens: Tokens, hosts: frozenset[str], cookie: str) -> FastAPI:
    """The server's application.

    Args:
        place: where it reads and writes.
        tokens: that it accepts.
        hosts: values of the header Host that it answers to.
        cookie: name of the session's cookie.
    """
    app = FastAPI(
        title="Sweeper",
        version="1",
        description=DESCRIPTION,
        docs_url=None,  # these two load scripts from another host
        redoc_url=None,
        middleware=[
            Middleware(Guard, tokens=tokens, hosts=hosts, cookie=cookie),
            Middleware(Shortcut),
        ],
    )
    app.state.place, app.state.tokens, app.state.cookie = place, tokens, cookie
    for part in PARTS:
        app.include_router(part.router)
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
    return app


def _answer(request: Request, status: int, detail: str, **more: Any) -> Response:
    if wants_page(request):
        return refusal_page(request, status, detail)
    return document(status, detail, **more)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error.status, error.detail, headers=error.headers, more=error.more)


async def _refused(request: Request, error: Exception) -> Response:
    return _answer(request, status_of(error), str(error))


async def _machine(request: Request, error: Exception) -> Response:
    return _answer(request, 503, machine_errors.line(error))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": ".".join(map(str, fault["loc"])), "rule": str(fault["msg"])}
        for fault in error.errors()[:20]
    ]
    first = errors[0] if errors else {"where": "request", "rule": "cannot be read"}
    detail = f"{first['where']}: {first['rule'][:1].lower()}{first['rule'][1:]}"
    return _answer(request, 422, detail, more={"errors": errors})


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _answer(request, 404, f"{request.url.path[:200]}: there is no such page or route")
    headers = dict(error.headers or {})
    return _answer(request, error.status_code, str(error.detail), headers=headers)


async def _fault(request: Request, error: Exception) -> Response:
    return _answer(request, 500, "the server has a fault; its terminal says where")


Handler = Callable[[Request, Exception], Awaitable[Response]]
HANDLERS: dict[type[Exception], Handler] = {
    Problem: _problem,
    ValueError: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http,
    OSError: _machine,
    Exception: _fault,
}
