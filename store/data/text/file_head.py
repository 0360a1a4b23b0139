"""A file's first lines, and what a dialect says about reading the whole of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """The first lines of a text, cut into cells.

    Attributes:
        above: lines above the header, or above the data where there is none.
        names: of the columns, as the header has them, in lower case and without blanks round them;
            empty without a header.
        rows: cells of the lines below, without blanks round them.
        separator: between cells.
        title: the header as it stands in the file; empty without one.
    """

    above: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    separator: str
    title: str = ""

    @property
    def first(self) -> tuple[str, ...]:
        """Cells of the first row of data."""
        return self.rows[0] if self.rows else ()

    @property
    def width(self) -> int:
        """Columns of the header, or of the first row."""
        return len(self.names or self.first)

    def column(self, place: int) -> list[str]:
        """The cells of a column, of the rows that reach so far."""
        return [row[place] for row in self.rows if len(row) > place]


@dataclass(frozen=True)
class Reading:
    """Instructions for reading a dialect; what it leaves open is detected from the content.

    Attributes:
        dialect: its name, as people know it.
        columns: role (time, date, open, high, low, close, volume, adj_close, symbol) to the name
            of the column; roles that are left out are found by their usual names.
        names: of all columns, for a file without a header, or instead of the header's.
        wide: for each symbol its own columns by role, where a row has the bars of all symbols.
        below: lines of titles below the header that are no data.
        date_format: as strptime knows them.
        timezone: of its times.
        features: other columns of numbers become features; otherwise they are left out.
        notes: what the user should know about this vendor's files.
    """

    dialect: str
    columns: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    wide: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    below: int = 0
    date_format: str | None = None
    timezone: str | None = None
    features: bool = False
    notes: tuple[str, ...] = ()
