"""The page of a refusal."""

from starlette.requests import Request
from starlette.responses import Response

from serve.pages.drawing import page
from serve.problems import TITLES


def refusal_page(request: Request, status: int, detail: str) -> Response:
    """A refusal in words, with the way back."""
    title = TITLES.get(status, "Refused")
    return page("refusal", status, title=title, detail=detail, path=request.url.path)
