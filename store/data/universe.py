"""A universe: the bars of many symbols as one dataset, traded with one purse."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from store.data.bars import Quality
from store.data.dataset import Dataset, panel_of
from store.data.spec import ACCEPTED, SYMBOL, DataSpec
from store.errors import BadBars

LISTED = 3
"""Notes of single symbols that are shown."""


def universe_of(spec: DataSpec, members: Sequence[Dataset]) -> Dataset:
    """The datasets of some symbols as one, named after the universe.

    Its frame is the index of the members, equal parts of all that trade at a bar.

    Raises:
        ValueError: a name that is none.
        BadBars: a single symbol, or every symbol lives to the last bar and that is not accepted.
    """
    name = str(spec.universe)
    if not SYMBOL.fullmatch(name):
        raise ValueError(f"data.universe: {name!r} is no name; use letters, digits and . _ = ^ -")
    if len(members) < 2:
        raise BadBars(f"universe {name}: has 1 symbol; give data.symbols or a folder of several")
    panel = panel_of(members)
    ended = int((panel.last < panel.n_bars - 1).sum())
    if not ended and spec.survivorship != ACCEPTED:
        raise BadBars(
            f"universe {name}: all of its {len(members)} symbols live to the last bar, so it holds "
            "survivors only and its past looks better than it was; add symbols that ended, or set "
            f"data.survivorship={ACCEPTED}; the record of the experiment keeps it"
        )
    times = pd.DatetimeIndex(np.asarray(panel.times), tz="UTC")
    first = members[0]
    return replace(
        first,
        symbol=name,
        frame=pd.DataFrame({k: v.copy() for k, v in panel.columns.items()}, index=times),
        fingerprint=fingerprint_of(members),
        quality=quality_of(members),
        spec=replace(spec, options={**spec.options, **first.spec.options}),
        notes=notes_of(name, members, ended),
        members=tuple(members),
    )


def fingerprint_of(members: Sequence[Dataset]) -> str:
    """SHA-256, hex, of the members' names and fingerprints, whatever their order."""
    digest = hashlib.sha256(b"universe 1")
    for member in sorted(members, key=lambda member: member.symbol):
        digest.update(f"\0{member.symbol}\0{member.fingerprint}".encode())
    return digest.hexdigest()


def quality_of(members: Sequence[Dataset]) -> Quality:
    """Sums of what is counted, the lowest score, the first repairs."""
    qualities = [member.quality for member in members]
    repairs = [f"{m.symbol}: {line}" for m in members for line in m.quality.repairs]
    return Quality(
        score=min(quality.score for quality in qualities),
        gaps=sum(quality.gaps for quality in qualities),
        outside=sum(quality.outside for quality in qualities),
        zero_volume=sum(quality.zero_volume for quality in qualities),
        repaired=sum(quality.repaired for quality in qualities),
        repairs=tuple(repairs[:20]),
        calendar=qualities[0].calendar,
    )


def notes_of(name: str, members: Sequence[Dataset], ended: int) -> tuple[str, ...]:
    """A line on the universe, then the first notes of its members."""
    head = f"universe {name}: {len(members)} symbols, {ended} of them end before the last bar"
    own = [f"{member.symbol}: {note}" for member in members for note in member.notes]
    more = [f"and {len(own) - LISTED:,} more notes on its symbols"] if len(own) > LISTED else []
    return (head, *own[:LISTED], *more)
