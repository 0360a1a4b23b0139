"""/login: the one-time link, or a token typed in, becomes a session."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serve.access.tokens import SESSION_SECONDS, Tokens
from serve.pages.drawing import page
from serve.pages.forms import fields

router = APIRouter(include_in_schema=False)


@router.get("/login")
def login(request: Request, link: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Use the link that the server printed, or ask for a token."""
    if link is None:
        return page("login", title="Sign in", problem="")
    tokens: Tokens = request.app.state.tokens
    return _entered(request, tokens.use_link(link), "The link has been used; give a token.")


@router.post("/login")
async def token(request: Request) -> Response:
    """Take a token that was typed in."""
    tokens: Tokens = request.app.state.tokens
    given = (await fields(request)).get("token", "")
    return _entered(request, tokens.role_of(given.strip()), "That is no token of this server.")


def _entered(request: Request, role: str | None, problem: str) -> Response:
    if role is None:
        return page("login", 401, title="Sign in", problem=problem)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        request.app.state.cookie,
        request.app.state.tokens.session(role),
        max_age=int(SESSION_SECONDS),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer
