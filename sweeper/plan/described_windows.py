"""Windows of a group with their times: what a record keeps of them, and a page shows."""

from store.records.group import WindowRecord
from sweeper.plan.plan import Group


def described_windows(group: Group) -> tuple[WindowRecord, ...]:
    """The windows of a group with the times of their first and last bar."""
    times = group.series.times
    return tuple(
        WindowRecord(
            role=window.role,
            start=window.start,
            stop=window.stop,
            first=str(times[window.start]),
            last=str(times[window.stop - 1]),
        )
        for window in group.windows
    )
