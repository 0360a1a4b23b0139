"""The newest bars, which no sweep has read: looked at once, and every look is on record."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from store import experiment as records
from store.experiment import Experiment
from store.layout import development_bars
from store.registry import HoldoutUse
from store.replay import Group


class HoldoutLog(Protocol):
    """Where looks at holdouts are recorded; `store.registry.Registry` is one."""

    def use_holdout(self, use: HoldoutUse) -> int:
        """Record a look before it is taken."""

    def holdout_uses(self, symbol: str, fingerprint: str) -> list[HoldoutUse]:
        """Every look at a symbol's holdout, oldest first."""


def holdout_span(experiment: Experiment, group: Group, n_bars: int) -> tuple[int, int]:
    """Bars [start, stop) that the sweep kept unseen.

    Args:
        experiment: of the sweep.
        group: whose bars.
        n_bars: all of its bars.

    Raises:
        ValueError: none were kept.
    """
    own = dict(one.partition("=")[::2] for one in group["overrides"])
    fraction = float(own.get("holdout", experiment.config["holdout"]))
    start = development_bars(n_bars, fraction)
    if n_bars - start < 2:
        raise ValueError("the sweep kept no bars unseen; sweep with holdout=0.2")
    return start, n_bars


def refuse_seen(root: Path, group: Group, first: str) -> None:
    """Refuse a holdout that some sweep in the store has read.

    Args:
        root: of the store.
        group: whose bars.
        first: time of the holdout's first bar, as records have it.

    Raises:
        ValueError: an experiment on the same symbol of the same source had a later bar.
    """
    for one in records.every(root):
        for other in one.groups:
            lasts = [window.get("last", "") for window in other["windows"]]
            if _source(other) == _source(group) and max(lasts) >= first:
                raise ValueError(f"{one.id} has swept bars up to {max(lasts)[:10]}: none are unseen")


def _source(group: Group) -> tuple[Any, ...]:
    data = group.get("data", {})
    return group["symbol"], data.get("source"), data.get("path")


def use_of(group: Group, run: Mapping[str, Any]) -> HoldoutUse:
    """The look at a group's holdout that judging a run takes."""
    return HoldoutUse(
        symbol=group["symbol"],
        fingerprint=group["fingerprint"],
        experiment=run["experiment_id"],
        config_hash=run["config_hash"],
        purpose="gate",
    )
