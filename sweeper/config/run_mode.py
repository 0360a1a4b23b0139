"""Mode of a command, one backtest or a sweep, without composing the config for it.

Hydra composes every config twice, the first time for `hydra.mode` alone: 0.15 s of each command.
Only a file of the user's, an experiment or a word that sets Hydra's own keys can say a mode.
"""

import re
import sys
from collections.abc import Sequence

from hydra._internal.hydra import Hydra

PLAIN = re.compile(r"(?!hydra\b|experiment\b)[a-z_]+(\.[\w.]+)?=.*", re.DOTALL)
"""A word that sets a value, or chooses a file of one of our groups."""

OPTIONS = ("-c", "--config", "--experimental", "-cp", "-cn", "-cd")
"""Beginnings of options that name other files."""

_composed = Hydra.get_mode


def compose_once() -> None:
    """Have every Hydra of this process compose for the mode only where a file may say one."""
    Hydra.get_mode = _mode  # type: ignore[method-assign]


def _mode(self: Hydra, config_name: str | None, overrides: list[str]) -> object:
    if says_none(sys.argv[1:], overrides):
        return None
    return _composed(self, config_name, overrides)


def says_none(words: Sequence[str], overrides: Sequence[str]) -> bool:
    """True when no word of a command line can lead to a mode.

    Args:
        words: of the command line.
        overrides: those of them that are not options.
    """
    named = any(word.startswith(OPTIONS) for word in words)
    return not named and all(PLAIN.fullmatch(word) for word in overrides)
