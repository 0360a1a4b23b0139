"""Rollouts, their acts, targets, alerts, tasks and events."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from serve.api.answers import REFUSALS, Here, Ref, json_of, require
from serve.api.profiles import desk_of
from serve.operations import rollouts
from serve.reading.run_page import MOST

router = APIRouter(tags=["operations"], responses={**REFUSALS})
LAST = 2**63 - 1
"""The largest number of a row."""
NEEDED = {"advance": "approve", "rollback": "approve", "hold": "run", "resume": "approve"}
"""Role of each act: the role `run` may hold; capital moves with `approve`."""


class Act(BaseModel):
    """A decision about a rollout, for its audit entry."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(min_length=1, max_length=200)] = "http"
    reason: Annotated[str, Field(max_length=1000)] = ""


@router.get("/rollouts")
def every_rollout(here: Here) -> Response:
    """Every rollout: stage, five monitors, what is missing to advance."""
    return json_of(rollouts.every_rollout(desk_of(here)))


@router.get("/rollouts/{name}")
def one_rollout(name: Ref, here: Here) -> Response:
    """One rollout."""
    return json_of(rollouts.one_rollout(desk_of(here), name))


@router.get("/rollouts/{name}/gap")
def gap(name: Ref, here: Here) -> Response:
    """Shortfall of the live profit against the promised one, by cause, adding up."""
    return json_of(rollouts.gap_of(desk_of(here), name))


@router.post("/rollouts/{name}/{act}")
def act(
    name: Ref,
    act: Literal["advance", "hold", "resume", "rollback"],
    here: Here,
    request: Request,
    asked: Act | None = None,
) -> Response:
    """Advance (if the monitors allow it), hold, resume or roll back; the status after it."""
    require(request, NEEDED[act])
    word = asked or Act()
    return json_of(rollouts.act(desk_of(here), name, act, word.by, word.reason))


@router.get("/profiles/{name}/target")
def target(name: Ref, here: Here) -> Response:
    """The decision that a bot reads; 409 where it has to refuse it."""
    return json_of(rollouts.target_of(desk_of(here), name))


@router.get("/alerts")
def alerts(
    here: Here, limit: Annotated[int, Query(ge=1, le=rollouts.MOST_ALERTS)] = 100
) -> Response:
    """Messages to people, newest first."""
    return json_of(rollouts.alerts(desk_of(here), limit))


@router.get("/events")
def events(
    here: Here,
    subject: Annotated[
        str | None, Query(max_length=200, description="A profile, task or symbol.")
    ] = None,
    before: Annotated[
        int | None, Query(ge=0, le=LAST, description="Number of the last one.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Response:
    """Promotions, approvals, steps of rollouts, tasks, looks at a holdout: newest first."""
    return json_of(rollouts.events(desk_of(here), subject=subject, before=before, limit=limit))


@router.get("/tasks")
def tasks(here: Here) -> Response:
    """The queue: what is due when, what failed, which breakers are open."""
    answer: list[dict[str, object]] = rollouts.tasks(desk_of(here))
    return json_of(answer)
