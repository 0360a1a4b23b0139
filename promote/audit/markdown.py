"""Markdown that says what it is given: nothing of a user's text becomes markup."""

import re
from collections.abc import Sequence


def plain(text: str) -> str:
    """Text with every character that Markdown or HTML would read as markup escaped."""
    return re.sub(r"([\\`*_\[\]<|~])", r"\\\1", " ".join(text.split()))


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the cells are escaped here."""
    lines = [head, ["---"] * len(head), *([plain(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
