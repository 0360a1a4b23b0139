"""One thing that is wrong with a table, in words that follow its name.

A file is read to its end before it is refused, so that all that is wrong with it is said at once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from store.errors import BadBars

Result = TypeVar("Result")
SAID = 5
"""Faults of a file that are spelt out."""


class Trouble(Exception):
    """A fault, and the option or change that mends it."""


@dataclass
class Troubles:
    """The faults of one table, in the order in which they were met."""

    faults: list[str] = field(default_factory=list)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Note a Trouble of the block instead of raising it."""
        try:
            yield
        except Trouble as fault:
            self.faults.append(str(fault))

    def attempt(self, step: Callable[[], Result], otherwise: Result) -> Result:
        """Result of a step; after a Trouble, which is noted, the value in its place."""
        try:
            return step()
        except Trouble as fault:
            self.faults.append(str(fault))
            return otherwise

    def check(self, what: str) -> None:
        """BadBars with all the faults on one line, if there are any."""
        if self.faults:
            more = len(self.faults) - SAID
            text = " ".join(". Also: ".join(self.faults[:SAID]).split())
            raise BadBars(f"{what}: {text}{f'. And {more} more faults' if more > 0 else ''}")


@contextmanager
def refused(what: str) -> Iterator[None]:
    """A Trouble of the block as BadBars of the table `what`."""
    try:
        yield
    except Trouble as fault:
        raise BadBars(f"{what}: {' '.join(str(fault).split())}") from fault


Note = Callable[[str], None]
"""Takes a line about what was done to a table on the way."""


def unheard(note: str) -> None:
    """Take a note that has no reader: tables in memory, whose maker knows them."""
