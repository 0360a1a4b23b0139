"""The newest bars, which no sweep has read: looked at once, and every look is on record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from promote.statistics.sharpe_gap import Record
from store.files.backend import Root
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.holdout import kept_bars
from store.registry import HoldoutUse
from store.replay.replay import Group


class HoldoutLog(Protocol):
    """Where looks at holdouts are recorded; `store.registry.Registry` is one."""

    def use_holdout(self, use: HoldoutUse) -> int:
        """Record a look before it is taken."""

    def holdout_uses(self, symbol: str, fingerprint: str) -> list[HoldoutUse]:
        """Every look at a symbol's holdout, oldest first."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a holdout.

    Attributes:
        span: bars [start, stop) that were looked at.
        record: what the candidate does on them.
        uses: every look at the symbol's holdout so far, this one the last.
    """

    span: tuple[int, int]
    record: Record
    uses: tuple[HoldoutUse, ...]

    @property
    def configurations(self) -> int:
        """Number of different configurations judged on the holdout; one judged again adds none."""
        return len({use.config_hash for use in self.uses})


def span_of(experiment: Experiment, group: Group, n_bars: int) -> tuple[int, int]:
    """Bars [start, stop) that the sweep kept unseen.

    Args:
        experiment: of the sweep.
        group: whose bars.
        n_bars: all of its bars.

    Raises:
        ValueError: none were kept.
    """
    start = kept_bars(experiment.config, group, n_bars)
    if n_bars - start < 2:
        raise ValueError(
            "the sweep kept no bars unseen; sweep with holdout=0.2, or a date as in "
            "holdout=2023-01-01"
        )
    return start, n_bars


def refuse_seen(root: Root, group: Group, first: pd.Timestamp) -> None:
    """Refuse a holdout that some sweep in the store has read.

    Args:
        root: of the store.
        group: whose bars.
        first: time of the holdout's first bar.

    Raises:
        ValueError: an experiment on the same symbol of the same source had a later bar.
    """
    for one in records.every(root):
        for other in one.groups:
            lasts = [window["last"] for window in other["windows"] if "last" in window]
            seen = max(map(pd.Timestamp, lasts), default=None)
            if (
                _bars(other) == _bars(group)
                and seen is not None
                and seen >= first.tz_localize(None)
            ):
                raise ValueError(f"{one.id} has swept bars up to {seen:%Y-%m-%d}: none are unseen")


def recorded(log: HoldoutLog, group: Group, run: Mapping[str, Any]) -> tuple[HoldoutUse, ...]:
    """Put a look on record; every look at the symbol's holdout so far, this one the last."""
    symbol, fingerprint = group["symbol"], group["fingerprint"]
    log.use_holdout(
        HoldoutUse(
            symbol=symbol,
            fingerprint=fingerprint,
            experiment=run["experiment_id"],
            config_hash=run["config_hash"],
            purpose="gate",
        )
    )
    return tuple(log.holdout_uses(symbol, fingerprint))


def _bars(group: Group) -> tuple[Any, ...]:
    """Identity of the bars of one symbol."""
    data = group.get("data", {})
    return group["symbol"], data.get("source"), data.get("path")
