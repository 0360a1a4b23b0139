"""POST /backtest on a way past the framework, whose parts take longer than a backtest."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.backtests.quick import Batcher
from serve.backtests.requests import Asked, metrics_json
from serve.problems import Problem


class Shortcut:
    """Answers backtests that can be answered; whatever else goes on to the documented route.

    That route also refuses: here nothing has words of its own.

    Args:
        app: behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._batcher = app, Batcher()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not _is_plain(scope):
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        try:
            asked: Asked = Asked.model_validate_json(body)
            metrics = await self._batcher.metrics(asked.backtest())
        except (ValueError, Problem):
            await self._app(scope, _again(body, receive), send)
            return
        await metrics_json(metrics)(scope, receive, send)


def _is_plain(scope: Scope) -> bool:
    """True for POST /backtest without a query, its body of a length that the guard has seen."""
    return (
        scope["type"] == "http"
        and scope["path"] == "/backtest"
        and scope["method"] == "POST"
        and not scope["query_string"]
        and any(name == b"content-length" for name, _ in scope["headers"])
    )


async def _read(receive: Receive) -> bytes:
    """The body; what came of it where the client left."""
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, for another reader; then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def message() -> Message:
        return first.pop() if first else await receive()

    return message
