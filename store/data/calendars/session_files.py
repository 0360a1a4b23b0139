"""Sessions of exchanges kept as files: the package that works them out takes 0.3 s to do so.

They lie in `.cache/sessions` of the checkout, by the version of exchange-calendars: a cache, made
again whenever it is not there, of another version or damaged.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np

from store.data.calendars.timeframe import Times
from store.files import local

FOLDER = Path(__file__).resolve().parents[3] / ".cache" / "sessions"

COLUMNS = 3
"""Day, open and close of each session."""


def kept(calendar: str, first_year: int, last_year: int, make: Callable[[], Times]) -> Times:
    """Sessions as (3, n) nanoseconds UTC, from their file or made and put there.

    Args:
        calendar: a name that exchange-calendars knows.
        first_year: from its 1 January on.
        last_year: to its 31 December.
        make: works them out.
    """
    file = _file(calendar, first_year, last_year)
    with suppress(OSError, ValueError, EOFError):
        sessions: Times = np.load(file, allow_pickle=False)
        if sessions.dtype == np.int64 and sessions.ndim == 2 and len(sessions) == COLUMNS:
            return sessions
    sessions = make()
    content = io.BytesIO()
    np.save(content, sessions, allow_pickle=False)
    with suppress(OSError):  # a checkout that cannot be written to: made again next time
        file.parent.mkdir(parents=True, exist_ok=True)
        local.replace(file, content.getvalue())
    return sessions


def _file(calendar: str, first_year: int, last_year: int) -> Path:
    name = f"{calendar.replace('/', '-')}-{first_year}-{last_year}"
    return FOLDER / version("exchange-calendars") / f"{name}.npy"
