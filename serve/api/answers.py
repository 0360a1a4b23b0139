"""Parts that routes share: the store that they read, strict JSON, and documented refusals."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import Response

from serve.access.guard import may
from serve.problems import MEDIA_TYPE, Problem
from store.query.results import Results
from store.runs.plain import strict


@dataclass(frozen=True)
class Place:
    """Where a server reads and writes.

    Attributes:
        root: of the store.
        profiles: folder of the profiles; None: as conf/promote.yaml says.
    """

    root: Path
    profiles: Path | None = None

    @property
    def results(self) -> Results:
        """The store, opened for one request."""
        return Results(self.root)


def _place(request: Request) -> Place:
    place: Place = request.app.state.place
    return place


Here = Annotated[Place, Depends(_place)]
Ref = Annotated[str, InPath(max_length=200, description="An experiment, or one of its runs.")]

_PROBLEM = {"content": {MEDIA_TYPE: {"schema": {"type": "object"}}}}
REFUSALS: Mapping[int | str, dict[str, object]] = {
    status: {"description": text, **_PROBLEM}
    for status, text in {
        400: "What is asked cannot be read.",
        401: "No token.",
        403: "Another host, or a role that may not.",
        404: "Nothing has that name.",
        409: "It is not the time for it.",
        413: "The body is too large.",
        422: "A value breaks its rule.",
        429: "Busy; Retry-After says how long.",
        503: "A disk, a bucket or a process of this machine does not answer.",
    }.items()
}
"""Every refusal that a route may answer with, for the OpenAPI document."""


def json_of(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in strict JSON: NaN is null, an infinity the text "inf"."""
    return Response(json_bytes(value), status, dict(headers or {}), "application/json")


def json_bytes(value: object) -> bytes:
    """Strict JSON of plain values, without blanks; what is not finite is rare."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except ValueError:
        text = json.dumps(strict(value), allow_nan=False, separators=(",", ":"))
    return text.encode()


def require(request: Request, role: str) -> None:
    """Refuse who has not that role."""
    if not may(request.state.role, role):
        raise Problem(403, f"role {request.state.role}: this needs the token of {role}")
