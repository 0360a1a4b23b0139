"""Lines for a terminal of any width: what is wrapped is set in below its first line."""

from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

INDENT = 4


class Paragraphs:
    """Lines, each a paragraph of its own; for rich's `Console.print`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Wrap at blanks; spaces at a line's beginning stay."""
        for line in self._lines:
            own = len(line) - len(line.lstrip())
            yield Text("\n".join(wrapped(line, options.max_width, own + INDENT)))


def wrapped(line: str, width: int, indent: int) -> list[str]:
    """A line as several of at most `width` characters, the later ones set in."""
    pieces = wrap(
        line,
        width,
        subsequent_indent=" " * indent,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return pieces or [""]


def counted(number: int, noun: str) -> str:
    """A number with its noun, `1 failure`, `2 failures`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def plain_zero(value: float, digits: int) -> float:
    """A number rounded to digits after the point, a rounded zero without its minus sign."""
    return round(value, digits) + 0.0
