"""One driver per experiment where there are no locks: a lease that has to be renewed.

`driver.lease` says who drives. Its holder writes it again every few seconds, on the condition that
it still is what this holder wrote last. Who finds it older than LEASE_SECONDS, by the server's own
clock, takes it over on the same condition: of several, one succeeds.

A holder that was suspended for longer wakes up and can still write. That does no harm: a block is
put if absent, and the same from every writer; the record is replaced only while it is the one this
holder read, so the second writer gets an error, and stops.
"""

import os
import platform
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from store.errors import Driven, StoreUnavailable
from store.files.s3 import S3Path, Version

LEASE_SECONDS = 20.0
RENEW_SECONDS = 4.0
POLL_SECONDS = 0.5

_FREE = b"free\n"
_held: dict[S3Path, "_Lease"] = {}


@contextmanager
def holding(record: S3Path, wait: float) -> Iterator[None]:
    """Be the only process that replaces a record, which exists.

    Args:
        record: of an experiment.
        wait: seconds to wait for somebody who renews it. With any, one that is not renewed is
            waited for, too, until it is over: its holder may have been killed.

    Raises:
        Driven: somebody else holds the lease.
    """
    lease = _Lease(record.parent / "driver.lease")
    lease.acquire(wait)
    try:
        lease.known = record.version().etag
        _held[record] = lease
        yield
    finally:
        _held.pop(record, None)
        lease.release()


@contextmanager
def waiting(path: S3Path, wait: float) -> Iterator[None]:
    """Be the only process that holds a lease which guards no record, for a moment.

    Args:
        path: of the lease.
        wait: as for `holding`.

    Raises:
        Driven: somebody else holds it for longer.
    """
    lease = _Lease(path)
    lease.acquire(wait)
    try:
        yield
    finally:
        lease.release()


def replace(record: S3Path, content: bytes) -> None:
    """Replace a record; the holder of its lease does so only while no other process has.

    Raises:
        Driven: the lease ran out, and somebody else has taken over.
    """
    lease = _held.get(record)
    if lease is None:
        record.replace(content)
        return
    etag = None if lease.lost else record.replace_version(lease.known, content)
    if etag is None:
        raise Driven(
            f"{record}: this process was silent for more than {LEASE_SECONDS:.0f} s, and another "
            "one has taken the experiment over; what is committed is kept, and that one goes on"
        )
    lease.known = etag


class _Lease:
    """A lease of this process, renewed by a thread of its own.

    Attributes:
        lost: whether somebody else has taken it over.
        known: etag of the record, as this process has read or written it last.
    """

    def __init__(self, path: S3Path) -> None:
        self.lost = False
        self.known = ""
        self._path = path
        self._who = f"{platform.node()}, process {os.getpid()}; {secrets.token_hex(8)}"
        self._beats = 0
        self._etag = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def acquire(self, wait: float) -> None:
        """Take the lease and keep it."""
        end = time.monotonic() + wait
        first = None
        while not self._take(held := self._read()):
            if held is None or _is_over(held):
                continue  # somebody was faster: look who
            first = first or held.etag
            if not wait or (held.etag != first and time.monotonic() >= end):
                raise Driven(
                    f"{self._path.parent.name}: another process is running this very sweep "
                    f"({held.content.decode(errors='replace').partition(';')[0]}); wait until "
                    f"it has ended, or {LEASE_SECONDS:.0f} s if it was killed, or pass force=true "
                    "to run all of it a second time"
                )
            time.sleep(POLL_SECONDS)
        self._thread.start()

    def release(self) -> None:
        """Give the lease back, unless it is somebody else's by now."""
        self._over.set()
        self._thread.join()
        with suppress(StoreUnavailable):  # then it runs out by itself
            self._path.replace_version(self._etag, _FREE)

    def _take(self, held: Version | None) -> bool:
        etag = None
        if held is None:
            etag = self._path.put_if_absent(self._content())
        elif _is_over(held):
            etag = self._path.replace_version(held.etag, self._content())
        self._etag = etag or ""
        return etag is not None

    def _read(self) -> Version | None:
        try:
            return self._path.version()
        except FileNotFoundError:
            return None

    def _renew(self) -> None:
        while not self._over.wait(RENEW_SECONDS):
            with suppress(StoreUnavailable):  # the next time, then; it is ours until another's
                etag = self._path.replace_version(self._etag, self._content())
                if etag is None:
                    self.lost = True
                    return
                self._etag = etag

    def _content(self) -> bytes:
        """Never the same twice: an etag tells what is in an object, not when it was written."""
        self._beats += 1
        return f"{self._who} {self._beats}\n".encode()


def _is_over(held: Version) -> bool:
    return held.content == _FREE or held.age > LEASE_SECONDS
