"""A download in pages: each is kept the moment it is there, so the same command goes on after it.

A page is named by the time it was asked from. What may still change, because it reaches to the
present, is not kept.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from store.files import local
from store.files.canonical import canonical, digest

Row = list[Any]
"""Time in ms since 1970, then numbers; None where the vendor has none."""


class Fetched(NamedTuple):
    """Bars as the vendor gives them, and what was done to them.

    Attributes:
        table: for `store.data.normalise.shape`.
        calendar: of their market, when the vendor tells.
        notes: one line for each thing that was left out or is amiss.
        pages: the folder of the download, to `forget` once the bars are kept.
    """

    table: pd.DataFrame
    calendar: str | None
    notes: tuple[str, ...]
    pages: Path


class Page(NamedTuple):
    """Rows from a time on, and from which time (ms) the next page is to be asked."""

    rows: list[Row]
    following: int


def download(
    folder: Path, since: int, until: int, now: int, ask: Callable[[int], Page]
) -> list[Row]:
    """All rows from one time to another.

    Args:
        folder: for the pages of this very request; `forget` removes it.
        since: ms since 1970 of the first row, included.
        until: the same for the last, excluded.
        now: pages that reach it are not kept.
        ask: gives the page from a time on; its `following` is later than that.
    """
    rows: list[Row] = []
    local.make_folder(folder)
    while since < until:
        file = folder / f"{since:015d}.json"
        page = _read(file)
        if page is None:
            page = ask(since)
            assert page.following > since, "a page leads on"
            if page.following < now:
                _write(file, page)
        rows += page.rows
        since = page.following
    return rows


def forget(folder: Path) -> None:
    """Remove the pages of a download that is done."""
    shutil.rmtree(folder, ignore_errors=True)


def _write(file: Path, page: Page) -> None:
    fields = page._asdict()
    local.replace(file, canonical({**fields, "digest": digest(fields)}).encode())


def _read(file: Path) -> Page | None:
    """The page in a file; None without one, and for one that is damaged: it is asked for again."""
    try:
        fields = json.loads(file.read_bytes())
        stated = fields.pop("digest")
        return Page(**fields) if digest(fields) == stated else None
    except (FileNotFoundError, ValueError, TypeError, AttributeError, KeyError):
        return None
