"""Refusals as problem documents (RFC 9457), in the words of the command line."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from store.errors import (
    AlreadyThere,
    AmbiguousReference,
    BadName,
    BadQuery,
    DamagedFile,
    Driven,
    Stale,
    StoreError,
    StoreUnavailable,
    UnknownReference,
)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "No token",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    422: "Refused",
    429: "Busy",
    500: "Fault of the server",
    503: "Not available",
}
STATUS: tuple[tuple[type[BaseException], int], ...] = (
    (UnknownReference, 404),
    (AmbiguousReference, 409),
    (AlreadyThere, 409),
    (Driven, 409),
    (Stale, 409),
    (BadName, 400),
    (BadQuery, 400),
    (DamagedFile, 500),
    (StoreUnavailable, 503),
    (StoreError, 422),
    (ValueError, 422),
)


class Problem(Exception):
    """A refusal with a status of its own.

    Attributes:
        status: HTTP status.
        detail: one line: which thing, rule broken, value got, what to change.
        headers: that the answer carries, such as Retry-After.
        more: further members of the document.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.headers, self.more = dict(headers or {}), dict(more or {})


def status_of(error: BaseException) -> int:
    """HTTP status of an error of the packages on the left; 500 for a bug of ours."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def document(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
) -> Response:
    """The answer that refuses, as JSON."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Refused"), "status": status}
    content = {**body, "detail": detail, **(more or {})}
    return JSONResponse(content, status, dict(headers or {}), media_type=MEDIA_TYPE)


def wants_page(request: Request) -> bool:
    """True when a browser asks, which is answered by a page in place of JSON."""
    accept = request.headers.get("accept", "")
    return "text/html" in accept and "application/json" not in accept
