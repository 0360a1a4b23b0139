"""Configurations that were tried on an experiment's bars, once the ledger is known to be whole."""

from dataclasses import dataclass

from store.errors import DamagedFile
from store.files.backend import Root
from store.ledger import verify
from store.ledger.instrument import Bars, Book, distinct
from store.ledger.tried_keys import tried_by
from store.records.experiment import Experiment
from store.records.group import GroupRecord


@dataclass(frozen=True, slots=True)
class Counted:
    """Two counts.

    Attributes:
        tried: configurations that any sweep has tried on the experiment's bars, on all its symbols
            and by any strategy.
        swept: of them the experiment itself.
    """

    tried: int
    swept: int


def count(root: Root, experiment: Experiment) -> Counted:
    """Count what was tried on the bars of an experiment.

    Raises:
        DamagedFile: the ledger is not what was written, or lacks what is in the store.
        ValueError: it lacks this experiment.
    """
    if faults := verify.verify(root):
        raise DamagedFile(f"the ledger counts nothing before this is mended: {faults[0]}")
    book = Book.of(root)
    own = tried_by(root, experiment.id)
    swept = sum(keys.size for keys in own.values())
    bars = distinct(bars_of(book, experiment, group) for group in experiment.groups)
    tried = book.tried(bars)
    if not swept or not tried:
        raise ValueError("the ledger lacks this experiment: see `store ledger --verify`")
    return Counted(max(tried, swept), swept)


def bars_of(book: Book, experiment: Experiment, group: GroupRecord) -> Bars:
    """The bars of a recorded group, as far as the ledger knows them."""
    symbol = group.symbol
    timeframe = str(experiment.data.get(symbol, {}).get("timeframe", ""))
    return book.bars(symbol, group.fingerprint, timeframe)
