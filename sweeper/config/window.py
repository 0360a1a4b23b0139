"""Which bars are backtested: half-open ranges with a role; the holdout is in none of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.records.group import is_test
from store.records.short_window import short_time


@dataclass(frozen=True, slots=True)
class Window:
    """Bars start..stop-1 of a series, simulated alone.

    Roles are `dev`, `train` and `test`, or `train_1`, `test_1`, ... of folds.
    """

    role: str
    start: int
    stop: int

    @property
    def ranks(self) -> bool:
        """True when the search may look at the window: for all but test windows."""
        return not is_test(self.role)


def short_window_note(
    symbol: str, windows: Sequence[Window], times: NDArray[np.datetime64]
) -> str | None:
    """That annual figures of a window of hours or days mean nothing; None when all are long.

    Args:
        symbol: of the bars.
        windows: of one group.
        times: (n,) of its bars.
    """
    lasting = [times[window.stop - 1] - times[window.start] for window in windows]
    shortest = int(np.argmin(lasting))
    window = windows[shortest]
    note = short_time(times[window.start], times[window.stop - 1])
    return f"{symbol}: window {window.role} {note}" if note else None
