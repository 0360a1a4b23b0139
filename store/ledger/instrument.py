"""Which of all bars that were ever swept are those of one instrument, by time and price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from store.data.outline import Outline, same_bars
from store.errors import DamagedFile
from store.files.backend import Root
from store.ledger import ledger, outlines
from store.ledger.ledger import Entry, KnownBars, Look
from store.runs import key_set
from store.runs.key_set import Keys


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars of one symbol, as they are compared.

    Attributes:
        symbol: as a config names it.
        fingerprint: of the frame.
        timeframe: `1d`; empty where it is not known.
        outline: None where it is not known: then only the fingerprint and the symbol tell.
    """

    symbol: str
    fingerprint: str
    timeframe: str
    outline: Outline | None

    def same(self, other: "Bars") -> bool:
        """True when they are the same bars, whatever their path, start, spelling or timeframe.

        Where an outline is missing, bars of one symbol count as the same: rather one try too many
        than one forgotten.
        """
        if self.fingerprint == other.fingerprint:
            return True
        if self.outline is None or other.outline is None:
            return self.symbol == other.symbol
        return same_bars(self.outline, other.outline)


@dataclass(frozen=True, eq=False)
class Book:
    """The ledger as it was read once.

    Attributes:
        root: of the store.
        entries: all of them, oldest first.
    """

    root: Root
    entries: tuple[Entry, ...]
    _outlines: dict[str, Outline | None] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Root) -> "Book":
        """Read the ledger.

        Raises:
            DamagedFile: an entry is missing or was changed.
        """
        return cls(root, tuple(ledger.entries(root)))

    def bars(self, symbol: str, fingerprint: str, timeframe: str = "") -> Bars:
        """Bars as far as the ledger knows them.

        Raises:
            DamagedFile: their outline is not the one that the ledger holds the digest of.
        """
        entry = self._known.get(fingerprint)
        if entry is not None:
            timeframe = timeframe or entry.timeframe
        return Bars(symbol, fingerprint, timeframe, self._outline(fingerprint, entry))

    def tried(self, asked: Iterable[Bars]) -> int:
        """Configurations that were tried on some bars, by any strategy, whatever became of them.

        A configuration counts once on each instrument and timeframe.
        """
        return sum(self._tried_on(bars) for bars in distinct(asked))

    def looks(self, asked: Bars) -> list[Look]:
        """Looks at holdouts of the same bars, oldest first."""
        looks = [entry.look for entry in self.entries if entry.look is not None]
        return [look for look in looks if asked.same(self.bars(look.symbol, look.fingerprint))]

    def _tried_on(self, asked: Bars) -> int:
        by_experiment: dict[str, list[Keys]] = {}
        for subject in ledger.subjects(self.entries):
            other = self.bars(subject.symbol, subject.fingerprint)
            if asked.same(other):
                counted = ledger.counted(self.root, self.entries, [subject])[subject]
                by_experiment.setdefault(other.timeframe, []).append(counted)
        return sum(key_set.union(parts).size for parts in by_experiment.values())

    @cached_property
    def _known(self) -> Mapping[str, KnownBars]:
        return {bars.fingerprint: bars for entry in self.entries for bars in entry.bars}

    def _outline(self, fingerprint: str, known: KnownBars | None) -> Outline | None:
        if fingerprint not in self._outlines:
            kept = outlines.find(self.root, fingerprint)
            stated = known.outline if known is not None else ""
            if stated and (kept is None or kept[1] != stated):
                raise DamagedFile(
                    f"ledger: the outline of bars {fingerprint[:12]} is not the one that was "
                    "counted; restore ledger/bars from a copy"
                )
            self._outlines[fingerprint] = kept[0] if kept is not None else None
        return self._outlines[fingerprint]


def distinct(asked: Iterable[Bars]) -> list[Bars]:
    """Some bars without those that are the same as earlier ones, of whatever timeframe."""
    different: list[Bars] = []
    for bars in asked:
        if not any(bars.same(other) for other in different):
            different.append(bars)
    return different
