"""The overrides of a sweep asked for over HTTP: only keys that neither run code nor reach files."""

import re
from collections.abc import Sequence

from serve.problems import Problem

MOST_WORDS = 100
MOST_CHARACTERS = 2_000
HEADS = (
    "strategy", "params", "data", "split", "search", "risk", "costs", "portfolio", "fill",
    "initial_capital", "holdout", "name", "description", "hypothesis", "tags", "force", "executor",
    "+experiment",
)  # fmt: skip
"""First parts of the keys that may be set."""
REFUSED = ("strategy.module", "data.path", "data.bars", "search.path", "search.file", "search.base")
"""Keys among them that name a file, a module to import, or another server."""
_KEY = re.compile(r"(\+?[a-z_]+)((?:\.[A-Za-z0-9_]+)*)")


def checked(words: Sequence[str]) -> list[str]:
    """Overrides as `python -m sweeper -m` takes them, each allowed.

    Raises:
        Problem: one that is not.
    """
    if not words:
        raise Problem(422, "overrides: name a strategy, such as strategy=sma")
    for word in words:
        _check(word)
    return list(words)


def _check(word: str) -> None:
    key, equals, value = word.partition("=")
    matched = _KEY.fullmatch(key)
    if not equals or matched is None or matched[1] not in HEADS or len(word) > MOST_CHARACTERS:
        raise Problem(422, f"{word[:80]!r}: is no override that may be set over HTTP; write "
                      f"key=value with a key of {', '.join(HEADS)}")  # fmt: skip
    if any(key == refused or key.startswith(refused + ".") for refused in REFUSED):
        raise Problem(422, f"{key}: names a file or a module, which only the command line may")
    if key == "strategy" and not re.fullmatch(r"[a-z0-9_]+(,[a-z0-9_]+)*", value):
        raise Problem(422, f"strategy={value[:60]!r}: only names; GET /strategies has them")
    if key == "strategy" and "custom" in value.split(","):
        raise Problem(422, "strategy=custom: imports a module, which only the command line may")
    if key == "+experiment" and not re.fullmatch(r"[a-z0-9_-]+", value):
        raise Problem(422, f"{key}: must be the name of a file of conf/experiment")
    if "${" in value or "\n" in value:
        raise Problem(422, f"{key}: has ${{ or a new line in it; write the value itself")
