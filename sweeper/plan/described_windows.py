"""Windows of a group with their times: what a record keeps of them, and a page shows."""

from dataclasses import asdict
from typing import Any

from sweeper.plan.plan import Group


def described_windows(group: Group) -> list[dict[str, Any]]:
    """The windows of a group with the times of their first and last bar."""
    times = group.series.times
    edges = ((str(times[one.start]), str(times[one.stop - 1])) for one in group.windows)
    return [
        asdict(window) | {"first": first, "last": last}
        for window, (first, last) in zip(group.windows, edges, strict=True)
    ]
