r"""Foreign text: what may be written into a store, and how anything else is shown.

Escape sequences of a terminal, control characters and marks that turn the direction of writing
could make a screen show something else than what is stored. None is taken in; where an older record
or a file holds one, it is shown as an escape such as \u001b.
"""

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from store.errors import BadName

BREAKS = "\n\t"
"""What a text of several lines may hold besides printable characters."""


def shown(text: str, keep: str = BREAKS) -> str:
    """A text with every character that cannot be printed as its escape, as JSON writes it."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in keep else _escape(character)
        for character in text
    )


def _escape(character: str) -> str:
    number = ord(character)
    if number < 0x10000:
        return f"\\u{number:04x}"
    return f"\\u{0xD800 + ((number - 0x10000) >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"


def check_printable(text: str, what: str, keep: str = "") -> str:
    """Return a text that a terminal can show as it is, or raise BadName.

    Args:
        text: of any length.
        what: begins the message.
        keep: other characters that it may hold.
    """
    bad = next(
        (character for character in text if not (character.isprintable() or character in keep)),
        None,
    )
    if bad is not None:
        raise BadName(f"{what}: holds the character {bad!r}, which cannot be printed; drop it")
    return text


def strings(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, keys too, with the dotted path of where it is."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield where, str(name)
            yield from strings(item, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item, where)


class Screen(Console):
    """A console on which nothing stored can do more than be read."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of a renderable; those with text of what cannot be printed are escaped."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable() or segment.text == "\n":
                yield segment
            else:
                yield Segment(shown(segment.text), segment.style)
