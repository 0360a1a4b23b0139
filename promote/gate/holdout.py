"""The newest bars, which no sweep has read: looked at once, and every look is on record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from promote.statistics.sharpe_gap import Record
from store.ledger import ledger
from store.ledger.instrument import Bars, Book
from store.ledger.ledger import Look as LedgerLook
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.records.holdout import kept_bars
from store.records.run_row import RunRow
from store.registry import HoldoutUse, Registry


class HoldoutLog(Protocol):
    """Where looks at holdouts are recorded; `store.registry.Registry` is one."""

    def use_holdout(self, use: HoldoutUse) -> int:
        """Record a look before it is taken."""

    def holdout_uses(
        self, symbol: str | None = None, fingerprint: str | None = None
    ) -> list[HoldoutUse]:
        """Looks at the holdout of a symbol's data, oldest first; None stands for any."""


@dataclass(frozen=True, slots=True)
class Uses:
    """Looks at the same bars.

    Attributes:
        looks: how many, this one included.
        configurations: how many different ones have looked; one judged again tells nothing new.
        tests: of all other configurations that looked at any holdout of the store, oldest first,
            which were promoted.
    """

    looks: int
    configurations: int
    tests: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a holdout.

    Attributes:
        span: bars [start, stop) that were looked at.
        record: what the candidate does on them.
        uses: every look at the same bars so far, this one included.
        kin: what the candidate's kin does on them, held in equal parts.
        held: how many of the kin that are.
    """

    span: tuple[int, int]
    record: Record
    uses: Uses
    kin: Record
    held: int


def span_of(experiment: Experiment, group: GroupRecord, n_bars: int) -> tuple[int, int]:
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


def refuse_seen(book: Book, group: GroupRecord, first: pd.Timestamp) -> None:
    """Refuse a holdout that some sweep in the store has read.

    Args:
        book: the ledger of the store.
        group: whose bars.
        first: time of the holdout's first bar.

    Raises:
        ValueError: an experiment on the same bars, whatever it calls them, had a later one.
    """
    bars = _bars(book, group)
    for experiment in records.every(book.root):
        for other in experiment.groups:
            lasts = [window.last for window in other.windows if window.last]
            seen = max(map(pd.Timestamp, lasts), default=None)
            if seen is None or seen < first.tz_localize(None):
                continue
            if bars.same(_bars(book, other)):
                raise ValueError(
                    f"{experiment.id} has swept bars up to {seen:%Y-%m-%d}: none are unseen"
                )


def recorded(
    log: HoldoutLog, book: Book, group: GroupRecord, run: RunRow, span: tuple[str, str]
) -> Uses:
    """Put a look on record, in the ledger and in the log, before it is taken.

    Args:
        log: a registry; a log of another kind has no ledger behind it.
        book: the ledger as it was before.
        group: whose bars.
        run: that looks.
        span: times of the first and last bar that is looked at.

    Returns:
        Looks at the same bars so far, whatever their path, start or timeframe, this one included.
    """
    symbol, fingerprint = group.symbol, group.fingerprint
    look = LedgerLook(symbol, fingerprint, run["experiment_id"], run["config_hash"], *span)
    bars, chained = _bars(book, group), list[LedgerLook]()
    if isinstance(log, Registry):
        spans = ledger.bars_of(book.root, records.load(book.root, look.experiment))
        facts = {"look": look._asdict(), "bars": [entry._asdict() for entry in spans]}
        ledger.add(book.root, look.experiment, facts)
        chained = [*book.looks(bars), look]
    use = HoldoutUse(
        symbol=symbol,
        fingerprint=fingerprint,
        experiment=look.experiment,
        config_hash=look.config_hash,
        purpose="gate",
    )
    log.use_holdout(use)
    logged = [
        entry
        for entry in log.holdout_uses(None, None)
        if bars.same(book.bars(entry.symbol, entry.fingerprint))
    ]
    promoted = (
        [entry.config_hash for entry in log.promotions()] if isinstance(log, Registry) else []
    )
    hashes = dict.fromkeys(entry.config_hash for entry in log.holdout_uses(None, None))
    others = tuple(entry in promoted for entry in hashes if entry != look.config_hash)
    return replace(_counted(chained, logged, span), tests=others)


def _counted(
    chained: Sequence[LedgerLook], logged: Sequence[HoldoutUse], span: tuple[str, str]
) -> Uses:
    """Looks of the ledger at bars of a span, and those that only a registry knows.

    A registry does not say at which bars; looks of earlier versions are in it alone.
    """
    here = [use for use in chained if use.last >= span[0] and use.first <= span[1]]
    chained_looks = {(use.experiment, use.config_hash) for use in chained}
    older = [use for use in logged if (use.experiment, use.config_hash) not in chained_looks]
    hashes = {use.config_hash for use in here} | {use.config_hash for use in older}
    return Uses(len(here) + len(older), len(hashes))


def _bars(book: Book, group: GroupRecord) -> Bars:
    """The bars of a recorded group, as the ledger compares them."""
    return book.bars(group.symbol, group.fingerprint)
