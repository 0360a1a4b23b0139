"""POST /sweeps, and the jobs that it makes."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response, StreamingResponse

from serve.api.answers import REFUSALS, Here, Ref, json_of
from serve.jobs.experiment_yaml import yaml_words
from serve.jobs.folder import find, running, status
from serve.jobs.start import cancel, preflight, same, start
from serve.jobs.stream import events
from serve.jobs.words import MOST_WORDS, checked
from serve.problems import Problem

router = APIRouter(tags=["jobs"], responses={**REFUSALS})


class Sweep(BaseModel):
    """A sweep as the words of `python -m sweeper -m`, or as the YAML of an experiment, or both."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"overrides": ["strategy=sma", "params.fast=range(5,60)"], "dry_run": True},
                {
                    "experiment": "name: pairs\nhydra: {sweeper: {params: {params.fast: '5,10'}}}",
                    "dry_run": True,
                },
            ],
        },
    )

    overrides: Annotated[list[str], Field(max_length=MOST_WORDS)] = []
    experiment: Annotated[str, Field(max_length=20_000)] = ""
    dry_run: bool = False


@router.post(
    "/sweeps", status_code=202, responses={200: {"description": "The plan, with `dry_run`."}}
)
def sweep(asked: Sweep, here: Here) -> Response:
    """Start it: 202, its job under Location; with `dry_run` only its plan. Same words, same job."""
    words = checked([*(yaml_words(asked.experiment) if asked.experiment else ()), *asked.overrides])
    job = None if asked.dry_run else same(here.root, words)
    plan = preflight(here.root, words) if job is None else None
    if asked.dry_run:
        return json_of({"plan": plan})
    job = job or start(here.root, words)
    return json_of({"id": job.id, "plan": plan}, 202, {"Location": f"/jobs/{job.id}"})


@router.get("/jobs")
def current(here: Here) -> Response:
    """The job that runs, null when none does."""
    return json_of({"running": running(here.root)})


@router.get("/jobs/{name}")
def job(name: Ref, here: Here) -> Response:
    """State, counts, progress and luck line of a job."""
    return json_of(status(find(here.root, name)))


@router.get(
    "/jobs/{name}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def job_events(
    name: Ref,
    here: Here,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> Response:
    """Lines that it prints, as server-sent events from Last-Event-ID on: a place in its log."""
    after = last_event_id or "0"
    if not after.isdecimal():
        raise Problem(422, f"Last-Event-ID: must be a number, got {after[:20]!r}")
    stream = events(find(here.root, name), int(after))
    return StreamingResponse(stream, media_type="text/event-stream")


@router.delete("/jobs/{name}", status_code=202)
def end(name: Ref, here: Here) -> Response:
    """Ask it to end; what is done stays, and the same words go on from there."""
    running_job = find(here.root, name)
    cancel(running_job)
    return json_of({"id": running_job.id, "state": "ending"}, 202)


@router.post("/jobs/{name}/cancel", include_in_schema=False)
def end_from_page(name: Ref, here: Here) -> Response:
    """The same for the button of a page, which leads back to it."""
    cancel(find(here.root, name))
    return RedirectResponse(f"/view/jobs/{name}", 303)
