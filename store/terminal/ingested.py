"""Terminal page of an ingest."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from store.data.bar_store import Record
from store.data.calendars.times import time_text
from store.data.features.feature_store import KeptFeature
from store.data.ingest import Ingested
from store.terminal.fitted_table import Column, FittedTable, numbers, texts

SHOWN = 10
"""Gaps of a symbol that are listed."""
MANY = 12
"""Series of one ingest up to which the page tells all of each."""
FIRST = 10
"""Series that the page lists of more."""
FEW = 3
"""Series that a line about some of many names."""
DATE = len("2020-01-31")


def ingested_page(done: Sequence[Ingested]) -> RenderableType:
    """Rows, quality, gaps and fingerprint of each symbol; of many symbols a short table."""
    table = FittedTable(
        [
            Column("bars", "id"),
            Column("", "id"),
            Column("rows", "number"),
            Column("first", "id"),
            Column("last", "id"),
            *numbers("quality", "missing"),
        ]
    )
    for ingested in done if len(done) <= MANY else done[:FIRST]:
        record = ingested.record
        table.add_row(
            record.name,
            ingested.state if ingested.state != "extended" else f"+{ingested.added:,}",
            f"{record.rows:,}",
            record.first[:DATE],
            record.last[:DATE],
            f"{ingested.quality.score:.4f}",
            f"{ingested.quality.gaps:,}",
        )
    if len(done) > MANY:
        return Group(table, *map(Text, _of_many(done)))
    lines = [Text(line) for ingested in done for line in _lines(ingested)]
    gaps = [_gap_table(ingested) for ingested in done if ingested.gaps]
    return Group(table, *lines, *gaps)


def _of_many(done: Sequence[Ingested]) -> list[str]:
    """The rest of many series, and what is amiss with some: a line of each kind, with names."""
    rows = sum(ingested.record.rows for ingested in done)
    kinds = {
        "have gaps": [ingested for ingested in done if ingested.gaps],
        "have bars that were clamped": [ingested for ingested in done if ingested.quality.repaired],
        "have bars outside the hours of their calendar": [o for o in done if o.quality.outside],
        "have bars without volume": [ingested for ingested in done if ingested.quality.zero_volume],
    }
    lines = [f"and {len(done) - FIRST:,} more: {len(done):,} series, {rows:,} bars"]
    lines += [f"{len(some):,} {kind}: {_names(some)}" for kind, some in kinds.items() if some]
    notes: dict[str, list[Ingested]] = {}
    for ingested in done:
        for note in ingested.notes:
            notes.setdefault(_without_name(ingested, note), []).append(ingested)
    lines += [f"{_names(some)}: {note}" for note, some in notes.items()]
    return [*lines, "`python -m store ingest list` shows all; --json has gaps and fingerprints"]


def _without_name(ingested: Ingested, note: str) -> str:
    """A note without the file or symbol that it begins with, so that equal ones are seen."""
    before, colon, rest = note.partition(": ")
    return rest if colon and str(ingested.record.about["symbol"]) in before else note


def _names(some: Sequence[Ingested]) -> str:
    """The first few by name, and how many more."""
    shown = ", ".join(ingested.record.name for ingested in some[:FEW])
    return shown + (f" and {len(some) - FEW:,} more" if len(some) > FEW else "")


def feature_page(done: KeptFeature) -> RenderableType:
    """Page of a stored feature."""
    record = done.record
    table = FittedTable(
        [
            Column("feature", "id"),
            Column("", "id"),
            Column("rule"),
            *numbers("values", "new"),
            *texts("first", "last"),
        ]
    )
    table.add_row(
        record.name,
        done.state,
        record.about["rule"],
        f"{record.rows:,}",
        f"{done.added:,}",
        record.first,
        record.last,
    )
    prints = f"{record.name}: fingerprint {record.fingerprint}"
    return Group(table, *map(Text, done.notes), Text(prints))


def kept_page(bars: Sequence[Record], features: Sequence[Record]) -> RenderableType:
    """All that is kept."""
    table = FittedTable(
        [
            Column("data", "id"),
            Column("kind"),
            Column("rows", "number"),
            Column("first", "id"),
            Column("last", "id"),
            Column("from"),
        ]
    )
    for record in (*bars, *features):
        kind = str(record.about.get("rule") or record.about["calendar"])
        table.add_row(
            record.name,
            kind,
            f"{record.rows:,}",
            record.first[:DATE],
            record.last[:DATE],
            str(record.about["origin"]["source"]),
        )
    return table


def _lines(ingested: Ingested) -> list[str]:
    """The fingerprint, notes, and what is amiss next to gaps."""
    quality, name = ingested.quality, ingested.record.name
    lines = [f"{name}: fingerprint {ingested.record.fingerprint}"]
    lines += [f"{name}: {note}" for note in ingested.notes]
    lines += [f"{name}: {repair}" for repair in quality.repairs]
    if quality.repaired > len(quality.repairs):
        lines.append(f"{name}: and {quality.repaired - len(quality.repairs):,} more were clamped")
    if quality.outside:
        lines.append(f"{name}: {quality.outside:,} bars outside the hours of {quality.calendar}")
    if quality.zero_volume:
        lines.append(f"{name}: {quality.zero_volume:,} bars without volume")
    return lines


def _gap_table(ingested: Ingested) -> FittedTable:
    """The longest gaps, longest first."""
    longest = sorted(ingested.gaps, key=lambda gap: -gap.bars)[:SHOWN]
    more = f", the longest {SHOWN}" if len(ingested.gaps) > SHOWN else ""
    against = f"gaps against {ingested.quality.calendar}{more}"
    title = f"{ingested.record.name}: {len(ingested.gaps):,} {against}"
    table = FittedTable([*texts("from", "to"), *numbers("bars missing")], title)
    for gap in longest:
        table.add_row(time_text(gap.first), time_text(gap.last), f"{gap.bars:,}")
    return table
