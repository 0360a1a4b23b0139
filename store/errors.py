"""Errors of the store; every message is one line that says what to change.

    ValueError
    └── StoreError                  the user, or a file, has to change: exit code 2
        ├── BadBars                 bars that no backtest should read (file, row, reason)
        ├── FetchFailed             a vendor of data does not answer, or not with data
        ├── BadName                 a name or path that would not stay inside the store
        ├── UnknownReference        a REF that names nothing; the message lists near matches
        ├── AmbiguousReference      a hash prefix of several runs; the message lists them
        ├── DamagedFile             a file that is not what was written; never read as data
        ├── BlockConflict           a block number taken by other content: not deterministic
        ├── Driven                  an experiment that another process is running
        ├── StoreUnavailable        an object store that does not answer, or refuses
        ├── AlreadyThere            what would be written a second time: an import, an approval
        ├── BadQuery                SQL that fails, or that would do more than look
        ├── Stale                   an edit of something that has been edited since it was read
        └── RegistryUnavailable     the registry's database does not answer, or says no

They are ValueErrors because every one of them is answered by other input, and so that a caller may
catch bad input of the store and of the kernels in one place.
"""


class StoreError(ValueError):
    """Anything the store refuses."""


class BadBars(StoreError):
    """Bars that break a rule of `store.data.bars`: NaN, unsorted times, low > high, too few."""


class FetchFailed(StoreError):
    """A server that does not answer, or whose answer is not what was asked for."""


class BadName(StoreError):
    """A name outside `[a-z0-9][a-z0-9_-]{0,62}`, or a path that leads out of the store."""


class UnknownReference(StoreError):
    """A reference, metric or column that the store does not know."""


class AmbiguousReference(StoreError):
    """A config-hash prefix that several configurations share."""


class DamagedFile(StoreError):
    """A file whose bytes, checksum or form is not what the store wrote."""


class BlockConflict(StoreError):
    """The block's file exists with other content: the same work gave two results."""


class Driven(StoreError):
    """An experiment that another process is running at this moment."""


class StoreUnavailable(StoreError):
    """The object store cannot be reached, has no such bucket, or refuses."""


class AlreadyThere(StoreError):
    """An experiment, promotion or approval exists that may be written only once."""


class BadQuery(StoreError):
    """SQL that is wrong, or that does more than look."""


class Stale(StoreError):
    """An edit of something that somebody else has edited since it was read."""


class RegistryUnavailable(StoreError):
    """The database of the registry cannot be reached, is in use for too long, or refuses."""


class AlsoNamed(UserWarning):
    """A REF that names something is another experiment's name, too."""


def one_line(error: BaseException) -> str:
    """Error text of another library, on one line and of bounded length."""
    text = " ".join(str(error).split()).removesuffix(".")
    return shorten(text or type(error).__name__, 200)


def shorten(text: str, limit: int = 80) -> str:
    """At most `limit` characters of a text that a file may have made endless."""
    return text if len(text) <= limit else f"{text[:limit]}..."
