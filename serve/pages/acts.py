"""Pages on acts: a new sweep, the sweep that runs, promotion and approval."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from promote.profiles.files import find as find_profile
from promote.profiles.files import names, versions
from serve.access.guard import may
from serve.api.answers import Here, Ref
from serve.api.profiles import described, desk_of, give_approval
from serve.jobs.folder import find, running, status
from serve.jobs.start import preflight, same, start
from serve.jobs.words import checked
from serve.pages.drawing import page
from serve.pages.forms import fields
from serve.pages.sweep_form import DATA, SEARCHES, SIDES, SPLITS, fields_of, words_of
from serve.problems import Problem
from store.commands import line
from store.errors import StoreError
from store.query.strategies import strategies
from store.query.strategies import strategy as strategy_named

router = APIRouter(include_in_schema=False)
MOST_TEXT = 10_000
"""Characters of a field."""


@router.get("/view/strategies")
def every_strategy() -> Response:
    """Strategies with their rule and parameters; each leads to its form."""
    return page("strategies", title="Strategies", here="Strategies", strategies=strategies())


@router.get("/view/sweep")
def new_sweep(
    here: Here, request: Request,
    words: Annotated[str, Query(max_length=10_000)] = "",
    strategy: Annotated[str, Query(max_length=64)] = "",
) -> Response:  # fmt: skip
    """A form of a strategy or of overrides; its plan is shown before the button that starts it.

    All fields are in the query, so that a filled form is an address.
    """
    given = {name: value[:MOST_TEXT] for name, value in request.query_params.items()}
    chosen = strategy_named(strategy) if strategy else None
    if chosen is not None and "plan" in given:
        words = "\n".join([*words_of(chosen, given), *_lines(words)])
    plan, problem = "", ""
    if words.strip() and (chosen is None or "plan" in given):
        try:
            plan = preflight(here.root, checked(_lines(words)))
        except Problem as refused:
            problem = refused.detail
    return page(
        "sweep", title="New sweep", here="New sweep", words=words, plan=plan, problem=problem,
        running=running(here.root), strategies=strategies(), chosen=chosen, given=given,
        fields=fields_of(chosen, given) if chosen else [],
        choices={"data": DATA, "split": SPLITS, "search": SEARCHES, "direction": SIDES},
        more=given.get("words", ""), command=line("python", "-m", "sweeper", "-m", *_lines(words)),
    )  # fmt: skip


@router.post("/view/sweep")
async def start_sweep(here: Here, request: Request) -> Response:
    """Start what was planned, and show it."""
    words = checked(_lines((await fields(request)).get("words", "")))
    shown = same(here.root, words)
    if shown is None:
        shown = await run_in_threadpool(start, here.root, words)
    return RedirectResponse(f"/view/jobs/{shown.id}", 303)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@router.get("/view/jobs/{name}")
def job(name: Ref, here: Here) -> Response:
    """A sweep as it runs."""
    shown = status(find(here.root, name))
    planned = shown.get("counts", {}).get("planned", 0)
    share = shown.get("over", 0) / planned if planned else 0.0
    log = find(here.root, name).log.read_bytes()[-20_000:].decode(errors="replace")
    return page(
        "job", title="Sweep", here="New sweep", job=shown, share=share, log=log,
        planned=planned, words="\n".join(own_words(shown["words"])),
    )  # fmt: skip


def own_words(words: list[str]) -> list[str]:
    """Words of a job as they were asked for, without the store that the server has added."""
    return [word for word in words if not word.startswith("store.root=")]


@router.get("/view/promotion")
def promotion(here: Here, profile: Annotated[str, Query(max_length=80)] = "") -> Response:
    """Profiles with the gate's verdict check by check, and the button that approves."""
    return _promotion(here, profile, "")


def _promotion(here: Here, ref: str, problem: str, code: int = 200) -> Response:
    desk = desk_of(here)
    every = [described(desk, find_profile(desk.profiles, name)) for name in names(desk.profiles)]
    chosen: dict[str, object] | None = None
    before: dict[str, object] | None = None
    if ref or every:
        shown = find_profile(desk.profiles, ref or every[0]["profile"])
        chosen = described(desk, shown)
        if shown.parent is not None and shown.parent in versions(desk.profiles, shown.profile):
            with suppress(StoreError):
                parent = find_profile(desk.profiles, f"{shown.profile}/v{shown.parent}")
                before = described(desk, parent)
    return page(
        "promotion", code, title="Promotion", here="Promotion", profiles=every, chosen=chosen,
        changes=_changes(before, chosen), problem=problem,
    )  # fmt: skip


def _changes(
    before: dict[str, Any] | None, after: dict[str, Any] | None
) -> list[tuple[str, object, object]]:
    """Parameters and settings that differ from the version before."""
    if before is None or after is None:
        return []
    rows = []
    for part in ("params", "settings"):
        for name in dict.fromkeys((*before[part], *after[part])):
            old, new = before[part].get(name), after[part].get(name)
            if old != new:
                rows.append((name, old, new))
    return rows


@router.post("/view/promotion/{name}")
async def approve(name: Ref, here: Here, request: Request) -> Response:
    """Approve with the typed name, and the token of approve unless the session has that role."""
    given = await fields(request)
    role = request.app.state.tokens.role_of(given.get("token", "").strip())
    if not may(role or request.state.role, "approve"):
        return _promotion(here, name, "approve: needs the token of the role approve", 403)
    typed, by, comment = (given.get(key, "") for key in ("typed", "by", "comment"))
    try:
        await run_in_threadpool(give_approval, here, name, typed, by, comment)
    except (Problem, StoreError) as refused:
        return _promotion(here, name, str(refused), 422)
    return RedirectResponse(f"/view/promotion?profile={name}", 303)
