"""Tables that fit the terminal: no id and no number is ever cut.

Where the columns do not fit, headings of numbers are broken first, then those columns are left out
that a reader needs least, then text is broken; in the end every row becomes a list of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

BETWEEN = 2
"""Columns of the terminal between two columns of a table."""

FLOORS = (24, 13, 8)
"""Characters of a word from which on it may be broken; the first that fits counts."""

NUMBER = re.compile(r"(\S*=)?([-+]?\d[\d.,]*(?:e[-+]?\d+)?)")
"""A word that is not broken in a text either: a number, or a name with one, at most after the =."""

Kind = Literal["text", "id", "number"]
Cell = str | Text


@dataclass(frozen=True)
class Column:
    """A column of a fitted table.

    Attributes:
        heading: above it.
        kind: text may be broken between words, ids and numbers may not; numbers are set right.
        need: 0 of a column that is always shown; of others the highest is left out first.
    """

    heading: str
    kind: Kind = "text"
    need: int = 0


@dataclass
class FittedTable:
    """Rows under headings, laid out for the width at hand.

    Attributes:
        columns: in their order.
        title: above them, on lines of its own.
        rows: a cell for each column.
        ends: places of rows below which a line is drawn.
        header: whether the headings are shown.
    """

    columns: Sequence[Column]
    title: str = ""
    rows: list[list[Text]] = field(default_factory=list)
    ends: set[int] = field(default_factory=set)
    header: bool = True

    def add_row(self, *cells: Cell, end_section: bool = False) -> None:
        """Add a row, with a line below it at the end of a section."""
        self.rows.append([cell if isinstance(cell, Text) else Text(cell) for cell in cells])
        if end_section:
            self.add_section()

    def add_section(self) -> None:
        """Draw a line below the last row."""
        self.ends.add(len(self.rows) - 1)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay out for the width at hand."""
        if self.title:
            yield Text(self.title, "italic")
        shown = self._fitting(options.max_width)
        if shown is None:
            yield from self._records(options.max_width)
            return
        table = Table(
            box=SIMPLE_HEAD if self.header else None,
            show_header=self.header,
            show_edge=False,
            pad_edge=False,
            collapse_padding=True,
            padding=(0, 1) if self.header else (0, BETWEEN),
        )
        for place, width in shown.items():
            column = self.columns[place]
            table.add_column(
                Text(_broken(column.heading, width)),
                justify="right" if column.kind == "number" else "left",
                overflow="fold",
                width=width,
            )
        for number, row in enumerate(self.rows):
            last = number == len(self.rows) - 1
            cells = [_breakable(row[place], width) for place, width in shown.items()]
            table.add_row(*cells, end_section=number in self.ends and not last)
        yield table

    def _fitting(self, width: int) -> dict[int, int] | None:
        """The places of the columns to show, and the width of each; None when they do not fit."""
        places = list(range(len(self.columns)))
        for floor in FLOORS:
            least = {place: self._least(place, floor) for place in range(len(self.columns))}
            while _total([least[place] for place in places]) > width:
                needs = [self.columns[place].need for place in places]
                if not any(needs):
                    break
                # Of equals the one further right goes first.
                places.pop(len(needs) - 1 - needs[::-1].index(max(needs)))
            else:
                return self._shared(places, least, width)
        return None

    def _shared(
        self, places: Sequence[int], least: Mapping[int, int], width: int
    ) -> dict[int, int]:
        """The widths of columns that fit: as wide as their cells, then narrowed where necessary."""
        widths = {place: min(self._natural(place), width) for place in places}
        texts = [place for place in places if self.columns[place].kind == "text"]
        for narrowed in ([place for place in places if place not in texts], texts):
            while _total(list(widths.values())) > width:
                wider = [place for place in narrowed if widths[place] > least[place]]
                if not wider:
                    break
                widths[max(wider, key=widths.__getitem__)] -= 1
        return widths

    def _natural(self, place: int) -> int:
        heading = _longest(self.columns[place].heading.split("\n")) if self.header else 0
        return max([heading, 1, *(_longest(row[place].plain.split("\n")) for row in self.rows)])

    def _least(self, place: int, floor: int) -> int:
        """The width down to which a column may be narrowed."""
        column = self.columns[place]
        heading = min(_longest(_words(column.heading)), floor) if self.header else 0
        cells = [row[place].plain for row in self.rows]
        if column.kind == "text":
            words = [word for text in cells for word in text.split()]
            numbers = [match for word in words if (match := NUMBER.fullmatch(word))]
            whole = [match[0 if floor == FLOORS[0] else 2] for match in numbers]
            return max(heading, min(_longest(words), floor), _longest(whole), 1)
        return max(heading, _longest(cells), 1)

    def _records(self, width: int) -> RenderResult:
        """Every row as a list of headings and cells."""
        for number, row in enumerate(self.rows):
            if number:
                yield Text()
            names = [column.heading for column in self.columns]
            yield from _listed(list(zip(names, row, strict=True)), width)


def _longest(texts: Sequence[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _words(heading: str) -> list[str]:
    """The words of a heading, each with its unit."""
    return [word.replace("\0", " ") for word in heading.replace(" %", "\0%").split()]


def _broken(heading: str, width: int) -> str:
    """A heading on as many lines as its column needs."""
    lines: list[str] = []
    for part in heading.split("\n"):
        lines.append("")
        for word in _words(part):
            longer = f"{lines[-1]} {word}".strip()
            if cell_len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
    return "\n".join(filter(None, lines))


def _breakable(cell: Text, width: int) -> Text:
    """A cell in which a name with a number, too long for its column, can be broken between them."""
    words = [match for word in cell.plain.split() if (match := NUMBER.fullmatch(word))]
    if all(cell_len(match[0]) <= width for match in words):
        return cell
    text = cell.plain
    for match in words:
        if cell_len(match[0]) > width and match[1]:
            text = text.replace(match[0], f"{match[1]} {match[2]}")
    return Text(text, cell.style)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + BETWEEN * (len(widths) - 1)


def _listed(pairs: Sequence[tuple[str, Cell]], width: int) -> RenderResult:
    """Names and what they stand for; a name gets half of the width at most.

    A text with a word that the rest of the width cannot hold stands below its name.
    """
    names = min(max([1, *(cell_len(name) for name, _ in pairs)]), width // 2 - 1)
    for name, cell in pairs:
        text = cell if isinstance(cell, Text) else Text(cell)
        if _longest(text.plain.split()) > width - names - BETWEEN:
            yield Text(name, "dim")
            yield Padding(text, (0, 0, 0, BETWEEN))
            continue
        line = Table.grid(padding=(0, BETWEEN))
        line.add_column(style="dim", width=names, overflow="fold")
        line.add_column(overflow="fold")
        line.add_row(Text(name), text)
        yield line


@dataclass(frozen=True)
class Facts:
    """A name and a text per line.

    Attributes:
        pairs: text by name.
        title: above them.
    """

    pairs: Mapping[str, Cell]
    title: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay out for the width at hand."""
        if self.title:
            yield Text(self.title, "italic")
        yield from _listed(list(self.pairs.items()), options.max_width)


def numbers(*headings: str) -> list[Column]:
    """Columns of numbers."""
    return [Column(heading, "number") for heading in headings]


def texts(*headings: str) -> list[Column]:
    """Columns of text."""
    return [Column(heading) for heading in headings]
