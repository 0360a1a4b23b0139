"""Count of configurations ever tried: each once per symbol, data and strategy, for good.

The best of many is only as good as the many are known, whichever search proposed them and whatever
became of them. Whenever a sweep ends, the configurations that it has tried, failed and pruned ones
too, are compared with all that were counted before, and the new ones become one entry of a chain
(`store.files.hash_chain`). A sweep that was killed is counted at the start of the next one
(`store.ledger.recovery`). Nothing is ever
taken back: an experiment that is deleted stays counted.
"""

import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

import pyarrow as pa

from store.errors import DamagedFile
from store.files import backend, hash_chain
from store.files.arrow_types import Table
from store.files.backend import Root
from store.files.hash_chain import Link
from store.files.paths import ledger_folder, ledger_keys_folder
from store.ledger import outlines
from store.ledger.tried_keys import Subject, tried_by
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs import key_set
from store.runs.key_set import Keys

_FACTS = ("number", "time", "host", "experiment", "digest")
_NUMBERS = ("number", "new", "total")
_ROWS = pa.schema(
    [
        pa.field(name, pa.int64() if name in _NUMBERS else pa.string())
        for name in (*_FACTS, *Subject._fields, "new", "total")
    ]
)
_Facts = TypeVar("_Facts", "KnownBars", "Look")
_KEYS_FILE = re.compile(r"[0-9a-f]{64}\.keys")


class KnownBars(NamedTuple):
    """Bars that a sweep has read, as an entry names them.

    Attributes:
        fingerprint: of the frame.
        timeframe: such as `1d`.
        outline: digest of their outline, see `store.ledger.outlines`; empty where there is none.
    """

    fingerprint: str
    timeframe: str
    outline: str


class Look(NamedTuple):
    """A look at a holdout, on record before it was taken.

    Attributes:
        symbol: of the bars.
        fingerprint: of the frame.
        experiment: of the configuration that was judged.
        config_hash: of it, 64 hex digits.
        first: time of the first bar that was looked at, ISO 8601.
        last: time of the last such bar, ISO 8601.
    """

    symbol: str
    fingerprint: str
    experiment: str
    config_hash: str
    first: str
    last: str


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


def entries(root: Root) -> list[Entry]:
    """The whole ledger, oldest first; empty when nothing was counted yet.

    Raises:
        DamagedFile: an entry is missing or was changed.
    """
    return [entry_of(link) for link in hash_chain.read(ledger_folder(root))]


def count(root: Root, symbol: str, fingerprint: str, strategy: str) -> int:
    """Configurations of a strategy that were tried on a symbol's data."""
    return counts(root).get(Subject(symbol, fingerprint, strategy), 0)


def counts(root: Root) -> dict[Subject, int]:
    """Configurations tried, by subject, in the order in which each was first tried."""
    total: dict[Subject, int] = {}
    for entry in entries(root):
        for subject, new in entry.new.items():
            total[subject] = total.get(subject, 0) + new
    return total


def rows(
    root: Root, *, symbol: str | None = None, strategy: str | None = None
) -> list[dict[str, Any]]:
    """A dict per entry and subject: `new` configurations, and the `total` with them."""
    table_rows = []
    total: dict[Subject, int] = {}
    for entry in entries(root):
        for subject, new in entry.new.items():
            total[subject] = total.get(subject, 0) + new
            if symbol in (None, subject.symbol) and strategy in (None, subject.strategy):
                facts = {name: getattr(entry, name) for name in _FACTS}
                table_rows.append(subject._asdict() | facts | {"new": new, "total": total[subject]})
    return table_rows


def table(root: Root) -> Table:
    """All `rows` as a pa.Table."""
    made: Table = pa.Table.from_pylist(rows(root), schema=_ROWS)
    return made


def subjects(chained: Iterable[Entry]) -> list[Subject]:
    """Every subject of some entries once, in the order of their first entries."""
    return list(dict.fromkeys(subject for entry in chained for subject in entry.new))


def record(
    root: Root,
    experiment_id: str,
    tried: Mapping[Subject, Keys] | None = None,
    ended: Experiment | None = None,
) -> Entry | None:
    """Count what an experiment has committed and that is not counted yet.

    Several processes may record at once. Killed at any instant, it has counted all or nothing;
    recording again counts nothing twice.

    Args:
        root: of the store.
        experiment_id: of the experiment.
        tried: what it has tried; None reads it from its files.
        ended: its record as it ends, whose digest the entry holds; None: it goes on.

    Returns:
        The new entry; None when there was nothing new.

    Raises:
        DamagedFile: the ledger, or a file of the experiment, is not what was written.
    """
    tried = tried_by(root, experiment_id) if tried is None else tried
    folder = ledger_folder(root)
    stated = "" if ended is None else records.digest_of(ended)
    while True:
        links = hash_chain.read(folder)
        earlier = [entry_of(link) for link in links]
        before = counted(root, earlier, tried)
        fresh = {
            subject: new
            for subject, keys in tried.items()
            if (new := keys[~key_set.within(keys, before[subject])]).size
        }
        new_record = stated if stated != records_of(earlier).get(experiment_id, "") else ""
        if not fresh and not new_record:
            return None
        bars = bars_of(root, ended or records.load(root, experiment_id)) if fresh else []
        body = {
            **_body(root, experiment_id, fresh),
            "record": new_record,
            "bars": [span._asdict() for span in bars],
        }
        link = hash_chain.append(folder, links, body)
        if link is not None:
            return entry_of(link)


def add(root: Root, experiment_id: str, facts: Mapping[str, object]) -> Entry:
    """Append an entry that counts nothing: a look, or what earlier entries lack.

    Raises:
        DamagedFile: the ledger is not what was written.
    """
    folder = ledger_folder(root)
    body = {**_body(root, experiment_id, {}), **facts}
    while True:
        link = hash_chain.append(folder, hash_chain.read(folder), body)
        if link is not None:
            return entry_of(link)


def records_of(chained: Iterable[Entry]) -> dict[str, str]:
    """Digest of each experiment's record as it ended last, by id."""
    return {entry.experiment: entry.record for entry in chained if entry.record}


def bars_of(root: Root, experiment: Experiment) -> list[KnownBars]:
    """The bars of an experiment, each once, with the digests of the outlines that are kept."""
    by_symbol: dict[str, KnownBars] = {}
    for group in experiment.groups:
        fingerprint = group.fingerprint
        kept = outlines.find(root, fingerprint) if fingerprint else None
        timeframe = str(experiment.data.get(group.symbol, {}).get("timeframe", ""))
        by_symbol[fingerprint] = KnownBars(fingerprint, timeframe, kept[1] if kept else "")
    return [bars for bars in by_symbol.values() if bars.fingerprint]


def counted(
    root: Root, chained: Sequence[Entry], subjects: Iterable[Subject]
) -> dict[Subject, Keys]:
    """The keys of all that entries count, for each of some subjects.

    Raises:
        DamagedFile: a file of keys is missing or was changed.
    """
    return {
        subject: key_set.union(
            read_keys(root, entry, subject) for entry in chained if subject in entry.files
        )
        for subject in subjects
    }


def read_keys(root: Root, entry: Entry, subject: Subject) -> Keys:
    """The keys that one entry counts for a subject.

    Raises:
        DamagedFile: the file is missing, was changed, or holds another number of keys.
    """
    path = ledger_keys_folder(root) / entry.files[subject]
    keys = key_set.read(path, addressed=True)
    if keys.size != entry.new[subject]:
        raise DamagedFile(
            f"ledger entry {entry.number}: counts {entry.new[subject]:,} configurations, "
            f"{path.name} holds {keys.size:,}; restore the entry from a copy"
        )
    return keys


def entry_of(link: Link) -> Entry:
    """An entry as the chain holds it.

    Raises:
        DamagedFile: it has another form.
    """
    body = link.body
    try:
        tried = {
            Subject(*(str(part[name]) for name in Subject._fields)): part for part in body["tried"]
        }
        entry = Entry(
            number=link.number,
            time=str(body["time"]),
            host=str(body["host"]),
            experiment=str(body["experiment"]),
            new={subject: int(part["new"]) for subject, part in tried.items()},
            files={subject: str(part["keys"]) for subject, part in tried.items()},
            digest=link.digest,
            bars=tuple(_named(KnownBars, part) for part in body.get("bars", ())),
            record=str(body.get("record", "")),
            look=_named(Look, body["look"]) if body.get("look") else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFile(f"ledger entry {link.number}: is none of a ledger ({error!r})") from error
    if not all(map(_KEYS_FILE.fullmatch, entry.files.values())):
        raise DamagedFile(f"ledger entry {link.number}: names a file that is not its own")
    return entry


def _named(kind: type[_Facts], values: Mapping[str, object]) -> _Facts:
    return kind(*(str(values[name]) for name in kind._fields))


def _body(root: Root, experiment_id: str, fresh: Mapping[Subject, Keys]) -> dict[str, object]:
    """Content of an entry, once the keys that it counts are safe."""
    folder = ledger_keys_folder(root)
    backend.make_folder(folder)
    tried = []
    for subject, keys in sorted(fresh.items()):
        content = key_set.encode(keys)
        name = key_set.file_name(content)
        backend.put_if_absent(folder / name, content)
        tried.append({**subject._asdict(), "new": int(keys.size), "keys": name})
    return {
        "time": records.timestamp(datetime.now(UTC)),
        "host": platform.node(),
        "experiment": experiment_id,
        "tried": tried,
    }
