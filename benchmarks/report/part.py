"""A table of a benchmark, for the terminal and for a page."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.table import Table


class Part(NamedTuple):
    """A table: what it is of, its headings, its rows."""

    about: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def markdown(self) -> list[str]:
        """The lines of the page."""
        table = [self.headings, ("---",) * len(self.headings), *self.rows]
        return [self.about, "", *(f"| {' | '.join(row)} |" for row in table)]

    def table(self) -> Table:
        """The same for a terminal."""
        table = Table(*self.headings, box=None, caption=self.about, caption_justify="left")
        for row in self.rows:
            table.add_row(*row)
        return table
