"""The symbols of a universe up to its last closed bar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kernels.portfolio.panel import PRICES, Panel, panel_from
from store.data import Dataset
from store.data.bars import fingerprint
from store.data.calendars.trading_days import marked
from store.data.dataset import panel_of
from store.data.universe import fingerprint_of

NEEDED = ("open", "close")


@dataclass(frozen=True, eq=False)
class Universe:
    """Bars of each symbol.

    Attributes:
        members: a dataset per symbol that has a bar.
    """

    members: tuple[Dataset, ...]

    @classmethod
    def until(cls, last: pd.Timestamp, members: Sequence[Dataset]) -> "Universe":
        """The symbols up to a bar, included; those that begin later are left out."""
        cut = (replace(member, frame=member.frame.loc[:last]) for member in members)
        return cls(tuple(member for member in cut if len(member.frame)))

    @cached_property
    def panel(self) -> Panel:
        """The bars as the kernels take them."""
        return panel_of(self.members)

    def extended(self, time: int) -> Panel:
        """The bars and one more, at which the closes of all that trade at the last stand still.

        A symbol without a bar at the last close has ended: it has none after it either.

        Args:
            time: of the bar that is added, nanoseconds UTC.
        """
        panel = self.panel
        close = panel.values("close")[:, -1]
        table = {}
        for name, values in panel.table.items():
            last = close if name in PRICES else np.where(np.isfinite(close), values[:, -1], np.nan)
            table[name] = np.column_stack([values, last])
        times = None if panel.times is None else np.append(panel.times, time)
        days = None if panel.days is None else np.append(panel.days, panel.days[-1] + 1)
        return panel_from(panel.symbols, table, times, days)

    def columns(self, names: Sequence[str], times: pd.DatetimeIndex) -> pd.DataFrame:
        """(bars,) columns SYMBOL.NAME: the opens, the closes, and others by name."""
        wanted = dict.fromkeys((*NEEDED, *names))
        parts = {
            f"{member.symbol}.{name}": member.frame[name]
            for member in self.members
            for name in wanted
            if name in member.frame
        }
        return pd.DataFrame(parts).reindex(times)

    def fingerprint_at(self, last: pd.Timestamp) -> str:
        """Fingerprint of the symbols up to a bar, as a dataset of them has it."""
        cut = Universe.until(last, self.members).members
        return fingerprint_of([replace(each, fingerprint=_fingerprint(each)) for each in cut])


def _fingerprint(member: Dataset) -> str:
    times = pd.DatetimeIndex(member.frame.index).as_unit("ns").asi8
    return marked(fingerprint(member.frame), times, member.days)
