"""An entry of the ledger: the body that its file holds, and what is read of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from store.errors import DamagedFile
from store.files.hash_chain import Link
from store.files.typed_json import JsonRecord, later, unknown_fields
from store.ledger.tried_keys import Subject

_KEYS_FILE = re.compile(r"[0-9a-f]{64}\.keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBars(JsonRecord):
    """Bars that a sweep has read, as an entry names them.

    Attributes:
        fingerprint: of the frame.
        timeframe: such as `1d`.
        outline: digest of their outline, see `store.ledger.outlines`; empty where there is none.
        others: fields of later versions.
    """

    fingerprint: str
    timeframe: str
    outline: str
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(JsonRecord):
    """A look at a holdout, on record before it was taken.

    Attributes:
        symbol: of the bars.
        fingerprint: of the frame.
        experiment: of the configuration that was judged.
        config_hash: of it, 64 hex digits.
        first: time of the first bar that was looked at, ISO 8601.
        last: time of the last such bar, ISO 8601.
        others: fields of later versions.
    """

    symbol: str
    fingerprint: str
    experiment: str
    config_hash: str
    first: str
    last: str
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRecord(JsonRecord):
    """Configurations that an entry counts for one subject.

    Attributes:
        symbol: of the subject; `fingerprint` of its bars, `strategy` by name.
        new: that were never tried before.
        keys: name of the file that holds their keys.
        others: fields of later versions.
    """

    symbol: str
    fingerprint: str
    strategy: str
    new: int
    keys: str
    others: Mapping[str, object] = unknown_fields()

    @property
    def subject(self) -> Subject:
        """The subject."""
        return Subject(self.symbol, self.fingerprint, self.strategy)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBody(JsonRecord):
    """Body of an entry in its file.

    Attributes:
        time: when it was counted, ISO 8601, UTC.
        host: where.
        experiment: its id.
        tried: counted configurations; empty where the entry counts nothing.
        record: digest of the experiment's record as it ended; empty where it goes on; None where
            the entry says nothing of it, as in those of earlier versions.
        look: at a holdout; None: the entry is none.
        bars: that the experiment read; None in entries of earlier versions.
        others: fields of later versions.
    """

    time: str
    host: str
    experiment: str
    tried: tuple[CountedRecord, ...]
    record: str | None = later(None)
    look: Look | None = later(None)  # noqa: RUF009 -- a field, not a value
    bars: tuple[KnownBars, ...] | None = later(None)
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True)
class Entry:
    """Additions of one experiment to the ledger.

    Attributes:
        number: of the entry, from 1 on.
        time: when it was counted, ISO 8601, UTC.
        host: where.
        experiment: its id; it may be deleted by now.
        new: configurations that were never tried before, by subject; each at least 1.
        files: names of the files that hold their keys, by subject.
        digest: of the entry and of all before it, 64 hex digits.
        bars: that the experiment read; empty in entries of earlier versions.
        record: digest of the experiment's record as it ended, which holds those of its files; empty
            where it had not ended, and in entries of earlier versions.
        look: at a holdout; None: the entry counts configurations.
    """

    number: int
    time: str
    host: str
    experiment: str
    new: Mapping[Subject, int]
    files: Mapping[Subject, str]
    digest: str
    bars: tuple[KnownBars, ...] = ()
    record: str = ""
    look: Look | None = None


def entry_of(link: Link) -> Entry:
    """An entry as the chain holds it.

    Raises:
        DamagedFile: it has another form.
    """
    try:
        body = EntryBody.from_json(link.body)
    except ValueError as error:
        raise DamagedFile(f"ledger entry {link.number}: is none of a ledger ({error})") from error
    entry = Entry(
        number=link.number,
        time=body.time,
        host=body.host,
        experiment=body.experiment,
        new={counted.subject: counted.new for counted in body.tried},
        files={counted.subject: counted.keys for counted in body.tried},
        digest=link.digest,
        bars=body.bars or (),
        record=body.record or "",
        look=body.look,
    )
    if not all(map(_KEYS_FILE.fullmatch, entry.files.values())):
        raise DamagedFile(f"ledger entry {link.number}: names a file that is not its own")
    return entry
