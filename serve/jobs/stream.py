"""A job's log as server-sent events; the id of each is the place in the log after it."""

import asyncio
import json
from collections.abc import AsyncIterator

from serve.jobs.folder import Job

POLL_SECONDS = 0.25
PIECE = 1 << 16
SILENCE_SECONDS = 15.0


async def events(job: Job, after: int) -> AsyncIterator[str]:
    """Lines of the log from a place on, until the job has ended.

    Args:
        job: whose.
        after: place in bytes: 0, or the last id that was received.

    Yields:
        `line` events, and at last one `end` with the state.
    """
    place, quiet = after, 0.0
    yield "retry: 2000\n\n"
    while True:
        state = await asyncio.to_thread(lambda: job.state)  # before reading: nothing comes after
        text = await asyncio.to_thread(_read, job, place)
        whole = text if state != "running" else text[: text.rfind(b"\n") + 1]
        for line in whole.splitlines(keepends=True):
            place += len(line)
            yield _event("line", {"line": line.decode(errors="replace").rstrip()}, place)
        if state != "running" and not text:
            yield _event("end", {"state": state}, place)
            return
        quiet = 0.0 if whole else quiet + POLL_SECONDS
        if quiet >= SILENCE_SECONDS:
            yield ": still here\n\n"
            quiet = 0.0
        if not whole:
            await asyncio.sleep(POLL_SECONDS)


def _read(job: Job, place: int) -> bytes:
    with job.log.open("rb") as file:
        file.seek(place)
        return file.read(PIECE)


def _event(name: str, data: dict[str, str], place: int) -> str:
    return f"id: {place}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
