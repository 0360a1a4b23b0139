"""Pages on operation: is a rollout doing what was promised, and is the machine healthy?"""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serve.access.guard import may
from serve.api.answers import Here, Place, Ref
from serve.api.operations import LAST, NEEDED
from serve.api.profiles import desk_of
from serve.operations import rollouts
from serve.pages.drawing import link, page
from serve.pages.forms import fields
from serve.problems import Problem

router = APIRouter(include_in_schema=False)
ALERTS, EVENTS = 100, 50
"""Rows of their tables."""
MONITORS = ("fidelity", "costs", "shortfall", "loss_budget", "decay")


@router.get("/view/rollouts")
def every(here: Here, profile: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Rollouts, and one of them with its monitors, its gap and its acts."""
    return _rollouts(here, profile, "")


def _rollouts(here: Place, profile: str, problem: str, code: int = 200) -> Response:
    desk = desk_of(here)
    rows = rollouts.every_rollout(desk)
    name = profile or (rows[0]["profile"] if rows else "")
    chosen = rollouts.one_rollout(desk, name) if profile else next(iter(rows), None)
    whole = chosen is not None and "problem" not in chosen
    return page(
        "rollouts", code, title="Rollouts", here="Rollouts", rows=rows, chosen=chosen,
        gap=rollouts.gap_of(desk, name) if whole else None, monitors=MONITORS, problem=problem,
    )  # fmt: skip


@router.post("/view/rollouts/{name}")
async def act(name: Ref, here: Here, request: Request) -> Response:
    """Hold, advance, resume or roll back by the form of the page."""
    given = await fields(request)
    word = given.get("act", "")
    try:
        if word not in NEEDED:
            raise Problem(422, f"act: need one of {', '.join(NEEDED)}, got {word[:40]!r}")
        token = given.get("token", "")
        role = request.app.state.tokens.role_of(token) if token else request.state.role
        if not may(role, NEEDED[word]):
            raise Problem(403, f"{word}: needs the token of {NEEDED[word]}; type it in the form")
        if not given.get("by", "").strip():
            raise Problem(422, "by: say who you are")
        if NEEDED[word] == "approve" and given.get("typed", "").strip() != name:
            raise Problem(422, f"typed: type {name} to {word} it")
        by, reason = given["by"].strip()[:200], given.get("reason", "")[:1000]
        await run_in_threadpool(rollouts.act, desk_of(here), name, word, by, reason)
    except Problem as refused:
        return await run_in_threadpool(_rollouts, here, name, refused.detail, refused.status)
    return RedirectResponse(link("/view/rollouts", profile=name), 303)


@router.get("/view/operations")
def operations(
    here: Here,
    subject: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=0, le=LAST)] = None,
) -> Response:
    """Tasks with their breakers, alerts, events, and the log of the cycle."""
    desk = desk_of(here)
    events = rollouts.events(desk, subject=subject or None, before=before, limit=EVENTS + 1)
    more = events[EVENTS - 1]["number"] if len(events) > EVENTS else None
    return page(
        "operations", title="Operations", here="Operations", tasks=rollouts.tasks(desk),
        alerts=rollouts.alerts(desk, ALERTS), log=rollouts.log_lines(here.root),
        events=events[:EVENTS], subject=subject, paged=before is not None,
        older=link("/view/operations", subject=subject, before=more) if more else "",
    )  # fmt: skip
