"""Schedule of tasks: when each is due, in UTC, whatever clocks and zones do."""

from datetime import UTC, datetime, timedelta

FREQUENCIES = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "after_close": timedelta(hours=1),
}
"""after_close is looked at every hour, and does something only after a new bar."""


def is_due(next_run: str, now: datetime, frequency: str) -> bool:
    """A task is due at its time; and when that lies further ahead than two periods can.

    The second is a clock that was set back: what a clock that was wrong has planned must not keep a
    task from running for a year.
    """
    planned = parsed(next_run)
    return now >= planned or planned - now > 2 * FREQUENCIES[frequency]


def following(now: datetime, frequency: str) -> str:
    """The next time: whole hours and days of UTC, later than now, of whatever zone that is."""
    now = now.astimezone(UTC)
    if frequency in ("hourly", "after_close"):
        base = now.replace(minute=0, second=0, microsecond=0)
    elif frequency == "daily":
        base = now.replace(hour=0, minute=0, second=0, microsecond=0)
    else:
        monday = now - timedelta(days=now.weekday())
        base = monday.replace(hour=0, minute=0, second=0, microsecond=0)
    return text(base + FREQUENCIES[frequency])


def text(moment: datetime) -> str:
    """An instant as tasks keep it: fixed width, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed(moment: str) -> datetime:
    """The instant of such a text."""
    return datetime.fromisoformat(moment).astimezone(UTC)
