"""The gatekeeper before every route: hosts, tokens, roles, size of bodies, headers of answers."""

from collections.abc import Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.access.hosts import refusal
from serve.access.tokens import ROLES, Tokens
from serve.problems import document, wants_page

MOST_BYTES = 1_000_000
"""Of a body."""
OPEN = ("/login", "/static/page.css")
"""Paths that need no token: where one is typed in, and how that page looks."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""No script but files of ours. Styles inline: plotly.js sets them."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer makes the Origin of our own forms null
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
NO_STORE = (b"cache-control", b"no-store")
TOO_LARGE = f"body: at most {MOST_BYTES:,} bytes; send less at a time"


class Guard:
    """Lets a request through to the app, with its role as `request.state.role`, or refuses it.

    Args:
        app: behind it.
        tokens: of this server.
        hosts: that are this server, of `hosts.allowed_hosts`.
        cookie: name of the session's cookie.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens, hosts: frozenset[str], cookie: str) -> None:
        self._app, self._tokens, self._hosts, self._cookie = app, tokens, hosts, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)  # lifespan; there is no websocket
            return
        refused, role = self._judge(scope)
        answer = _with_headers(send, scope["path"])
        if refused is not None:
            await refused(scope, receive, answer)
            return
        scope.setdefault("state", {})["role"] = role
        await self._app(scope, _limited(receive), answer)

    def _judge(self, scope: Scope) -> tuple[Response | None, str | None]:
        # Of a header that is given twice, the first. By a dict, for every request comes by here.
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(scope["headers"])
        }
        if (why := refusal(headers, self._hosts)) is not None:
            return document(403, why), None
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            return document(413, TOO_LARGE), None
        role = self._role(headers)
        if scope["path"] in OPEN:
            return None, role
        if role is None:
            return _unknown(scope), None
        if scope["method"] not in ("GET", "HEAD") and role == "read":
            return document(403, "role read: looks only; this needs the token of run"), None
        return None, role

    def _role(self, headers: Mapping[str, str]) -> str | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._tokens.role_of(token.strip())
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return None
        session = cookies.get(self._cookie)
        return None if session is None else self._tokens.role_of_session(session.value)


def may(role: str | None, needed: str) -> bool:
    """True when a role includes another."""
    return role is not None and ROLES.index(role) >= ROLES.index(needed)


def _unknown(scope: Scope) -> Response:
    """The answer to a request without a valid token; a browser is led to where it can give one."""
    if scope["method"] == "GET" and wants_page(Request(scope)):
        return Response(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sweeper</title>'
            '<link rel="stylesheet" href="/static/page.css"><h1>No token</h1><p>Open the link that '
            '<code>python -m serve</code> printed, or <a href="/login">give a token</a>.</p>',
            401,
            media_type="text/html",
        )
    why = "needs `Authorization: Bearer TOKEN`, or the link that `python -m serve` printed"
    return document(401, why, {"WWW-Authenticate": "Bearer"})


class BodyTooLarge(HTTPException):
    """A body without a length that goes on beyond the limit."""

    def __init__(self) -> None:
        super().__init__(413, TOO_LARGE)


def _limited(receive: Receive) -> Receive:
    """The body as it comes, up to the limit."""
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > MOST_BYTES:
                raise BodyTooLarge
        return message

    return limited


def _with_headers(send: Send, path: str) -> Send:
    async def answer(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            more = RAW if path.startswith("/static/") else [*RAW, NO_STORE]
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return answer
