"""Files that the pages need: the report's style and script, plotly.js, and what is our own."""

import hashlib
from functools import lru_cache

from fastapi import APIRouter
from plotly.offline import get_plotlyjs
from starlette.requests import Request
from starlette.responses import Response

from serve.pages.drawing import FOLDER
from serve.problems import Problem
from store.report import html

router = APIRouter(include_in_schema=False)
SCRIPT, STYLE = "text/javascript", "text/css"


@lru_cache(maxsize=1)
def _files() -> dict[str, tuple[str, str]]:
    """Content and type of each by name."""
    style, script = (
        (FOLDER / name).read_text(encoding="utf-8") for name in ("serve.css", "serve.js")
    )
    return {
        "page.css": (f"{html.stylesheet()}\n{style}", STYLE),
        "figures.js": ((html.FOLDER / "page.js").read_text(encoding="utf-8"), SCRIPT),
        "serve.js": (script, SCRIPT),
        "plotly.js": (get_plotlyjs(), SCRIPT),
    }


@router.get("/static/{name}")
def static(name: str, request: Request) -> Response:
    """One of them."""
    if name not in _files():
        raise Problem(404, f"{name[:60]}: there is no such file")
    text, kind = _files()[name]
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(
        text, media_type=kind, headers={"Cache-Control": "private, no-cache", "ETag": tag}
    )
