"""Profiles: what was promoted, and a person's approval of it."""

from dataclasses import asdict, replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from promote import config
from promote.profiles.files import find, names, versions
from promote.profiles.profile import Profile
from promote.promotion.approval import approval_of, approve
from promote.promotion.transaction import Desk
from serve.api.answers import REFUSALS, Here, Place, Ref, json_of, require
from serve.problems import Problem
from store.files.paths import check_name

router = APIRouter(tags=["profiles"], responses={**REFUSALS})


class Approval(BaseModel):
    """A person's word that a version may be used."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=80, description="NAME/v3, typed by the person.")]
    by: Annotated[str, Field(min_length=1, max_length=200)]
    comment: Annotated[str, Field(max_length=2000)] = ""


def desk_of(here: Place) -> Desk:
    """Where profiles are read and written."""
    conf = config.load()
    if here.profiles is not None:
        conf = replace(conf, profiles=here.profiles)
    return Desk(here.root, conf)


def described(desk: Desk, profile: Profile) -> dict[str, Any]:
    """All that a version says, and who has approved of it."""
    approval = approval_of(desk, profile)
    return asdict(profile) | {"approved": approval is not None, "approval": approval}


def give_approval(here: Place, ref: str, typed: str, by: str, comment: str) -> Profile:
    """Approve of a version whose name the person has typed.

    Raises:
        Problem: another name was typed.
        StoreError: there is no such version, or it was approved before.
    """
    desk = desk_of(here)
    profile = find(desk.profiles, ref)
    if typed.strip() != profile.ref:
        raise Problem(422, f"name: type {profile.ref} to approve of it, got {typed[:60]!r}")
    return approve(desk, profile.ref, by, comment)


@router.get("/profiles")
def profiles(here: Here) -> Response:
    """The version in force of every profile."""
    desk = desk_of(here)
    every = (described(desk, find(desk.profiles, name)) for name in names(desk.profiles))
    return json_of(list(every))


@router.get("/profiles/{name}")
def profile(name: Ref, here: Here) -> Response:
    """The version in force of one, and the numbers of all its versions."""
    desk = desk_of(here)
    version = find(desk.profiles, check_name(name, "profile"))
    return json_of(described(desk, version) | {"versions": versions(desk.profiles, name)})


@router.post("/profiles/{name}/approve")
def approval(name: Ref, asked: Approval, here: Here, request: Request) -> Response:
    """Approve of the version in force: needs the role approve, and its name typed."""
    require(request, "approve")
    version = give_approval(here, check_name(name, "profile"), asked.name, asked.by, asked.comment)
    return json_of(described(desk_of(here), version))
